/** What the tests of index entries share: one extractor, and entries as lines that can be read. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { loadDefinitions } from '../../../src/fhir/model/definitions.ts';
import type { JsonObject } from '../../../src/fhir/model/json.ts';
import { OPEN, type IndexEntries } from '../../../src/fhir/search/entries.ts';
import { createRegistry } from '../../../src/fhir/search/registry.ts';
import { createExtractor } from '../../../src/fhir/search/values/index.ts';
import { createUnits } from '../../../src/fhir/search/values/normalise/units.ts';

export const definitions = loadDefinitions();
export const registry = createRegistry(definitions);
export const units = createUnits();
export const extractor = createExtractor({ definitions, registry, units });

const end = (n: number): string => (Math.abs(n) === OPEN ? (n < 0 ? '-OPEN' : 'OPEN') : String(n));
const time = (n: number): string => (Math.abs(n) === OPEN ? end(n) : new Date(n).toISOString().replace('.000Z', 'Z'));

/** `kind param value`, one line an entry. */
export function linesOf(entries: IndexEntries): string[] {
  return [
    ...entries.token.map((e) => `token ${e.param} ${e.system}|${e.code}`),
    ...entries.string.map((e) => `string ${e.param} ${e.value} (${e.exact})`),
    ...entries.reference.map((e) => `reference ${e.param} ${e.type}/${e.id}`),
    ...entries.date.map((e) => `date ${e.param} ${time(e.lo)} ${time(e.hi)}`),
    ...entries.number.map((e) => `number ${e.param} ${end(e.lo)} ${end(e.hi)}`),
    ...entries.quantity.map((e) => `quantity ${e.param} ${end(e.lo)} ${end(e.hi)} ${e.system}|${e.code}`),
    ...entries.uri.map((e) => `uri ${e.param} ${e.value}`),
    ...entries.composite.map((e) => `composite ${e.param} {${linesOf(e.parts).join('; ')}}`),
  ];
}

/** A resource in part, one of its parameters (with what is derived from it), and the lines that they give. */
export type EntryCase = readonly [title: string, resource: JsonObject, param: string, lines: readonly string[]];

export function itGives(cases: readonly EntryCase[], timeZone = 'UTC'): void {
  it.each(cases)('%s', (_title, resource, param, lines) => {
    const found = linesOf(extractor.extract(resource, timeZone)).filter((line) => line.split(' ')[1]?.split(':')[0] === param);
    expect(found).toEqual(lines);
  });
}

/** Resources kept with the tests. */
export const FIXTURES = JSON.parse(readFileSync(new URL('../../fixtures/validation/valid.json', import.meta.url), 'utf8')) as JsonObject[];

/** The official examples where they lie beside the repository, at most `limit` of a type; else none. */
export function examples(limit: number): JsonObject[] {
  const folder = new URL('../../../../shared/data/examples/', import.meta.url);
  if (!existsSync(folder)) return [];
  const all = readdirSync(folder).map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as JsonObject);
  return Object.values(Object.groupBy(all, (r) => String(r['resourceType']))).flatMap((of) => of?.slice(0, limit) ?? []);
}

/** Resources of Synthea's bundles where they are, of at most `files` patients; else none. */
export function synthea(files: number): JsonObject[] {
  const folder = new URL('../../../../shared/data/synthea/small/', import.meta.url);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .slice(0, files)
    .map((file) => JSON.parse(readFileSync(new URL(encodeURIComponent(file), folder), 'utf8')) as { entry: { resource: JsonObject }[] })
    .flatMap((bundle) => bundle.entry.map((e) => e.resource));
}
