/**
 * Inputs that others made: a small sample everywhere, and all of the shared data where it lies beside the repository.
 * What differs from the data's own verdict is listed in baseline files, which may only get shorter.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { JSON_LIMITS, parseJson, toPlain, type JsonObject } from '../../src/fhir/model/json.ts';
import { FhirError } from '../../src/fhir/outcome/error.ts';
import { xmlToJson } from '../../src/fhir/representation/xml.ts';
import { VALID, definitions, hasSharedData, readJson, sharedFiles, validator } from './set-up.ts';

/** Files by the rule of R4 that they break. */
const EXAMPLES = readJson(new URL('examples-baseline.json', import.meta.url)) as { invalid: Record<string, string[]> };
/** Files by why the verdict is another. */
const CASES = readJson(new URL('cases-baseline.json', import.meta.url)) as { differing: Record<string, string[]> };

interface ReferenceCase {
  readonly name: string;
  readonly file: string;
  readonly valid: boolean;
}

/** `where rule` of each kind of issue, without indexes, and items in items as one. */
const summaryOf = (resource: JsonObject): Set<string> =>
  new Set(validator.check(resource).map((i) => `${(i.where ?? '').replace(/\[\d+\]/g, '').replace(/(\.\w+)\1+/g, '$1')} ${i.rule}`));

it.each(VALID.map((r, i) => [`${String(r['resourceType'])} ${i}`, r] as const))('%s of the sample is valid', (_name, resource) => {
  expect(validator.check(resource)).toEqual([]);
});

// The records lie beside the checkout in CI; the sample above always runs.
const shared = hasSharedData ? describe : describe.skip;

shared('the official examples', () => {
  const files = hasSharedData ? sharedFiles('examples') : [];

  it('are valid, but for those that break a rule of R4', () => {
    const found = files.flatMap(({ name, url }) => [...summaryOf(readJson(url) as JsonObject)].map((rule) => `${name}: ${rule}`));
    const known = Object.entries(EXAMPLES.invalid).flatMap(([rule, names]) => names.map((name) => `${name}: ${rule}`));
    expect(files.length).toBe(923);
    expect(found.sort()).toEqual(known.sort());
  });
});

shared('resources of Synthea', () => {
  const files = hasSharedData ? [...sharedFiles('synthea/small'), ...sharedFiles('synthea/lite')] : [];

  it.each(files.map(({ name, url }) => [name, url] as const))('%s is valid', (_name, url) => {
    expect(validator.check(readJson(url) as JsonObject)).toEqual([]);
  });
});

shared("the reference validator's cases", () => {
  const cases = hasSharedData ? (readJson(new URL('cases.json', sharedFiles('validator')[0]?.url)) as ReferenceCase[]) : [];

  it('have the same verdict, but for those that ask for more than a base check', async () => {
    const verdicts = await Promise.all(cases.map(async (c) => ({ file: c.file, isSame: (await isValid(c.file)) === c.valid })));
    const differing = verdicts.filter((v) => !v.isSame).map((v) => v.file);
    expect(cases.length).toBe(92);
    expect([...new Set(differing)].sort()).toEqual(Object.values(CASES.differing).flat().sort());
  });
});

async function isValid(file: string): Promise<boolean> {
  const url = sharedFiles('validator').find((f) => f.name === file)?.url;
  if (!url) throw new Error(`${file} is missing`);
  try {
    return validator.check(await read(url)).length === 0;
  } catch (error) {
    if (error instanceof FhirError) return false;
    throw error;
  }
}

async function read(url: URL): Promise<JsonObject> {
  const bytes = readFileSync(url);
  return url.pathname.endsWith('.xml')
    ? (toPlain(await xmlToJson(bytes, definitions, JSON_LIMITS)) as JsonObject)
    : parseJson(bytes, JSON_LIMITS).value;
}
