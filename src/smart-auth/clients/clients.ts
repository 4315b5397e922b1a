/** Apps of a clinic: registered, changed and ended. */
import type { ClinicId } from '../../fhir/model/ids.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { Clock } from '../../platform/clock.ts';
import type { IdSource } from '../../platform/ids.ts';
import type { RecordStore, StoredRecord } from '../../records/port.ts';
import { PLATFORM } from '../accounts/records.ts';
import type { TokenRevoker } from '../tokens/port.ts';
import { assertClient, noSuchApp, type ClientMetadata } from './metadata.ts';
import { OAUTH_CLIENT, type OAuthClient } from './records.ts';
import { hashOf, randomSecret, usesSecret } from './secrets.ts';

export interface ClientDeps {
  readonly records: RecordStore;
  readonly revoker: Pick<TokenRevoker, 'revokeClient'>;
  readonly clock: Clock;
  readonly newId: IdSource;
}

export interface Registered {
  readonly client: OAuthClient;
  /** Shown now and never again; absent for clients without one. */
  readonly secret?: string;
}

type Found = StoredRecord<OAuthClient>;

export interface Clients {
  /** Throws `invalid-structure`. */
  register(clinic: ClinicId, metadata: ClientMetadata, registeredBy: string): Promise<Registered>;
  /** An active client of any clinic. */
  active(clientId: string): Promise<OAuthClient | undefined>;
  list(clinic: ClinicId, limit: number, after?: string): Promise<readonly Found[]>;
  /** Throws `not-found`, as for a client of another clinic. */
  get(clinic: ClinicId, clientId: string): Promise<Found>;
  /** Tokens given under the former terms end. Throws `not-found`, `invalid-structure`, `conflict`. */
  change(clinic: ClinicId, clientId: string, metadata: ClientMetadata, active: boolean): Promise<Found>;
  /** Throws `not-found`. */
  remove(clinic: ClinicId, clientId: string): Promise<void>;
  /** The former secret stays good for a day. Throws `not-found`, `business-rule` for a client without secrets, `conflict`. */
  rotateSecret(clinic: ClinicId, clientId: string): Promise<Registered>;
}

const GRACE_MS = 24 * 3600_000;

export function createClients(deps: ClientDeps): Clients {
  const { records, revoker, clock } = deps;
  const get: Clients['get'] = (clinic, clientId) => getOne(records, clinic, clientId);
  const replace = async (found: Found, value: OAuthClient): Promise<Found> => {
    const replaced = await records.replace(OAUTH_CLIENT, PLATFORM, found.id, found.revision, value);
    if (!replaced.ok) throw fhirError('conflict', 'the app was changed by someone else at the same time', 'Read it again and repeat.');
    return replaced.record;
  };
  return {
    get,
    register: (clinic, metadata, registeredBy) => register(deps, clinic, metadata, registeredBy),
    async active(clientId) {
      const client = (await records.get(OAUTH_CLIENT, PLATFORM, clientId))?.value;
      return client?.active === true ? client : undefined;
    },
    list: (clinic, limit, after) =>
      records.list(OAUTH_CLIENT, PLATFORM, { by: { name: 'clinic', value: clinic }, limit, ...(after === undefined ? {} : { after }) }),
    async change(clinic, clientId, metadata, active) {
      const found = await get(clinic, clientId);
      assertClient(metadata);
      const { secrets, registeredBy, createdAt } = found.value;
      const kept = { clientId, clinic, secrets: usesSecret(metadata) ? secrets : [], registeredBy, createdAt };
      const changed = await replace(found, { ...metadata, ...kept, active });
      await revoker.revokeClient(clientId);
      return changed;
    },
    async remove(clinic, clientId) {
      await get(clinic, clientId);
      await records.remove(OAUTH_CLIENT, PLATFORM, clientId);
      await revoker.revokeClient(clientId);
    },
    async rotateSecret(clinic, clientId) {
      const found = await get(clinic, clientId);
      const { secret, secrets } = rotated(found.value, clock.now());
      return { client: (await replace(found, { ...found.value, secrets })).value, secret };
    },
  };
}

async function getOne(records: RecordStore, clinic: ClinicId, clientId: string): Promise<Found> {
  const found = await records.get(OAUTH_CLIENT, PLATFORM, clientId);
  if (found?.value.clinic !== clinic) throw noSuchApp();
  return found;
}

/** The former one stays good for a while, those before it don't. */
function rotated(client: OAuthClient, now: number): { readonly secret: string; readonly secrets: OAuthClient['secrets'] } {
  if (!usesSecret(client)) throw fhirError('business-rule', 'this app has no secret', 'Only apps with a client secret have one.');
  const secret = randomSecret();
  const former = client.secrets.filter((s) => s.until === undefined).map(({ hash }) => ({ hash, until: now + GRACE_MS }));
  return { secret, secrets: [{ hash: hashOf(secret) }, ...former] };
}

async function register(
  { records, clock, newId }: ClientDeps,
  clinic: ClinicId,
  metadata: ClientMetadata,
  registeredBy: string,
): Promise<Registered> {
  assertClient(metadata);
  const [clientId, secret] = [newId(), usesSecret(metadata) ? randomSecret() : undefined];
  const secrets = secret === undefined ? [] : [{ hash: hashOf(secret) }];
  const client = { ...metadata, clientId, clinic, secrets, active: true, registeredBy, createdAt: clock.now() };
  await records.insert(OAUTH_CLIENT, PLATFORM, clientId, client);
  return { client, ...(secret === undefined ? {} : { secret }) };
}
