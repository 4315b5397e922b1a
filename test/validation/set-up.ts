import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadDefinitions } from '../../src/fhir/model/definitions.ts';
import type { JsonObject } from '../../src/fhir/model/json.ts';
import { createValidator } from '../../src/fhir/validation/index.ts';

export const definitions = loadDefinitions();
export const validator = createValidator({ definitions });

/** Resources that are valid, kept with the tests. */
export const VALID = readJson(new URL('../fixtures/validation/valid.json', import.meta.url)) as JsonObject[];

/** The large sets of inputs lie beside the repository, and not everywhere. */
const SHARED = new URL('../../../shared/data/', import.meta.url);
export const hasSharedData = existsSync(new URL('synthea/small/', SHARED)) && existsSync(new URL('validator/cases.json', SHARED));

export function readJson(file: URL): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Files of a folder of the shared data. */
export function sharedFiles(folder: string): { name: string; url: URL }[] {
  const base = new URL(`${folder}/`, SHARED);
  return readdirSync(fileURLToPath(base)).map((name) => ({ name, url: new URL(encodeURIComponent(name), base) }));
}

/** `kind where` of each issue. */
export const issuesOf = (resource: JsonObject): string[] => validator.check(resource).map((i) => `${i.kind} ${i.where ?? ''}`);
