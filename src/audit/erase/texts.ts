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

export const contactsIn = ({ telecom }: JsonObject): string[] => stringsIn(telecom, VALUES);

const NAMES = ['text', 'family', 'given'];
const VALUES = ['value'];
const LINES = ['text', 'line'];

function stringsIn(list: JsonValue | undefined, members: readonly string[]): string[] {
  const items = Array.isArray(list) ? list.filter(isJsonObject) : [];
  const values = items.flatMap((item) => members.flatMap((member) => item[member] ?? []));
  return values.filter((value) => typeof value === 'string');
}

/** These say how a search is answered, not what is looked for. */
const CONTROLS: ReadonlySet<string> = new Set(
  '_sort _count _summary _elements _format _pretty _total _include _revinclude _cursor _lastUpdated _type'.split(' '),
);

/** The beginning of each word counts: that is what searches compare. `id`: of the patient, as a value or at the end of one. */
export function isAbout(query: string, texts: readonly string[], id?: string): boolean {
  const pairs = decoded(query)
    .split('&')
    .map((pair) => pair.split(/=(.*)/s));
  const values = pairs
    .filter(([name = '']) => !CONTROLS.has(name.split(':', 1)[0] ?? ''))
    .flatMap(([, value = '']) => value.split(/[,|$]/));
  const asked = values.map(fold).filter((value) => value.length >= SHORTEST);
  const named = asked.some((value) => texts.some((text) => value.includes(text) || ` ${text}`.includes(` ${value}`)));
  return named || (id !== undefined && values.some((value) => value === id || value.endsWith(`/${id}`)));
}

/** Whether a text that someone wrote has any of them as words. */
export const mentions = (text: string, texts: readonly string[]): boolean => {
  const words = ` ${fold(text).replaceAll(/[^\p{L}\p{N}@+]+/gu, ' ')} `;
  return texts.some((one) => words.includes(` ${one.replaceAll(/[^\p{L}\p{N}@+]+/gu, ' ')} `));
};

function decoded(query: string): string {
  try {
    return decodeURIComponent(query.replaceAll('+', ' '));
  } catch {
    return query;
  }
}
