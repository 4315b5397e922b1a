/** `/audit`: the clinic's AuditEvents as plain JSON. They are searched as the caller, whose permission is that of the FHIR API. */
import { route, type KnownCall, type Route } from '../../api/route.ts';
import { pageOf, PROBLEM } from '../../api/schemas.ts';
import type { Dispatch, FhirResponse } from '../../fhir/index.ts';
import { pageIn, resourceIn } from '../../fhir/interactions/answered.ts';
import { isResourceId } from '../../fhir/model/ids.ts';
import type { JsonObject } from '../../fhir/model/json.ts';
import { FhirError, fhirError } from '../../fhir/outcome/error.ts';
import { NOT_IN_FEED } from '../../fhir/store/port.ts';
import type { Clock } from '../../platform/clock.ts';
import { AuditQuery, searchOf } from './query.ts';
import { AuditEventView, viewOf } from './view.ts';

export interface AuditRouteDeps {
  readonly dispatch: Dispatch;
  readonly clock: Clock;
}

export const auditRoutes = (deps: AuditRouteDeps): Route[] => [list(deps), read(deps)];

const TAG = 'Audit';
const WITHIN_MS = 30_000;

const list = (deps: AuditRouteDeps): Route =>
  route({
    method: 'GET',
    path: '/audit',
    summary: 'What was done in the clinic, by whom and to whose records; what just happened appears within seconds',
    tag: TAG,
    rule: { group: 'audit', action: 'search' },
    query: AuditQuery,
    answers: { 200: pageOf(AuditEventView) },
    audit: 'rest',
    async handle(call) {
      const { patient } = call.query;
      const { resources, cursor } = pageIn<JsonObject>(await ask(deps, call, [NOT_IN_FEED], searchOf(call.query)));
      const about = patient === undefined ? {} : { patient: `Patient/${patient.replace(/^Patient\//, '')}` };
      return {
        status: 200,
        body: { data: resources.map(viewOf), page: cursor === undefined ? {} : { next: cursor } },
        audit: { target: NOT_IN_FEED, ...about },
      };
    },
  });

const read = (deps: AuditRouteDeps): Route =>
  route({
    method: 'GET',
    path: '/audit/:id',
    summary: 'One event',
    tag: TAG,
    rule: { group: 'audit', action: 'read' },
    answers: { 200: AuditEventView, 404: PROBLEM },
    audit: 'rest',
    async handle(call) {
      const id = call.params['id'] ?? '';
      if (!isResourceId(id)) throw noEvent();
      const found = await ask(deps, call, [NOT_IN_FEED, id]).catch(asAbsent);
      return { status: 200, body: viewOf(resourceIn<JsonObject>(found)), audit: { target: `${NOT_IN_FEED}/${id}` } };
    },
  });

/** Another clinic's event is not there. */
const noEvent = (): FhirError => fhirError('not-found', 'there is no such event', 'Check the id.', 'id');

function asAbsent(error: unknown): never {
  throw error instanceof FhirError && (error.kind === 'not-found' || error.kind === 'gone') ? noEvent() : error;
}

async function ask(
  { dispatch, clock }: AuditRouteDeps,
  call: KnownCall<unknown, unknown>,
  path: string[],
  query = '',
): Promise<FhirResponse> {
  const { identity, requestId, publicUrl } = call;
  const { principal, access } = identity;
  const context = { principal, access, requestId, baseUrl: `${publicUrl}/fhir/R4`, deadline: clock.now() + WITHIN_MS };
  return dispatch({ method: 'GET', path, query, headers: {}, context });
}
