/** The message that tells a clinic's administrators of a break-glass: a Communication of category alert. */
import type { Communication } from '@medplum/fhirtypes';
import type { Clock } from '../../platform/clock.ts';
import type { Dispatch } from '../../fhir/index.ts';
import type { ClinicId } from '../../fhir/model/ids.ts';
import { ALL_ACCESS } from '../../fhir/model/principal.ts';
import type { EmergencyGrant } from './grant.ts';

export interface AlertDeps {
  readonly dispatch: Dispatch;
  /** The FHIR base without a final slash. */
  readonly baseUrl: string;
  readonly clock: Clock;
}

const WRITE_MS = 15_000;
const SENDERS: ReadonlySet<string> = new Set(['Practitioner', 'PractitionerRole', 'Patient', 'RelatedPerson', 'Device', 'Organization']);

/** Stored when it resolves; the same grant again is the same Communication. Throws `unavailable`. */
export async function raiseAlert(deps: AlertDeps, clinic: ClinicId, grant: EmergencyGrant, requestId: string): Promise<void> {
  await deps.dispatch({
    method: 'PUT',
    path: ['Communication', grant.id],
    query: '',
    headers: { 'content-type': 'application/fhir+json' },
    body: Buffer.from(JSON.stringify(alertOf(clinic, grant))),
    context: {
      principal: { subject: 'Device/system', clinic },
      access: ALL_ACCESS,
      requestId,
      baseUrl: deps.baseUrl,
      deadline: deps.clock.now() + WRITE_MS,
    },
  });
}

/** To the clinic's own Organization, which has the clinic's id; who administrates it reads its alerts. */
const alertOf = (clinic: ClinicId, grant: EmergencyGrant): Communication => ({
  resourceType: 'Communication',
  id: grant.id,
  status: 'completed',
  priority: 'urgent',
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/communication-category', code: 'alert' }] }],
  topic: { text: 'Break-glass: records beyond the role were opened' },
  ...(SENDERS.has(grant.subject.split('/')[0] ?? '') ? { sender: { reference: grant.subject } } : {}),
  recipient: [{ reference: `Organization/${clinic}`, display: 'Administrators' }],
  sent: new Date(grant.from).toISOString(),
  payload: [{ contentString: grant.reason }],
});
