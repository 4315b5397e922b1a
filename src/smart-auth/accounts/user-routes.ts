/** `/users`: the people of a clinic, as its administrators see and manage them. */
import { Type } from 'typebox';
import { route, type KnownCall, type Route } from '../../api/route.ts';
import { asClinicId, type ClinicId } from '../../fhir/model/ids.ts';
import type { Role } from '../../fhir/model/principal.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { RecordStore } from '../../records/port.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Accounts } from './accounts.ts';
import { assertManages, assertOther, authorOf, isSuper, noUser } from './authority.ts';
import { inNextEra } from './era.ts';
import { assertMatches } from './etag.ts';
import type { Invitations } from './invitations.ts';
import type { Memberships, StoredMembership } from './memberships.ts';
import { fullName } from './people.ts';
import { CLINIC, PLATFORM } from './records.ts';
import { closed, Cursor, Limit, pageOf, PROBLEM, text } from '../../api/schemas.ts';
import { Email, LanguageCode, Name, Phone, RoleName } from './schemas.ts';
import { listUsers } from './user-list.ts';
import { User, userAnswer, userView } from './user-view.ts';

/** What a role may do, a line a group: from the table of roles. */
export type PermissionsOf = (role: Role) => readonly { readonly group: string; readonly actions: string }[];

export interface UserRouteDeps {
  readonly records: RecordStore;
  readonly accounts: Accounts;
  readonly memberships: Memberships;
  readonly invitations: Invitations;
  readonly sessions: Sessions;
  readonly permissionsOf: PermissionsOf;
}

export const userRoutes = (deps: UserRouteDeps): Route[] => [
  list(deps),
  create(deps),
  read(deps),
  update(deps),
  deactivate(deps),
  setRole(deps),
  join(deps),
  leave(deps),
  permissions(deps),
];

const TAG = 'Users';
const Query = closed({
  email: Type.Optional(Email),
  phone: Type.Optional(Phone),
  name: Type.Optional(text(100)),
  role: Type.Optional(RoleName),
  active: Type.Optional(Type.Boolean()),
  limit: Limit,
  cursor: Type.Optional(Cursor),
});
const Resource = Type.String({
  pattern: '^(Patient|Practitioner)/[A-Za-z0-9\\-.]{1,64}$',
  description: 'Theirs already, where there is one',
});
const NewUser = closed({
  ...Name,
  email: Email,
  phone: Type.Optional(Phone),
  role: RoleName,
  language: Type.Optional(LanguageCode),
  resource: Type.Optional(Resource),
});
const ChangedUser = closed({ ...Name, phone: Type.Optional(Phone), active: Type.Optional(Type.Boolean()) });

const list = ({ records }: UserRouteDeps): Route =>
  route({
    method: 'GET',
    path: '/users',
    summary: 'The users of the clinic, in the order of their ids',
    tag: TAG,
    rule: { group: 'accounts', action: 'search' },
    query: Query,
    answers: { 200: pageOf(User), 403: PROBLEM },
    audit: 'rest',
    async handle({ query, identity }) {
      const { limit, cursor, ...filter } = query;
      const { clinic } = identity.principal;
      const { users, next } = await listUsers(records, clinic, filter, { limit, ...(cursor === undefined ? {} : { cursor }) });
      const page = next === undefined ? {} : { next };
      return { status: 200, body: { data: users.map((user) => userView(clinic, user)), page } };
    },
  });

