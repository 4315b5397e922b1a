/** https://hl7.org/fhir/R4/http.html#capabilities */
import { LRUCache } from 'lru-cache';
import { fhirError } from '../outcome/error.ts';
import { capabilityStatement } from './capability-statement.ts';
import type { FhirResponse } from './message.ts';
import { parametersOf } from './parameters.ts';
import type { Call, Route } from './router.ts';
import { shown, viewIn } from './view.ts';

const PARAMETERS: ReadonlySet<string> = new Set(['mode', '_summary', '_elements']);
const MODES: ReadonlySet<string> = new Set(['full', 'normative']);
/** Base URLs: one for each clinic that is named in the path. */
const KEPT = 32;

/** `/metadata`: generated from the routes and the registry, once for each base URL. */
export function capabilitiesRoute(): Route {
  const statements = new LRUCache<string, Uint8Array>({ max: KEPT });
  return {
    method: 'GET',
    pattern: 'metadata',
    interactions: ['capabilities'],
    handle: (call) => Promise.resolve(capabilities(call, statements)),
  };
}

function capabilities(call: Call, statements: LRUCache<string, Uint8Array>): FhirResponse {
  const parameters = parametersOf(call.request, PARAMETERS);
  const mode = parameters.get('mode') ?? 'full';
  if (!MODES.has(mode)) throw fhirError('invalid-parameter', 'this server has the modes full and normative only', 'Leave it out.', 'mode');
  const { baseUrl } = call.request.context;
  const body = statements.get(baseUrl) ?? Buffer.from(JSON.stringify(capabilityStatement(call.deps, call.routes, baseUrl)));
  statements.set(baseUrl, body);
  const view = viewIn(call, parameters);
  return { status: 200, headers: {}, body: [view === undefined ? body : shown(call.deps, view, body)] };
}
