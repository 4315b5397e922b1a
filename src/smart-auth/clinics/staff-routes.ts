/** `/clinics/:clinicId/staff`: who works there. Access is given by `/users`; whoever has an account is deactivated there. */
import { Type } from 'typebox';
import { route, type ApiAnswer, type KnownCall, type Route } from '../../api/route.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { RecordStore } from '../../records/port.ts';
import { MEMBERSHIP } from '../accounts/records.ts';
import type { Author, Resource, Resources, Versioned } from '../accounts/resources.ts';
import { closed, Cursor, Limit, pageOf, PROBLEM } from '../../api/schemas.ts';
import { RoleName } from '../accounts/schemas.ts';
import { ROLE_SYSTEM } from '../accounts/people.ts';
import type { Clinics } from './clinics.ts';
import { fromStaff, practitionerIdOf, StaffInput, StaffView, toStaff } from './staff.ts';
import { authorIn, idOfNew, listOf, searchOf } from './within.ts';

export interface StaffRouteDeps {
  readonly clinics: Clinics;
  readonly records: RecordStore;
  readonly resources: Resources;
  readonly newId: () => string;
}

export const staffRoutes = (deps: StaffRouteDeps): Route[] => [list(deps), create(deps), read(deps), update(deps), remove(deps)];

const TAG = 'Staff';
const LIST = '/clinics/:clinicId/staff';
const ONE = '/clinics/:clinicId/staff/:staffId';

const Query = closed({ role: Type.Optional(RoleName), active: Type.Optional(Type.Boolean()), limit: Limit, cursor: Type.Optional(Cursor) });

const list = ({ clinics, resources }: StaffRouteDeps): Route =>
  route({
    method: 'GET',
    path: LIST,
    summary: 'Who works in a clinic',
    tag: TAG,
    rule: { group: 'staff', action: 'search' },
    query: Query,
    answers: { 200: pageOf(StaffView), 404: PROBLEM },
    audit: 'rest',
    async handle(call) {
      const { role, active, ...page } = call.query;
      const criteria = {
        role: role && `${ROLE_SYSTEM}|${role}`,
        active: active === undefined ? undefined : String(active),
        _include: 'PractitionerRole:practitioner',
      };
      const found = await resources.search(await authorIn(clinics, call), 'PractitionerRole', searchOf(page, criteria));
      const people = new Map(found.resources.filter((r) => r.resourceType === 'Practitioner').map((r) => [r.id, r]));
      const roles = found.resources.filter((r) => r.resourceType === 'PractitionerRole');
      return { status: 200, body: listOf({ ...found, resources: roles }, (r) => fromStaff(r, people.get(practitionerIdOf(r) ?? ''))) };
    },
  });

const create = (deps: StaffRouteDeps): Route =>
  route({
    method: 'POST',
    path: LIST,
    summary: 'Adds someone who works there, without an account',
    tag: TAG,
    rule: { group: 'staff', action: 'create' },
    body: StaffInput,
    answers: { 201: StaffView, 404: PROBLEM },
    audit: 'configuration',
    async handle(call) {
      const author = await authorIn(deps.clinics, call);
      const { clinic } = author.principal;
      const id = idOfNew(call, deps.newId);
      const pair = toStaff({ role: id, practitioner: id }, clinic, call.body, {});
      await deps.resources.putAll(author, pair);
      const made = await answer(deps, author, 201, await present(deps, author, id));
      return { ...made, headers: { ...made.headers, Location: `/clinics/${clinic}/staff/${id}` } };
    },
  });

const read = (deps: StaffRouteDeps): Route =>
  route({
    method: 'GET',
    path: ONE,
    summary: 'Someone who works there',
    tag: TAG,
    rule: { group: 'staff', action: 'read' },
    answers: { 200: StaffView, 404: PROBLEM },
    audit: 'rest',
    async handle(call) {
      const author = await authorIn(deps.clinics, call);
      return answer(deps, author, 200, await present(deps, author, idIn(call)));
    },
  });

const update = (deps: StaffRouteDeps): Route =>
  route({
    method: 'PUT',
    path: ONE,
    summary: 'Changes what is known of them; without If-Match the last one wins',
    tag: TAG,
    rule: { group: 'staff', action: 'update' },
    body: StaffInput,
    answers: { 200: StaffView, 404: PROBLEM, 409: PROBLEM, 412: PROBLEM },
    audit: 'configuration',
    async handle(call) {
      const input = call.body;
      const { author, before, practitioner } = await presentPair(deps, call);
      if (input.active === false || input.role !== undefined) await assertNoAccount(deps, author, before.resource);
      const ids = { role: before.resource.id, practitioner: practitioner?.id ?? before.resource.id };
      const pair = toStaff(ids, author.principal.clinic, input, { role: before.resource, ...(practitioner ? { practitioner } : {}) });
      await deps.resources.putAll(author, pair, call.headers['if-match']);
      return answer(deps, author, 200, await present(deps, author, ids.role));
    },
  });

const remove = (deps: StaffRouteDeps): Route =>
  route({
    method: 'DELETE',
    path: ONE,
    summary: 'Deactivates someone who has no account; those who have one are deactivated under /users',
    tag: TAG,
    rule: { group: 'staff', action: 'delete' },
    answers: { 204: null, 404: PROBLEM, 409: PROBLEM, 412: PROBLEM },
    audit: 'configuration',
    async handle(call) {
      const { author, before } = await presentPair(deps, call);
      await assertNoAccount(deps, author, before.resource);
      await deps.resources.put(author, { ...before.resource, active: false }, call.headers['if-match']);
      return { status: 204, audit: { target: `PractitionerRole/${before.resource.id}` } };
    },
  });

const idIn = (call: KnownCall<unknown, unknown>): string => call.params['staffId'] ?? '';

async function present({ resources }: StaffRouteDeps, author: Author, id: string): Promise<Versioned> {
  const found = await resources.read(author, 'PractitionerRole', id);
  if (found) return found;
  throw fhirError('not-found', 'there is no such member of staff', 'Check the id.', 'staffId');
}

async function presentPair(
  deps: StaffRouteDeps,
  call: KnownCall<unknown, unknown>,
): Promise<{ readonly author: Author; readonly before: Versioned; readonly practitioner: Resource | undefined }> {
  const author = await authorIn(deps.clinics, call);
  const before = await present(deps, author, idIn(call));
  return { author, before, practitioner: await practitionerOf(deps, author, before.resource) };
}

async function practitionerOf({ resources }: StaffRouteDeps, author: Author, role: Resource): Promise<Resource | undefined> {
  const id = practitionerIdOf(role);
  return id === undefined ? undefined : (await resources.read(author, 'Practitioner', id))?.resource;
}

/** Else they would be gone from here, and go on working. */
async function assertNoAccount({ records }: StaffRouteDeps, author: Author, role: Resource): Promise<void> {
  const user = await records.findUnique(MEMBERSHIP, author.principal.clinic, 'fhirUser', `Practitioner/${practitionerIdOf(role) ?? ''}`);
  if (user?.value.active)
    throw fhirError('conflict', 'they have an account in this clinic', `Change or deactivate the user: /users/${user.id}.`, 'staffId');
}

async function answer(deps: StaffRouteDeps, author: Author, status: number, { resource, etag }: Versioned): Promise<ApiAnswer> {
  return {
    status,
    headers: { ETag: etag },
    body: fromStaff(resource, await practitionerOf(deps, author, resource)),
    audit: { target: `PractitionerRole/${resource.id}` },
  };
}
