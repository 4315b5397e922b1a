/** A resource of each type with a canary in every element that R4 gives it, made of the definitions; and one with nothing right. */
import type { Definitions } from '../../../src/fhir/model/definitions.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/fhir/model/json.ts';
import type { ElementModel } from '../../../src/fhir/model/types.ts';
import type { Validator } from '../../../src/fhir/validation/index.ts';

export const WORD = 'Zqxcanary';
/** What stands for the word where only a date, a number or a time may. */
export const DATE = '1931-04-17';
export const NUMBER = 31_415.926_53;
const WHOLE = 27_182_818;
const TIME = '03:14:15.926';
export const PLANTED: readonly string[] = [WORD, DATE, String(NUMBER), String(WHOLE), TIME];

const VALUES: Readonly<Record<string, JsonValue>> = {
  base64Binary: Buffer.from(`${WORD} scanned`).toString('base64'),
  boolean: true,
  ...{ string: `${WORD} text`, markdown: `*${WORD}*`, code: WORD, id: WORD },
  ...{ uri: `urn:${WORD}`, url: `https://${WORD}.example/`, canonical: `https://x.example/${WORD}` },
  ...{ oid: 'urn:oid:2.27182818', uuid: 'urn:uuid:27182818-0000-4000-8000-031415926535' },
  ...{ date: DATE, dateTime: `${DATE}T${TIME}Z`, instant: `${DATE}T${TIME}Z`, time: TIME },
  ...{ decimal: NUMBER, integer: WHOLE, positiveInt: WHOLE, unsignedInt: WHOLE },
  xhtml: `<div xmlns="http://www.w3.org/1999/xhtml">${WORD}</div>`,
  Extension: { url: `https://x.example/${WORD}`, valueString: WORD },
};
/** Elements within elements; what a type may hold of its own kind goes on for ever. */
const DEEPEST = 4;
/** Of the server, or not the resource's own. */
const SKIPPED: ReadonlySet<string> = new Set(['id', 'implicitRules', 'modifierExtension']);

export interface Planter {
  readonly definitions: Definitions;
  readonly validator: Validator;
}

/** Valid: what the rules don't allow beside the rest is left out. Undefined where none of it is allowed. */
export function plantedResource({ definitions, validator }: Planter, type: string): JsonObject | undefined {
  const problemsOf = (resource: JsonObject): string[] =>
    validator.check(resource).flatMap(({ severity, where = '' }) => (severity === 'error' ? [where] : []));
  let resource: JsonObject = { resourceType: type, ...filled(definitions, type, 0) };
  let problems = problemsOf(resource);
  while (problems[0] !== undefined) {
    const place = stepsOf(resource, problems[0]);
    const [best] = ways(resource, place)
      .map((smaller) => ({ smaller, left: problemsOf(smaller) }))
      .sort((a, b) => a.left.length - b.left.length);
    if (!best) return undefined;
    [resource, problems] = [best.smaller, best.left];
  }
  return resource;
}

/** Without what is wrong, or without one of its parts. */
function ways(resource: JsonObject, place: readonly string[]): JsonObject[] {
  const at = place.reduce<JsonValue | undefined>((value, step) => (value as JsonObject | undefined)?.[step], resource);
  const parts = isJsonObject(at) ? Object.keys(at).map((key) => [...place, key]) : [];
  const smaller = [...parts, place]
    .filter(([first]) => first !== undefined && first !== 'resourceType')
    .map((path) => without(resource, path));
  return smaller.filter((one) => one !== undefined);
}

function filled(definitions: Definitions, type: string, depth: number): JsonObject {
  const elements = [...(definitions.elementsOf(type)?.values() ?? [])].filter(
    (element) => !SKIPPED.has(element.name) && element.type !== 'Resource' && (element.min > 0 || depth < DEEPEST),
  );
  const chosen = elements.filter(
    (element, at) => element.choice === undefined || elements.findIndex((e) => e.choice === element.choice) === at,
  );
  return Object.fromEntries(chosen.map((element) => [element.name, valueOf(definitions, element, depth)]));
}

function valueOf(definitions: Definitions, element: ElementModel, depth: number): JsonValue {
  const { required, type, fixed, many, targets = ['Patient'] } = element;
  const [system, codes = []] = Object.entries(definitions.codeSets[required ?? ''] ?? {})[0] ?? [];
  const target = targets.includes('Patient') ? 'Patient' : targets[0];
  const bound: Readonly<Record<string, JsonValue>> = {
    code: codes[0] ?? WORD,
    Coding: { system: system ?? '', code: codes[0] ?? WORD, display: WORD },
    CodeableConcept: { coding: [{ system: system ?? '', code: codes[0] ?? WORD, display: WORD }], text: WORD },
  };
  const reference = type === 'Reference' ? { reference: `${target}/${WORD}`, display: WORD } : undefined;
  const value =
    fixed ?? reference ?? (system === undefined ? undefined : bound[type]) ?? VALUES[type] ?? filled(definitions, type, depth + 1);
  return many ? [value] : value;
}

/** A message says `value` where the property is `valueString`. */
function stepsOf(resource: JsonObject, where: string): string[] {
  let at: JsonValue | undefined = resource;
  const found = (step: string): string => {
    const keys: readonly string[] = typeof at === 'object' && at !== null ? Object.keys(at) : [];
    const key = keys.includes(step) ? step : (keys.find((name) => name.startsWith(step)) ?? step);
    at = (at as Readonly<Record<string, JsonValue>> | undefined)?.[key];
    return key;
  };
  return where
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.')
    .slice(1)
    .map(found);
}

/** Undefined where there is no such place. An object that is left with nothing goes as well. */
function without(value: JsonObject, [key = '', ...rest]: readonly string[]): JsonObject | undefined {
  const child = value[key];
  if (child === undefined) return undefined;
  const smaller =
    rest.length === 0 ? undefined : Array.isArray(child) ? fewer(child, rest) : isJsonObject(child) ? without(child, rest) : undefined;
  const { [key]: _gone, ...others } = value;
  return smaller === undefined || Object.keys(smaller).length === 0 ? others : { ...value, [key]: smaller };
}

function fewer(items: readonly JsonValue[], [at, ...rest]: readonly string[]): JsonValue[] | undefined {
  const item = items[Number(at ?? 0)];
  const smaller = item !== undefined && isJsonObject(item) && rest.length > 0 ? without(item, rest) : undefined;
  return smaller === undefined ? undefined : items.map((one, n) => (n === Number(at ?? 0) ? smaller : one));
}

/** The same with a word in each place, whatever may be there. */
export const spoiled = (value: JsonValue, key = ''): JsonValue => {
  if (Array.isArray(value)) return value.map((item) => spoiled(item));
  if (!isJsonObject(value)) return key === 'resourceType' ? value : WORD;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, spoiled(child, name)]));
};
