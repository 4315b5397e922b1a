/** `/clinics`: made by those who work in all, kept by their administrators. */
import { Type } from 'typebox';
import { route, type ApiAnswer, type KnownCall, type Route } from '../../api/route.ts';
import { asClinicId, type ClinicId } from '../../fhir/model/ids.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import { authorOf, isSuper } from '../accounts/authority.ts';
import { assertMatches, etagOfRevision } from '../accounts/etag.ts';
import { closed, Cursor, DateTime, Limit, pageOf, PROBLEM, text } from '../../api/schemas.ts';
import { ClinicKey } from '../accounts/schemas.ts';
import type { Clinics, StoredClinic } from './clinics.ts';

export const clinicRoutes = (clinics: Clinics): Route[] => [
  list(clinics),
  create(clinics),
  read(clinics),
  update(clinics),
  deactivate(clinics),
];

const TAG = 'Clinics';
const Clinic = closed({
  id: text(64),
  name: text(200),
  timeZone: text(64),
  active: Type.Boolean(),
  openRegistration: Type.Boolean({ description: 'Whether apps may register themselves' }),
  selfRegistration: Type.Boolean({ description: 'Whether people may make themselves patients' }),
  createdAt: DateTime,
});
const Switches = { openRegistration: Type.Optional(Type.Boolean()), selfRegistration: Type.Optional(Type.Boolean()) };
const NewClinic = closed({
  id: ClinicKey,
  name: text(200),
  timeZone: Type.Optional(text(64, 'An IANA name; it stays as it is')),
  ...Switches,
});
const ChangedClinic = closed({ name: text(200), active: Type.Optional(Type.Boolean()), ...Switches });

const view = ({ id, value }: StoredClinic): object => ({ id, ...value, createdAt: new Date(value.createdAt).toISOString() });

const answer = (status: number, clinic: StoredClinic): ApiAnswer => ({
  status,
  headers: { ETag: etagOfRevision(clinic.revision), ...(status === 201 ? { Location: `/clinics/${clinic.id}` } : {}) },
  body: view(clinic),
  audit: { target: `Organization/${clinic.id}` },
});

const Query = closed({ limit: Limit, cursor: Type.Optional(Cursor) });

const list = (clinics: Clinics): Route =>
  route({
    method: 'GET',
    path: '/clinics',
    summary: 'The clinics that one may know of: all of them, or one’s own',
    tag: TAG,
    rule: { group: 'clinics', action: 'search' },
    query: Query,
    answers: { 200: pageOf(Clinic), 403: PROBLEM },
    audit: 'rest',
    async handle({ query, identity }) {
      if (!isSuper(identity)) {
        const own = await clinics.find(identity.principal.clinic);
        return { status: 200, body: { data: own ? [view(own)] : [], page: {} } };
      }
      const { limit, cursor } = query;
      const found = await clinics.list(limit + 1, cursor);
      const data = found.slice(0, limit);
      const next = found.length > limit ? data.at(-1)?.id : undefined;
      return { status: 200, body: { data: data.map(view), page: next === undefined ? {} : { next } } };
    },
  });

const create = (clinics: Clinics): Route =>
  route({
    method: 'POST',
    path: '/clinics',
    summary: 'Makes a clinic, with its Organization',
    tag: TAG,
    rule: { group: 'clinics', action: 'create' },
    body: NewClinic,
    answers: { 201: Clinic, 403: PROBLEM, 409: PROBLEM, 422: PROBLEM },
    audit: 'configuration',
    async handle(call) {
      if (!isSuper(call.identity))
        throw fhirError('forbidden', 'only a SUPER_ADMIN makes clinics', 'Ask an administrator of the platform.');
      const { id, ...details } = call.body;
      assertZone(details.timeZone);
      const { clinic, created } = await clinics.settle(authorOf(call, asClinicId(id)), details);
      if (!created) throw fhirError('conflict', 'there is a clinic of this id already', 'Choose another id.', '/id');
      return answer(201, clinic);
    },
  });

function assertZone(timeZone: string | undefined): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw fhirError('business-rule', 'a time zone has an IANA name', 'Write one such as Asia/Kolkata.', '/timeZone');
  }
}

const read = (clinics: Clinics): Route =>
  route({
    method: 'GET',
    path: '/clinics/:clinicId',
    summary: 'A clinic',
    tag: TAG,
    rule: { group: 'clinics', action: 'read' },
    answers: { 200: Clinic, 404: PROBLEM },
    audit: 'rest',
    handle: async (call) => answer(200, await clinicOf(clinics, call)),
  });

const update = (clinics: Clinics): Route =>
  route({
    method: 'PUT',
    path: '/clinics/:clinicId',
    summary: 'Changes a clinic’s name and settings; without If-Match the last one wins',
    tag: TAG,
    rule: { group: 'clinics', action: 'update' },
    body: ChangedClinic,
    answers: { 200: Clinic, 403: PROBLEM, 404: PROBLEM, 412: PROBLEM },
    audit: 'configuration',
    async handle(call) {
      const details = call.body;
      const found = await clinicOf(clinics, call);
      if (details.active !== undefined && details.active !== found.value.active) assertMayClose(call);
      assertMatches(call.headers['if-match'], found.revision);
      return answer(200, await clinics.change(authorOf(call, asClinicId(found.id)), found, details));
    },
  });

const deactivate = (clinics: Clinics): Route =>
  route({
    method: 'DELETE',
    path: '/clinics/:clinicId',
    summary: 'Deactivates a clinic: nobody signs in there, and all its tokens end at once; its data stays',
    tag: TAG,
    rule: { group: 'clinics', action: 'delete' },
    answers: { 204: null, 403: PROBLEM, 404: PROBLEM },
    audit: 'configuration',
    async handle(call) {
      const found = await clinicOf(clinics, call);
      assertMayClose(call);
      await clinics.change(authorOf(call, asClinicId(found.id)), found, { name: found.value.name, active: false });
      return { status: 204, audit: { target: `Organization/${found.id}` } };
    },
  });

/** Nobody but those who work in all, and not the clinic that one is signed in to: that would close the door from inside. */
function assertMayClose({ identity, params }: KnownCall<unknown, unknown>): void {
  if (!isSuper(identity))
    throw fhirError('forbidden', 'only a SUPER_ADMIN opens and closes clinics', 'Ask an administrator of the platform.');
  if (params['clinicId'] === identity.principal.clinic)
    throw fhirError('business-rule', 'a clinic isn’t closed by someone who is signed in to it', 'Sign in to another clinic.', 'clinicId');
}

const clinicOf = async (clinics: Clinics, { params }: KnownCall<unknown, unknown>): Promise<StoredClinic> => {
  const found = await clinics.find((params['clinicId'] ?? '') as ClinicId);
  if (!found) throw noClinic();
  return found;
};

export const noClinic = (): Error => fhirError('not-found', 'there is no such clinic', 'Check its id.', 'clinicId');
