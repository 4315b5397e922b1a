/** Launches from an EHR front end: it exchanges the token of its user, and what is open, for a `launch` that an app can use. */
import { PLATFORM } from '../accounts/records.ts';
import { hashOf, randomSecret } from '../clients/secrets.ts';
import type { Member, OAuthDeps } from './deps.ts';
import { OAuthError } from './errors.ts';
import { memberOf } from './members.ts';
import { LAUNCH, type LaunchContext } from './records.ts';
import type { ClinicId } from '../../fhir/model/ids.ts';

export interface LaunchWish {
  readonly account: string;
  readonly clinic: ClinicId;
  readonly clientId: string;
  readonly context: LaunchContext;
}

export interface PreparedLaunch {
  readonly launch: string;
  /** Seconds. */
  readonly expiresIn: number;
  /** Where the browser goes to start the app, where it is registered. */
  readonly url?: string;
}

const SECONDS = 300;

/** Throws OAuthError: `invalid_target` for an app or a record that there isn't for this person, `access_denied`. */
export async function prepareLaunch(deps: OAuthDeps, { account, clinic, clientId, context }: LaunchWish): Promise<PreparedLaunch> {
  const [client, member] = await Promise.all([deps.clients.active(clientId), memberOf(deps.records, account, clinic)]);
  if (client?.clinic !== clinic) throw new OAuthError('invalid_target', 'there is no such app in this clinic');
  if (!member) throw new OAuthError('access_denied', 'the person is not active in this clinic', 403);
  await assertSeen(deps, member, context);
  const [launch, expiresAt] = [randomSecret(), deps.clock.now() + SECONDS * 1000];
  await deps.records.insert(LAUNCH, PLATFORM, hashOf(launch), { account, clinic, clientId, context }, { expiresAt });
  return { launch, expiresIn: SECONDS, ...(client.launchUrl === undefined ? {} : { url: startOf(deps, client.launchUrl, launch) }) };
}

/** What is opened is there for the person, and the encounter is one of the patient: an app takes the two for one. */
async function assertSeen({ seenBy, publicUrl }: OAuthDeps, member: Member, { patient, encounter }: LaunchContext): Promise<void> {
  const missing = (): OAuthError => new OAuthError('invalid_target', 'there is no such record for this person');
  if (patient !== undefined && !(await seenBy(member, `Patient/${patient}`))) throw missing();
  if (encounter === undefined) return;
  const seen = await seenBy(member, `Encounter/${encounter}`);
  if (!seen) throw missing();
  if (patient !== undefined && !isLocal(publicUrl(), seen.subject?.reference, `Patient/${patient}`))
    throw new OAuthError('invalid_target', 'the encounter is not one of the patient');
}

/** Whether a reference as it was written, perhaps with our own base and a version, is to that resource. */
function isLocal(publicUrl: string, reference: string | undefined, key: string): boolean {
  const base = `${publicUrl}/fhir/R4/`;
  const relative = reference?.startsWith(base) ? reference.slice(base.length) : reference;
  return relative?.replace(/\/_history\/[^/]+$/, '') === key;
}

/** https://hl7.org/fhir/smart-app-launch/app-launch.html#launch-app-ehr-launch */
function startOf({ publicUrl }: OAuthDeps, launchUrl: string, launch: string): string {
  const url = new URL(launchUrl);
  url.searchParams.set('iss', `${publicUrl()}/fhir/R4`);
  url.searchParams.set('launch', launch);
  return url.href;
}
