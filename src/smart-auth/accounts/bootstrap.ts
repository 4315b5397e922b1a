/**
 * The first start: a clinic, someone who may do everything, and where it is asked for a client. What is there already stays
 * as it is, whoever made it: several processes may start at once, and all of them again.
 */
import { randomBytes } from 'node:crypto';
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Sealer } from '../../platform/seal.ts';
import type { RecordKind, RecordStore } from '../../records/port.ts';
import { OAUTH_CLIENT, type OAuthClient } from '../clients/records.ts';
import type { Clinics } from '../clinics/clinics.ts';
import type { Accounts, StoredAccount } from './accounts.ts';
import { hashOf } from '../clients/secrets.ts';
import { normalEmail } from './identifiers.ts';
import type { Memberships } from './memberships.ts';
import type { PasswordHasher } from './passwords/hasher.ts';
import { PLATFORM } from './records.ts';
import { serverAuthor, type Author } from './resources.ts';

export interface BootstrapSettings {
  readonly clinic: ClinicId;
  readonly timeZone: string;
  readonly adminEmail: string;
  readonly adminPassword?: string | undefined;
  readonly client?: { readonly id: string; readonly secret: string } | undefined;
  readonly publicUrl: string;
}

export interface BootstrapDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly accounts: Accounts;
  readonly memberships: Memberships;
  readonly clinics: Clinics;
  readonly hasher: PasswordHasher;
  readonly sealer: Sealer;
}

/** That all of it was done once: what is changed later on, or taken away, doesn't come back with the next start. */
export const BOOTSTRAPPED: RecordKind<{ readonly at: number }> = { name: 'bootstrapped' };
/** The password that is generated, sealed, until it can be printed: cut off before, the next start prints the same. */
const GENERATED: RecordKind<{ readonly sealed: string }> = { name: 'bootstrap-password' };
const DONE = 'done';

/** The generated password, where none was given and this start is the one that finishes: to be printed once. */
export async function bootstrap(deps: BootstrapDeps, settings: BootstrapSettings): Promise<string | undefined> {
  const { records, clock } = deps;
  if (await records.get(BOOTSTRAPPED, PLATFORM, DONE)) return undefined;
  const author = serverAuthor(settings.clinic, settings.publicUrl, deps.newId());
  await deps.clinics.settle(author, { name: settings.clinic, timeZone: settings.timeZone });
  if (settings.client) await settleClient(deps, settings.clinic, settings.client);
  const generated = settings.adminPassword === undefined ? await generatedPassword(deps) : undefined;
  await settlePlace(deps, author, await settleAdmin(deps, settings.adminEmail, settings.adminPassword ?? generated ?? ''));
  const isFirst = (await records.insert(BOOTSTRAPPED, PLATFORM, DONE, { at: clock.now() })).ok;
  await records.remove(GENERATED, PLATFORM, DONE);
  return isFirst ? generated : undefined;
}

const PASSWORD_BYTES = 15;
const ADMIN_NAME = 'Administrator';

/** The same for all that start at once. */
async function generatedPassword({ records, sealer }: BootstrapDeps): Promise<string> {
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  const written = await records.insert(GENERATED, PLATFORM, DONE, { sealed: sealer.seal(password, 'bootstrap') });
  const kept = written.ok ? written.record : await records.get(GENERATED, PLATFORM, DONE);
  return (kept && sealer.open(kept.value.sealed, 'bootstrap')) ?? password;
}

/** One of several that start at once makes it; the others find it. */
async function settleAdmin({ accounts, hasher, clock, newId }: BootstrapDeps, address: string, password: string): Promise<StoredAccount> {
  const email = normalEmail(address);
  const found = await accounts.findByEmail(email);
  if (found) return found;
  const passwordHash = await hasher.hash(password);
  const value = {
    email,
    name: ADMIN_NAME,
    passwordHash,
    emailVerified: true,
    active: true,
    language: 'en',
    createdAt: clock.now(),
  } as const;
  const there = (await accounts.add(newId(), value)) ?? (await accounts.findByEmail(email));
  if (!there) throw new Error('the administrator came and went');
  return there;
}

async function settlePlace({ memberships }: BootstrapDeps, author: Author, { id, value }: StoredAccount): Promise<void> {
  const { clinic } = author.principal;
  if (await memberships.find(clinic, id)) return;
  await memberships.join(author, { account: id, clinic, role: 'SUPER_ADMIN', person: { givenName: value.name, email: value.email } });
}

async function settleClient(
  { records, clock }: BootstrapDeps,
  clinic: ClinicId,
  { id, secret }: { readonly id: string; readonly secret: string },
): Promise<void> {
  const client: OAuthClient = {
    clientId: id,
    clinic,
    name: id,
    authMethod: 'client_secret_basic',
    secrets: [{ hash: hashOf(secret) }],
    redirectUris: [],
    grantTypes: ['client_credentials'],
    scope: 'system/*.cruds',
    origins: [],
    active: true,
    registeredBy: 'bootstrap',
    createdAt: clock.now(),
  };
  // That it is there already is as good.
  await records.insert(OAUTH_CLIENT, PLATFORM, id, client);
}
