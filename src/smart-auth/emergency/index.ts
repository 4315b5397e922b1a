/**
 * Break-glass: in an emergency, a person whose role may reads all patients and labelled records for an hour. The first
 * request gives a reason (`X-Break-Glass`); those within the hour need not. Nothing is widened before the grant is in the
 * audit trail and the administrators' alert is stored; each access within the hour is audited with the reason.
 */
import type { IdSource } from '../../platform/ids.ts';
import type { AuditLog } from '../../fhir/model/audit.ts';
import type { Principal } from '../../fhir/model/principal.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { RecordStore, StoredRecord } from '../../records/port.ts';
import { ROLE_TABLE } from '../roles/table.ts';
import { raiseAlert, type AlertDeps } from './alert.ts';
import { EMERGENCY_GRANT, type EmergencyGrant } from './grant.ts';
import { reasonOf } from './reason.ts';

export interface EmergencyDeps extends AlertDeps {
  readonly records: RecordStore;
  readonly audit: AuditLog;
  readonly newId: IdSource;
}

export interface EmergencyRequest {
  readonly requestId: string;
  /** Network address of the caller. */
  readonly address?: string;
}

export interface Emergencies {
  /**
   * The principal, with `emergency` where a grant is in force. `header`: that of `X-Break-Glass`. Throws `forbidden` for
   * roles that may not, `invalid-parameter` for a header without a reason, `unavailable`.
   */
  emergencyFor(principal: Principal, header: string | undefined, request: EmergencyRequest): Promise<Principal>;
}

const HOUR = 3_600_000;
/** How long what was looked up is good for requests without the header: a grant may come from another process. */
const FRESH_MS = 1000;
const MAX_SEEN = 10_000;

interface Seen {
  readonly grant: EmergencyGrant | undefined;
  readonly at: number;
}

export function createEmergencies(deps: EmergencyDeps): Emergencies {
  const seen = new Map<string, Seen>();
  const remember = (key: string, grant: EmergencyGrant | undefined): void => {
    if (seen.size >= MAX_SEEN) seen.clear();
    seen.set(key, { grant, at: deps.clock.now() });
  };
  return {
    async emergencyFor(principal, header, request) {
      const { account } = principal;
      const allowed = account !== undefined && principal.role !== undefined && ROLE_TABLE[principal.role].emergency === true;
      if (!allowed) return header === undefined ? principal : refuse(deps, principal, request);
      const key = `${principal.clinic} ${account}`;
      const known = seen.get(key);
      const now = deps.clock.now();
      if (known && inForce(known.grant, now)) return widened(principal, known.grant);
      if (header === undefined && known && now - known.at < FRESH_MS) return principal;
      const reason = header === undefined ? undefined : reasonOf(header);
      const grant = await grantFor(deps, principal, account, reason, request);
      remember(key, grant);
      return inForce(grant, now) ? widened(principal, grant) : principal;
    },
  };
}

const inForce = (grant: EmergencyGrant | undefined, now: number): grant is EmergencyGrant =>
  grant !== undefined && grant.announced && now < grant.until;

const widened = (principal: Principal, { reason }: EmergencyGrant): Principal => ({ ...principal, emergency: reason });

/** The one in force, or a new one where there is a reason. One that was cut off before it was announced is announced now. */
async function grantFor(
  deps: EmergencyDeps,
  principal: Principal,
  account: string,
  reason: string | undefined,
  request: EmergencyRequest,
): Promise<EmergencyGrant | undefined> {
  const record = await deps.records.get(EMERGENCY_GRANT, principal.clinic, account);
  if (record?.value.announced) return record.value;
  if (reason === undefined) return undefined;
  return announced(deps, principal, record ?? (await open(deps, principal, account, reason)), request);
}

/** Of two that ask at once, the second finds the grant of the first. */
async function open(deps: EmergencyDeps, principal: Principal, account: string, reason: string): Promise<StoredRecord<EmergencyGrant>> {
  const from = deps.clock.now();
  const until = from + HOUR;
  const grant = { id: deps.newId(), account, subject: principal.subject, reason, from, until, announced: false };
  const made = await deps.records.insert(EMERGENCY_GRANT, principal.clinic, account, grant, { expiresAt: until });
  const record = made.ok ? made.record : await deps.records.get(EMERGENCY_GRANT, principal.clinic, account);
  if (record) return record;
  throw fhirError('unavailable', 'the grant of an emergency came to its end meanwhile', 'Send the request again.', 'X-Break-Glass');
}

async function announced(
  deps: EmergencyDeps,
  principal: Principal,
  { value, revision }: StoredRecord<EmergencyGrant>,
  request: EmergencyRequest,
): Promise<EmergencyGrant> {
  const { clinic } = principal;
  await deps.audit.append({ ...entryOf(principal, request), outcome: 'success', status: 200, reason: value.reason });
  await raiseAlert(deps, clinic, value, request.requestId);
  const grant = { ...value, announced: true };
  // Another may have announced it: to say it twice does no harm, the alert is one and the same.
  await deps.records.replace(EMERGENCY_GRANT, clinic, value.account, revision, grant, { expiresAt: value.until });
  return grant;
}

async function refuse(deps: EmergencyDeps, principal: Principal, request: EmergencyRequest): Promise<never> {
  await deps.audit.append({ ...entryOf(principal, request), outcome: 'refused', status: 403 });
  throw fhirError('forbidden', 'is not for this role', 'Ask someone who may open records in an emergency.', 'X-Break-Glass');
}

type Entry = Pick<
  Parameters<AuditLog['append']>[0],
  'clinic' | 'category' | 'what' | 'requestId' | 'subject' | 'account' | 'role' | 'client' | 'address'
>;

const entryOf = ({ clinic, subject, account, role, client }: Principal, { requestId, address }: EmergencyRequest): Entry => ({
  clinic,
  category: 'break-glass',
  what: 'grant',
  requestId,
  subject,
  ...(account === undefined ? {} : { account }),
  ...(role === undefined ? {} : { role }),
  ...(client === undefined ? {} : { client }),
  ...(address === undefined ? {} : { address }),
});
