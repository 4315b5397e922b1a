/** What the trail is told of a request to a route. */
import type { AuditLog, AuditRecord } from '../fhir/model/audit.ts';
import type { ClinicId } from '../fhir/model/ids.ts';
import { FhirError } from '../fhir/outcome/error.ts';
import type { ApiAnswer, ApiIdentity, Route } from './route.ts';
import { triedIn } from './tried.ts';

export type Outcome = { readonly answer: ApiAnswer } | { readonly error: unknown };

/** The answer goes out only once the record is durable: what can't be audited isn't answered. */
export async function withAudit(
  log: AuditLog,
  work: () => Promise<ApiAnswer>,
  record: (outcome: Outcome) => AuditRecord,
): Promise<ApiAnswer> {
  const outcome = await work().then(
    (answer): Outcome => ({ answer }),
    (error: unknown): Outcome => ({ error }),
  );
  await log.append(record(outcome));
  if ('answer' in outcome) return outcome.answer;
  throw outcome.error;
}

export interface Audited {
  readonly route: Route;
  readonly identity: ApiIdentity | undefined;
  /** Reaching beyond the everyday: break-glass. */
  readonly isBeyond: boolean;
  readonly clinic: ClinicId;
  readonly requestId: string;
  readonly address: string;
  readonly outcome: Outcome;
}

export function auditOf({ route, identity, isBeyond, clinic, requestId, address, outcome }: Audited): AuditRecord {
  const status = 'answer' in outcome ? outcome.answer.status : outcome.error instanceof FhirError ? outcome.error.status : 500;
  const { subject, account, role, client, emergency } = identity?.principal ?? {};
  return {
    clinic,
    category: isBeyond ? 'break-glass' : (route.audit ?? 'rest'),
    what: `${route.method} ${route.path}`,
    outcome: status < 400 ? 'success' : status < 500 ? 'refused' : 'failed',
    status,
    requestId,
    address,
    ...(subject === undefined ? {} : { subject }),
    ...(account === undefined ? {} : { account }),
    ...(role === undefined ? {} : { role }),
    ...(client === undefined ? {} : { client }),
    ...(isBeyond && emergency !== undefined ? { reason: emergency } : {}),
    ...('answer' in outcome ? outcome.answer.audit : triedIn(outcome.error)),
  };
}
