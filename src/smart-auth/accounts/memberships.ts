/**
 * Who belongs to a clinic, in which role. The person's FHIR resources are written first, under an id that follows from account
 * and clinic, then the place, then the membership: cut off anywhere, the same request done again finishes it, and until
 * the membership is there nobody can sign in. What takes something away ends tokens and sessions before it is answered.
 */
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { Role } from '../../fhir/model/principal.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { Clock } from '../../platform/clock.ts';
import type { RecordStore, StoredRecord } from '../../records/port.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { inNextEra, type InEras } from './era.ts';
import { normalEmail } from './identifiers.ts';
import { fullName, isPatientRole, resourceIdOf, resourcesOf, userTypeOf, type Person } from './people.ts';
import { MEMBERSHIP, PLACE, PLATFORM, type Membership } from './records.ts';
import type { Author, Resource, Resources } from './resources.ts';

export type StoredMembership = StoredRecord<Membership>;

export interface Joining {
  readonly account: string;
  readonly clinic: ClinicId;
  readonly role: Role;
  readonly person: Person & { readonly email: string };
  /** `Patient/9`, where the person has a resource already. */
  readonly resource?: string;
}

export interface Memberships {
  find(clinic: ClinicId, account: string): Promise<StoredMembership | undefined>;
  /** Makes or renews a membership. Throws `conflict` where the resource is another account's, `invalid-reference`. */
  join(author: Author, joining: Joining): Promise<StoredMembership>;
  /** Throws `precondition-failed` unless the membership is at the revision, `conflict` if it changes meanwhile. */
  change(author: Author, found: StoredMembership, change: MembershipChange): Promise<StoredMembership>;
}

export interface MembershipChange {
  readonly role?: Role;
  readonly active?: boolean;
  readonly person?: Person & { readonly email: string };
}

interface MembershipDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly resources: Resources;
  readonly sessions: Sessions;
}

export function createMemberships(deps: MembershipDeps): Memberships {
  const { records } = deps;
  return {
    find: (clinic, account) => records.get(MEMBERSHIP, clinic, account),
    async join(author, joining) {
      const fhirUser = await settleResources(deps, author, joining);
      const { account, clinic } = joining;
      // That it is there already is as good.
      await records.insert(PLACE, PLATFORM, `${account} ${clinic}`, { account, clinic });
      const joined = await settleMembership(deps, joining, fhirUser);
      if (joined.revision > 1) await deps.sessions.endAll(account, clinic);
      return joined;
    },
    async change(author, found, change) {
      const { clinic } = author.principal;
      const { value } = found;
      const role = change.role ?? value.role;
      if (isPatientRole(role) !== isPatientRole(value.role)) throw otherKind();
      const active = change.active ?? value.active;
      await updateResources(deps, author, value, { role, active, ...(change.person ? { person: change.person } : {}) });
      const ends = role !== value.role || active !== value.active;
      const changed: Membership = { ...value, role, active, ...(change.person ? known(change.person) : {}) };
      const after = ends ? inNextEra(changed) : changed;
      const written = await records.replace(MEMBERSHIP, clinic, found.id, found.revision, after);
      if (!written.ok)
        throw fhirError('conflict', 'someone else changed this user at the same time', 'Read it again, then repeat the change.');
      if (ends) await deps.sessions.endAll(found.id, clinic);
      return written.record;
    },
  };
}

const known = (person: Person & { readonly email: string }): Pick<Membership, 'name' | 'email' | 'phone'> => ({
  name: fullName(person),
  email: normalEmail(person.email),
  ...(person.phone === undefined ? {} : { phone: person.phone }),
});

/** The person's resource: one that is named and there, or one of ours. */
async function settleResources({ resources }: MembershipDeps, author: Author, joining: Joining): Promise<string> {
  const { account, clinic, role, person, resource } = joining;
  if (resource !== undefined) return linked(resources, author, role, resource);
  const id = resourceIdOf(account, clinic);
  const before = await presentOf(resources, author, role, id);
  await resources.putAll(author, resourcesOf({ id, clinic, role, active: true, person }, before));
  return `${userTypeOf(role)}/${id}`;
}

async function linked(resources: Resources, author: Author, role: Role, reference: string): Promise<string> {
  const [type = '', id = ''] = reference.split('/');
  const found = type === userTypeOf(role) ? await resources.read(author, type, id) : undefined;
  if (found) return `${type}/${found.resource.id}`;
  throw fhirError(
    'invalid-reference',
    `a ${role} is a ${userTypeOf(role)} of this clinic`,
    'Name one that is there, or leave it out.',
    '/resource',
  );
}

async function presentOf(resources: Resources, author: Author, role: Role, id: string): Promise<Resource[]> {
  const types = isPatientRole(role) ? ['Patient'] : ['Practitioner', 'PractitionerRole'];
  const found = await Promise.all(types.map((type) => resources.read(author, type, id)));
  return found.filter((r) => r !== undefined).map(({ resource }) => resource);
}

const eraIn = ({ era }: Membership): InEras => (era === undefined ? {} : { era });

async function settleMembership({ records, clock }: MembershipDeps, joining: Joining, fhirUser: string): Promise<StoredMembership> {
  const { account, clinic, role, person } = joining;
  for (;;) {
    const before = await records.get(MEMBERSHIP, clinic, account);
    const value: Membership = {
      account,
      role,
      fhirUser,
      active: true,
      createdAt: before?.value.createdAt ?? clock.now(),
      ...known(person),
    };
    const written = before
      ? await records.replace(MEMBERSHIP, clinic, account, before.revision, inNextEra({ ...eraIn(before.value), ...value }))
      : await records.insert(MEMBERSHIP, clinic, account, value);
    if (written.ok) return written.record;
    if (written.reason === 'unique')
      throw fhirError('conflict', 'this resource belongs to another account', 'Name another one, or leave it out.', '/resource');
  }
}

/** Those that are ours; a resource that was linked keeps what it says, but for a role and state. */
async function updateResources(
  { resources }: MembershipDeps,
  author: Author,
  before: Membership,
  now: { readonly role: Role; readonly active: boolean; readonly person?: Person },
): Promise<void> {
  const { clinic } = author.principal;
  const id = before.fhirUser.split('/')[1] ?? '';
  if (id !== resourceIdOf(before.account, clinic)) return;
  const present = await presentOf(resources, author, before.role, id);
  const person = now.person ?? personOf(present[0], before);
  await resources.putAll(author, resourcesOf({ id, clinic, role: now.role, active: now.active, person }, present));
}

/** The name as the resource has it, in its parts. */
function personOf(
  resource: Resource | undefined,
  { name, email, phone }: Pick<Membership, 'name' | 'email' | 'phone'>,
): Person & { email: string } {
  const [first] = (resource?.['name'] ?? []) as { readonly given?: readonly string[]; readonly family?: string }[];
  const parts =
    first?.given?.[0] === undefined
      ? { givenName: name }
      : { givenName: first.given.join(' '), ...(first.family === undefined ? {} : { familyName: first.family }) };
  return { ...parts, email, ...(phone === undefined ? {} : { phone }) };
}

const otherKind = (): Error =>
  fhirError(
    'business-rule',
    'a patient is not made staff, nor staff a patient',
    'Take the membership away, then give one with the other role.',
    '/role',
  );
