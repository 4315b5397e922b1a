/** Parameters of `$everything`: in the URL, or as a Parameters resource that is posted. */
import { documentOf } from '../../interactions/document.ts';
import { countOf, spanOf } from '../../interactions/history-query.ts';
import { parametersOf } from '../../interactions/parameters.ts';
import type { Call } from '../../interactions/router.ts';
import { isJsonArray, isJsonObject, type JsonValue } from '../../model/json.ts';
import { fhirError } from '../../outcome/error.ts';

export interface EverythingQuery {
  /** Milliseconds: care at or after, and at or before. */
  readonly start?: number;
  readonly end?: number;
  /** Changed at or after, milliseconds. */
  readonly since?: number;
  readonly types?: ReadonlySet<string>;
  readonly limit: number;
  readonly cursor?: string;
  /** As given. */
  readonly values: ReadonlyMap<string, string>;
}

const NAMES: ReadonlySet<string> = new Set(['start', 'end', '_since', '_type', '_count', '_cursor']);
const PAGE = 100;

/** Throws `unknown-parameter`, `invalid-parameter`; `invalid-structure` for a body that is no Parameters. */
export function everythingQueryOf(call: Call): EverythingQuery {
  const values = new Map([...parametersOf(call.request, NAMES), ...posted(call)]);
  const time = (name: string, end: 'lo' | 'hi'): number | undefined => {
    const text = values.get(name);
    return text === undefined ? undefined : spanOf(call, name, text)[end];
  };
  const [start, end, since] = [time('start', 'lo'), time('end', 'hi'), time('_since', 'lo')];
  const types = values.get('_type');
  const cursor = values.get('_cursor');
  return {
    values,
    limit: Math.max(countOf(call, values, PAGE), 1),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(since === undefined ? {} : { since }),
    ...(types === undefined ? {} : { types: typesOf(call, types) }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

/** Encoded, without the cursor. */
export const ownQuery = ({ values }: EverythingQuery): string[] =>
  [...values].filter(([name]) => name !== '_cursor').map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);

function typesOf(call: Call, text: string): ReadonlySet<string> {
  const types = text.split(',');
  if (types.every((type) => call.deps.definitions.resourceTypes.has(type))) return new Set(types);
  throw fhirError('invalid-parameter', 'not all are resource types of R4', 'List resource types, separated by commas.', '_type');
}

function posted(call: Call): readonly (readonly [string, string])[] {
  const { method, body, document } = call.request;
  if (method !== 'POST' || (document === undefined && (body === undefined || body.length === 0))) return [];
  const { resourceType, parameter } = documentOf(call).value;
  if (resourceType !== 'Parameters') throw badBody();
  const given = new Map<string, string>();
  for (const part of isJsonArray(parameter ?? []) ? (parameter as JsonValue[]) : []) {
    const [name, value] = pairOf(part);
    const before = given.get(name);
    if (before !== undefined && name !== '_type') throw fhirError('invalid-parameter', 'is given more than once', 'Give it once.', name);
    given.set(name, before === undefined ? value : `${before},${value}`);
  }
  return [...given];
}

function pairOf(part: JsonValue): readonly [string, string] {
  const name = isJsonObject(part) ? part['name'] : undefined;
  if (!isJsonObject(part) || typeof name !== 'string') throw badBody();
  const key = Object.keys(part).find((k) => k.startsWith('value'));
  const value = key === undefined ? undefined : part[key];
  if (!NAMES.has(name)) {
    throw fhirError('unknown-parameter', 'is not a parameter of this operation', `Known here: ${[...NAMES].join(', ')}.`, name);
  }
  if (typeof value === 'string' || typeof value === 'number') return [name, String(value)];
  throw fhirError('invalid-parameter', 'has no value', 'Give it as valueDate, valueInstant, valueCode or valueInteger.', name);
}

const badBody = (): Error => fhirError('invalid-structure', 'the body is no Parameters resource', 'Send Parameters, or no body.', 'body');
