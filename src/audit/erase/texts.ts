/** Texts that point to one patient, and whether a query has any of them. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../fhir/model/json.ts';
import { fold } from '../../fhir/search/values/normalise/fold.ts';

/** Shorter ones are found in everything. */
const SHORTEST = 3;

/** Names, identifiers and ways of contact, folded. */
export function identifyingTexts({ name, identifier, telecom, address }: JsonObject): string[] {
  const found = [...stringsIn(name, NAMES), ...stringsIn(identifier, VALUES), ...stringsIn(telecom, VALUES), ...stringsIn(address, LINES)];
  return found.map(fold).filter((text) => text.length >= SHORTEST);
}

const NAMES = ['text', 'family', 'given'];
const VALUES = ['value'];
const LINES = ['text', 'line'];

function stringsIn(list: JsonValue | undefined, members: readonly string[]): string[] {
  const items = Array.isArray(list) ? list.filter(isJsonObject) : [];
  const values = items.flatMap((item) => members.flatMap((member) => item[member] ?? []));
  return values.filter((value) => typeof value === 'string');
}

/** Each word of a name counts, since a search may give one. */
export function isAbout(query: string, texts: readonly string[]): boolean {
  const asked = fold(decoded(query));
  return texts.some((text) => asked.includes(text) || valuesIn(asked).some((value) => text.includes(value)));
}

const valuesIn = (query: string): string[] =>
  query
    .split('&')
    .flatMap((pair) => pair.slice(pair.indexOf('=') + 1).split(','))
    .filter((value) => value.length >= SHORTEST);

function decoded(query: string): string {
  try {
    return decodeURIComponent(query.replaceAll('+', ' '));
  } catch {
    return query;
  }
}
