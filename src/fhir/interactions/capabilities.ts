/** https://hl7.org/fhir/R4/http.html#capabilities */
import { fhirError } from '../outcome/error.ts';
import { createStatement, type StatementText } from './capability-statement.ts';
import type { FhirResponse } from './message.ts';
import { parametersOf } from './parameters.ts';
import type { Call, Route } from './router.ts';
import { viewIn } from './view.ts';

const PARAMETERS: ReadonlySet<string> = new Set(['mode', '_summary', '_elements']);
const MODES: ReadonlySet<string> = new Set(['full', 'normative']);

/** `/metadata`: generated from the routes and the registry when it is first asked for. */
export function capabilitiesRoute(): Route {
  let statement: Promise<StatementText> | undefined;
  return {
    method: 'GET',
    pattern: 'metadata',
    interactions: ['capabilities'],
    handle: async (call) => {
      statement ??= createStatement(call.deps, call.routes);
      return capabilities(call, await statement);
    },
  };
}

async function capabilities(call: Call, { head, rest }: StatementText): Promise<FhirResponse> {
  const parameters = parametersOf(call.request, PARAMETERS);
  const mode = parameters.get('mode') ?? 'full';
  if (!MODES.has(mode)) throw fhirError('invalid-parameter', 'this server has the modes full and normative only', 'Leave it out.', 'mode');
  const view = viewIn(call, parameters);
  const pieces = [head(call.request.context.baseUrl), rest];
  return {
    status: 200,
    headers: {},
    body: view === undefined ? pieces : [await call.deps.work.show({ body: Buffer.concat(pieces), view })],
  };
}
