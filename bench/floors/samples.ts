/** Documents with their index entries, made before any clock runs. */
import { readFileSync } from 'node:fs';
import { loadDefinitions } from '../../src/fhir/model/definitions.ts';
import { asResourceId } from '../../src/fhir/model/ids.ts';
import { parseJson, toResourceText, bodyOf } from '../../src/fhir/model/json.ts';
import type { IndexEntries } from '../../src/fhir/search/entries.ts';
import { createRegistry } from '../../src/fhir/search/registry.ts';
import { createExtractor, type Extractor } from '../../src/fhir/search/values/index.ts';
import { createUnits } from '../../src/fhir/search/values/normalise/index.ts';

export interface Sample {
  readonly type: string;
  readonly id: string;
  readonly body: Uint8Array;
  readonly entries: IndexEntries;
}

export function extractor(): Extractor {
  const definitions = loadDefinitions();
  return createExtractor({ definitions, registry: createRegistry(definitions), units: createUnits() });
}

const LIMITS = { depth: 100, keys: 500_000 };

/** A sample of one resource. */
export function sampleOf(resource: object, id: string, extract: Extractor): Sample {
  const document = parseJson(Buffer.from(JSON.stringify(resource)), LIMITS);
  return {
    type: String(document.value['resourceType']),
    id,
    body: bodyOf(toResourceText(document.exact, asResourceId(id)), 1, 0),
    entries: extract.extract(document.value, 'UTC'),
  };
}

/** The resources of transaction bundles, a list for each file. */
export function samplesOf(files: readonly string[]): Sample[][] {
  const extract = extractor();
  return files.map((file, f) => {
    const bundle = JSON.parse(readFileSync(file, 'utf8')) as { entry: { resource: object }[] };
    return bundle.entry.map(({ resource }, i) => sampleOf(resource, `s${f}-${i}`, extract));
  });
}
