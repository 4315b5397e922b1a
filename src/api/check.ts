/** Checks what was sent against the schemas of a route; every problem is told with its JSON pointer, the rule and a hint. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { FhirError, issue, type Issue } from '../fhir/outcome/error.ts';
import type { Route } from './route.ts';

export interface RouteCheck {
  /** The query as its schema has it: numbers and booleans read from their text, defaults filled in. Throws `invalid-parameter`. */
  query(sent: URLSearchParams): unknown;
  /** Throws `invalid-structure`. */
  body(sent: unknown): unknown;
}

/** One that a request's body shows is enough to mend many; a list that never ends helps nobody. */
const MAX_PROBLEMS = 50;

/** Compiles each route's schemas when they are first needed. */
export function createChecks(): (route: Route) => RouteCheck {
  const strict = new Ajv({ allErrors: true, strict: true, useDefaults: true });
  const lenient = new Ajv({ allErrors: true, strict: true, useDefaults: true, coerceTypes: 'array' });
  for (const ajv of [strict, lenient]) formats.default(ajv);
  const known = new Map<Route, RouteCheck>();
  return (route) => {
    const check = known.get(route) ?? compile(route, lenient, strict);
    known.set(route, check);
    return check;
  };
}

function compile({ query, body }: Route, forQuery: Ajv, forBody: Ajv): RouteCheck {
  const queryOf = query && forQuery.compile(query);
  const bodyOf = body && forBody.compile(body);
  return {
    query: (sent) => (queryOf ? checked(queryOf, asObject(sent), 'invalid-parameter', '') : noParameters(sent)),
    body: (sent) => (bodyOf ? checked(bodyOf, sent, 'invalid-structure', '') : undefined),
  };
}

/** A parameter that is there several times is a list. */
function asObject(sent: URLSearchParams): Record<string, string | string[]> {
  const object: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  for (const name of new Set(sent.keys())) {
    const values = sent.getAll(name);
    object[name] = values.length === 1 ? (values[0] as string) : values;
  }
  return object;
}

function noParameters(sent: URLSearchParams): undefined {
  const [name] = sent.keys();
  if (name === undefined) return undefined;
  throw new FhirError([issue('unknown-parameter', 'this route has no such parameter', 'Leave it out.', name)]);
}

function checked(validate: ValidateFunction, value: unknown, kind: 'invalid-parameter' | 'invalid-structure', at: string): unknown {
  if (validate(value)) return value;
  throw new FhirError((validate.errors ?? []).slice(0, MAX_PROBLEMS).map((error) => problemOf(error, kind, at)));
}

function problemOf(error: ErrorObject, kind: 'invalid-parameter' | 'invalid-structure', at: string): Issue {
  const property = pointerPart(error.params);
  const pointer = `${at}${error.instancePath}${property === undefined ? '' : `/${property}`}`;
  if (error.keyword === 'additionalProperties' && kind === 'invalid-parameter') {
    return issue('unknown-parameter', 'this route has no such parameter', 'Leave it out.', property ?? pointer);
  }
  const where = kind === 'invalid-parameter' ? pointer.slice(1).split('/', 1)[0] : pointer;
  return issue(kind, error.message ?? error.keyword, hintOf(error), where === '' ? '/' : where);
}

/** A name with `/` or `~` is escaped: https://www.rfc-editor.org/rfc/rfc6901#section-3 */
function pointerPart(params: Record<string, unknown>): string | undefined {
  const name = params['missingProperty'] ?? params['additionalProperty'];
  return typeof name === 'string' ? name.replaceAll('~', '~0').replaceAll('/', '~1') : undefined;
}

const HINTS: Readonly<Record<string, string>> = {
  required: 'Add it.',
  additionalProperties: 'Leave it out; /openapi.json lists what is known.',
  enum: 'Use one of the values that /openapi.json lists.',
  format: 'Correct its form.',
  type: 'Send a value of that type.',
};

function hintOf({ keyword, params }: ErrorObject): string {
  const values: unknown = params['allowedValues'];
  if (Array.isArray(values)) return `Use one of ${values.map(String).join(', ')}.`;
  return HINTS[keyword] ?? 'Correct the value.';
}