const create = ({ memberships, invitations }: UserRouteDeps): Route =>
  route({
    method: 'POST',
    path: '/users',
    summary: 'Makes someone a user of the clinic, with their FHIR resources; a message invites them to choose a password',
    tag: TAG,
    rule: { group: 'accounts', action: 'create' },
    body: NewUser,
    answers: { 201: User, 403: PROBLEM, 409: PROBLEM, 422: PROBLEM },
    audit: 'configuration',
    async handle(call) {
      const { role, resource, language = 'en', ...person } = call.body;
      assertManages(call.identity, role);
      const account = await invitations.invite({ email: person.email, name: fullName(person), language });
      const author = authorOf(call);
      const { clinic } = author.principal;
      const before = await memberships.find(clinic, account.id);
      // Done again after it was cut off, or lost on the way, it is what it was.
      if (before?.value.active && (before.value.role !== role || call.idempotencyToken === undefined)) throw isUser();
      const joined = before?.value.active
        ? before
        : await memberships.join(author, { account: account.id, clinic, role, person, ...(resource === undefined ? {} : { resource }) });
      return userAnswer(201, clinic, joined);
    },
  });

const isUser = (): Error => fhirError('conflict', 'this address is a user of the clinic already', 'Change that one.', '/email');

const read = (deps: UserRouteDeps): Route =>
  route({
    method: 'GET',
    path: '/users/:id',
    summary: 'A user of the clinic',
    tag: TAG,
    rule: { group: 'accounts', action: 'read' },
    answers: { 200: User, 404: PROBLEM },
    audit: 'rest',
    handle: async (call) => userAnswer(200, call.identity.principal.clinic, await found(deps, call)),
  });

const update = (deps: UserRouteDeps): Route =>
  route({
    method: 'PUT',
    path: '/users/:id',
    summary: 'Changes name, number and state of a user; without If-Match the last one wins',
    tag: TAG,
    rule: { group: 'accounts', action: 'update' },
    body: ChangedUser,
    answers: { 200: User, 403: PROBLEM, 404: PROBLEM, 412: PROBLEM },
    audit: 'configuration',
    async handle(call) {
      const { active, ...person } = call.body;
      const user = await managed(deps, call);
      if (active === false) assertOther(call.identity, user.id);
      assertMatches(call.headers['if-match'], user.revision);
      const change = { person: { ...person, email: user.value.email }, ...(active === undefined ? {} : { active }) };
      const changed = await deps.memberships.change(authorOf(call), user, change);
      if (active === true && isSuper(call.identity)) await deps.accounts.change(user.id, (account) => ({ ...account, active: true }));
      return userAnswer(200, call.identity.principal.clinic, changed);
    },
  });

const deactivate = (deps: UserRouteDeps): Route =>
  route({
    method: 'DELETE',
    path: '/users/:id',
    summary: 'Deactivates a user: in this clinic, and everywhere when a SUPER_ADMIN does; their tokens end at once',
    tag: TAG,
    rule: { group: 'accounts', action: 'delete' },
    answers: { 204: null, 403: PROBLEM, 404: PROBLEM },
    audit: 'configuration',
    async handle(call) {
      const user = await managed(deps, call);
      assertOther(call.identity, user.id);
      await deps.memberships.change(authorOf(call), user, { active: false });
      if (isSuper(call.identity)) {
        await deps.accounts.change(user.id, (account) => inNextEra({ ...account, active: false }));
        await deps.sessions.endAll(user.id);
      }
      return { status: 204, audit: { target: user.value.fhirUser } };
    },
  });

const setRole = (deps: UserRouteDeps): Route =>
  route({
    method: 'PUT',
    path: '/users/:id/role',
    summary: 'Gives a user another role in the clinic; their tokens end at once',
    tag: TAG,
    rule: { group: 'memberships', action: 'update' },
    body: closed({ role: RoleName }),
    answers: { 200: User, 403: PROBLEM, 404: PROBLEM, 412: PROBLEM, 422: PROBLEM },
    audit: 'configuration',
    async handle(call) {
      const { role } = call.body as { readonly role: Role };
      const user = await managed(deps, call, role);
      assertOther(call.identity, user.id);
      assertMatches(call.headers['if-match'], user.revision);
      return userAnswer(200, call.identity.principal.clinic, await deps.memberships.change(authorOf(call), user, { role }));
    },
  });

