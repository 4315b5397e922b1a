/** `/clinics/:clinicId/locations`: branches and rooms, with the QR that hangs there. */
import { Type } from 'typebox';
import { route, type ApiAnswer, type KnownCall, type Route } from '../../api/route.ts';
import { searchLiteral } from '../../fhir/search/escape.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { Author, Resources, Versioned } from '../accounts/resources.ts';
import { closed, Cursor, Limit, pageOf, PROBLEM, text } from '../../api/schemas.ts';
import type { Clinics } from './clinics.ts';
import { fromLocation, LocationChange, LocationInput, LocationView, toLocation } from './locations.ts';
import { drawQr, QR_TYPES, type LocationQr } from './qr.ts';
import { authorIn, idOfNew, listOf, searchOf } from './within.ts';

export interface LocationRouteDeps {
  readonly clinics: Clinics;
  readonly resources: Resources;
  readonly qr: LocationQr;
  readonly newId: () => string;
}

export const locationRoutes = (deps: LocationRouteDeps): Route[] => [
  list(deps),
  create(deps),
  read(deps),
  update(deps),
  remove(deps),
  draw(deps),
];

const TAG = 'Locations';
const LIST = '/clinics/:clinicId/locations';
const ONE = '/clinics/:clinicId/locations/:locationId';

const answer = (status: number, { resource, etag }: Versioned): ApiAnswer => ({
  status,
  headers: { ETag: etag },
  body: fromLocation(resource),
  audit: { target: `Location/${resource.id}` },
});

const Query = closed({
  name: Type.Optional(text(200)),
  active: Type.Optional(Type.Boolean()),
  limit: Limit,
  cursor: Type.Optional(Cursor),
});

const list = ({ clinics, resources }: LocationRouteDeps): Route =>
  route({
    method: 'GET',
    path: LIST,
    summary: 'The locations of a clinic',
    tag: TAG,
    rule: { group: 'organization', action: 'search' },
    query: Query,
    answers: { 200: pageOf(LocationView), 404: PROBLEM },
    audit: 'rest',
    async handle(call) {
      const { name, active, ...page } = call.query;
      const status = active === undefined ? undefined : active ? 'active' : 'inactive';
      const query = searchOf(page, { 'name:contains': name && searchLiteral(name), status });
      return { status: 200, body: listOf(await resources.search(await authorIn(clinics, call), 'Location', query), fromLocation) };
    },
  });

const create = ({ clinics, resources, newId }: LocationRouteDeps): Route =>
  route({
    method: 'POST',
    path: LIST,
    summary: 'Adds a location',
    tag: TAG,
    rule: { group: 'organization', action: 'create' },
    body: LocationInput,
    answers: { 201: LocationView, 404: PROBLEM },
    audit: 'configuration',
    async handle(call) {
      const author = await authorIn(clinics, call);
      const { clinic } = author.principal;
      const location = toLocation(idOfNew(call, newId), clinic, call.body, undefined);
      const made = answer(201, await resources.put(author, location));
      return { ...made, headers: { ...made.headers, Location: `/clinics/${clinic}/locations/${location.id}` } };
    },
  });

const read = (deps: LocationRouteDeps): Route =>
  route({
    method: 'GET',
    path: ONE,
    summary: 'A location',
    tag: TAG,
    rule: { group: 'organization', action: 'read' },
    answers: { 200: LocationView, 404: PROBLEM },
    audit: 'rest',
    handle: async (call) => answer(200, (await found(deps, call)).location),
  });

const update = (deps: LocationRouteDeps): Route =>
  route({
    method: 'PUT',
    path: ONE,
    summary: 'Changes a location; without If-Match the last one wins',
    tag: TAG,
    rule: { group: 'organization', action: 'update' },
    body: LocationChange,
    answers: { 200: LocationView, 404: PROBLEM, 412: PROBLEM },
    audit: 'configuration',
    async handle(call) {
      const { renewQr, ...input } = call.body;
      const { author, location } = await found(deps, call);
      const { clinic } = author.principal;
      const { id } = location.resource;
      const changed = toLocation(id, clinic, input, location.resource);
      const written = await deps.resources.put(author, changed, call.headers['if-match']);
      if (renewQr === true) await deps.qr.renew(clinic, id);
      return answer(200, written);
    },
  });

const remove = (deps: LocationRouteDeps): Route =>
  route({
    method: 'DELETE',
    path: ONE,
    summary: 'Deletes a location; its QR is no good from then on',
    tag: TAG,
    rule: { group: 'organization', action: 'delete' },
    answers: { 204: null, 404: PROBLEM, 412: PROBLEM },
    audit: 'configuration',
    async handle(call) {
      const author = await authorIn(deps.clinics, call);
      const id = call.params['locationId'] ?? '';
      await deps.resources.remove(author, 'Location', id, call.headers['if-match']);
      await deps.qr.forget(author.principal.clinic, id);
      return { status: 204, audit: { target: `Location/${id}` } };
    },
  });

const DAY_SECONDS = 24 * 60 * 60;
const Drawing = closed({
  format: Type.Union([Type.Literal('png'), Type.Literal('svg')], { default: 'png' }),
  seconds: Type.Integer({ minimum: 60, maximum: 366 * DAY_SECONDS, default: DAY_SECONDS, description: 'How long it is good' }),
});

const draw = (deps: LocationRouteDeps): Route =>
  route({
    method: 'GET',
    path: `${ONE}/qr`,
    summary: 'The QR that patients check in with, as PNG or SVG',
    tag: TAG,
    rule: { group: 'organization', action: 'update' },
    query: Drawing,
    answers: { 200: 'image/png', 404: PROBLEM },
    audit: 'rest',
    async handle(call) {
      const { format, seconds } = call.query;
      const { author, location } = await found(deps, call);
      const content = await deps.qr.text(author.principal.clinic, location.resource.id, seconds);
      return { status: 200, headers: { 'Content-Type': QR_TYPES[format] }, body: await drawQr(content, format) };
    },
  });

async function found(
  { clinics, resources }: LocationRouteDeps,
  call: KnownCall<unknown, unknown>,
): Promise<{ readonly author: Author; readonly location: Versioned }> {
  const author = await authorIn(clinics, call);
  const location = await resources.read(author, 'Location', call.params['locationId'] ?? '');
  if (location) return { author, location };
  throw fhirError('not-found', 'there is no such location', 'Check its id.', 'locationId');
}
