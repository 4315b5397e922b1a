import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { loadDefinitions } from '../../src/fhir/model/definitions.ts';
import { isJsonObject, JSON_LIMITS, parseJson } from '../../src/fhir/model/json.ts';
import type { JsonValue } from '../../src/fhir/model/json.ts';
import { jsonToXml, xmlToJson } from '../../src/fhir/representation/xml.ts';

/** The official examples, where they lie beside the checkout. */
const EXAMPLES = new URL('../../../shared/data/examples/', import.meta.url);
const files = existsSync(EXAMPLES) ? readdirSync(EXAMPLES).filter((name) => name.endsWith('.json')) : [];
/** Some types have large examples. */
const LIMIT_MS = 120_000;
const byType = Map.groupBy(files, (name) => name.split(/[-.]/)[0] as string);
const definitions = loadDefinitions();

/** Keys in order, so that texts can be compared, number texts included. */
function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, sorted(value[key] as JsonValue)]),
  );
}

async function roundTrip(name: string): Promise<[before: string, after: string]> {
  const { exact } = parseJson(readFileSync(new URL(name, EXAMPLES)), JSON_LIMITS);
  const back = await xmlToJson(jsonToXml(exact, definitions), definitions, JSON_LIMITS);
  return [JSON.stringify(sorted(exact)), JSON.stringify(sorted(back))];
}

// The official examples lie beside the checkout in CI; fixtures always run, in xml.test.ts.
(files.length > 0 ? describe : describe.skip)('the official examples, as XML and back', () => {
  it.each([...byType])(
    '%s',
    async (_type, names) => {
      for (const name of names) {
        const [before, after] = await roundTrip(name);
        if (before !== after) expect(`${name}: ${after}`).toBe(before);
        expect(after.length).toBe(before.length);
      }
    },
    LIMIT_MS,
  );
});