const join = (deps: UserRouteDeps): Route =>
  route({
    method: 'POST',
    path: '/users/:id/clinics/:clinicId',
    summary: 'Gives a user a role in a clinic: again in one’s own, in any where one works in all',
    tag: TAG,
    rule: { group: 'memberships', action: 'create' },
    body: closed({ role: RoleName, resource: Type.Optional(Resource) }),
    answers: { 201: User, 403: PROBLEM, 404: PROBLEM, 409: PROBLEM, 422: PROBLEM },
    audit: 'configuration',
    async handle(call) {
      const { role, resource } = call.body as { readonly role: Role; readonly resource?: string };
      const [clinic, id] = [asClinicId(call.params['clinicId'] ?? ''), call.params['id'] ?? ''];
      assertManages(call.identity, role);
      const person = await joiningPerson(deps, call, clinic, id);
      const joining = { account: id, clinic, role, person, ...(resource === undefined ? {} : { resource }) };
      return userAnswer(201, clinic, await deps.memberships.join(authorOf(call, clinic), joining));
    },
  });

/** As the clinic knows them; who never was there is known only to those who work in all. */
async function joiningPerson(deps: UserRouteDeps, call: KnownCall<unknown, unknown>, clinic: ClinicId, id: string) {
  const before = await deps.memberships.find(clinic, id);
  if (before) {
    assertManages(call.identity, before.value.role);
    assertOther(call.identity, id);
    const { name, email, phone } = before.value;
    return { givenName: name, email, ...(phone === undefined ? {} : { phone }) };
  }
  const account = isSuper(call.identity) ? await deps.accounts.find(id) : undefined;
  if (!account || !(await deps.records.get(CLINIC, PLATFORM, clinic))) throw noUser();
  return { givenName: account.value.name, email: account.value.email };
}

const leave = (deps: UserRouteDeps): Route =>
  route({
    method: 'DELETE',
    path: '/users/:id/clinics/:clinicId',
    summary: 'Takes a user’s place in a clinic away; their tokens there end at once',
    tag: TAG,
    rule: { group: 'memberships', action: 'delete' },
    answers: { 204: null, 403: PROBLEM, 404: PROBLEM },
    audit: 'configuration',
    async handle(call) {
      const clinic = asClinicId(call.params['clinicId'] ?? '');
      const user = await deps.memberships.find(clinic, call.params['id'] ?? '');
      if (!user) throw noUser();
      assertManages(call.identity, user.value.role);
      assertOther(call.identity, user.id);
      await deps.memberships.change(authorOf(call, clinic), user, { active: false });
      return { status: 204, audit: { target: user.value.fhirUser } };
    },
  });

const permissions = (deps: UserRouteDeps): Route =>
  route({
    method: 'GET',
    path: '/users/:id/permissions',
    summary: 'What a user’s role lets them do in the clinic',
    tag: TAG,
    rule: { group: 'memberships', action: 'read' },
    answers: {
      200: closed({ role: RoleName, active: Type.Boolean(), groups: Type.Array(closed({ group: text(64), actions: Type.String() })) }),
      404: PROBLEM,
    },
    audit: 'rest',
    async handle(call) {
      const { role, active } = (await found(deps, call)).value;
      return { status: 200, body: { role, active, groups: deps.permissionsOf(role) } };
    },
  });

/** In the clinic of the token: those of others aren't there. */
async function found({ memberships }: UserRouteDeps, { params, identity }: KnownCall<unknown, unknown>): Promise<StoredMembership> {
  const user = await memberships.find(identity.principal.clinic, params['id'] ?? '');
  if (!user) throw noUser();
  return user;
}

async function managed(deps: UserRouteDeps, call: KnownCall<unknown, unknown>, ...roles: readonly Role[]): Promise<StoredMembership> {
  const user = await found(deps, call);
  assertManages(call.identity, user.value.role, ...roles);
  return user;
}
