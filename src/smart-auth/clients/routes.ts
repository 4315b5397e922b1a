/** `/clinics/:clinicId/apps`: the OAuth clients of a clinic. */
import { Type, type Static } from 'typebox';
import { route, type Route } from '../../api/route.ts';
import { asClinicId, type ClinicId } from '../../fhir/model/ids.ts';
import type { Clients } from './clients.ts';
import type { ClientMetadata } from './metadata.ts';
import type { OAuthClient } from './records.ts';
import { originsOf } from './uris.ts';

const Texts = Type.Array(Type.String(), { maxItems: 50 });
const APP_FIELDS = {
  name: Type.String({ minLength: 1, maxLength: 200 }),
  authMethod: Type.Union(
    [Type.Literal('none'), Type.Literal('client_secret_basic'), Type.Literal('client_secret_post'), Type.Literal('private_key_jwt')],
    { description: 'How the app proves who it is; none for apps in a browser or on a phone' },
  ),
  redirectUris: Type.Optional(Texts),
  launchUrl: Type.Optional(Type.String({ description: 'Where a launch from the EHR begins' })),
  logoUri: Type.Optional(Type.String()),
  grantTypes: Type.Array(
    Type.Union([Type.Literal('authorization_code'), Type.Literal('refresh_token'), Type.Literal('client_credentials')]),
    { minItems: 1, maxItems: 3 },
  ),
  scope: Type.String({ minLength: 1, maxLength: 5000, description: 'The most that it may ever be given, separated by spaces' }),
  jwksUri: Type.Optional(Type.String()),
  jwks: Type.Optional(Type.Object({ keys: Type.Array(Type.Record(Type.String(), Type.Unknown()), { minItems: 1, maxItems: 20 }) })),
  origins: Type.Optional(
    Type.Array(Type.String(), { maxItems: 50, description: 'Browser origins; those of the redirect URIs unless given' }),
  ),
};
const NEW_APP = Type.Object(APP_FIELDS, { additionalProperties: false });
const CHANGED_APP = Type.Object({ ...APP_FIELDS, active: Type.Optional(Type.Boolean()) }, { additionalProperties: false });
const APP = Type.Object({
  ...APP_FIELDS,
  clientId: Type.String(),
  active: Type.Boolean(),
  registeredBy: Type.String(),
  createdAt: Type.String({ format: 'date-time' }),
});
const APP_WITH_SECRET = Type.Object({ ...APP.properties, clientSecret: Type.Optional(Type.String({ description: 'Shown this once' })) });
const LIST = Type.Object({ data: Type.Array(APP), page: Type.Object({ next: Type.Optional(Type.String()) }) });
const PAGE = Type.Object(
  { limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }), cursor: Type.Optional(Type.String({ maxLength: 200 })) },
  { additionalProperties: false },
);

const TAG = 'Apps';
const APPS = '/clinics/:clinicId/apps';
const ONE = `${APPS}/:appId`;
type Params = Readonly<Record<string, string>>;
const clinicIn = (params: Params): ClinicId => asClinicId(params['clinicId'] ?? '');
const appIn = (params: Params): string => params['appId'] ?? '';

export const clientRoutes = (clients: Clients): Route[] => [
  ...listed(clients),
  ...single(clients),
  route({
    method: 'POST',
    path: `${ONE}/rotate-secret`,
    summary: 'Gives the app a new secret; the former one stays good for a day',
    tag: TAG,
    rule: { group: 'apps', action: 'update' },
    answers: { 200: APP_WITH_SECRET },
    audit: 'configuration',
    replayable: false,
    handle: async ({ params }) => {
      const { client, secret } = await clients.rotateSecret(clinicIn(params), appIn(params));
      return { status: 200, body: { ...shown(client), clientSecret: secret }, audit: { target: client.clientId } };
    },
  }),
];

const listed = (clients: Clients): Route[] => [
  route({
    method: 'GET',
    path: APPS,
    summary: 'The apps of the clinic',
    tag: TAG,
    rule: { group: 'apps', action: 'search' },
    query: PAGE,
    answers: { 200: LIST },
    audit: 'rest',
    handle: async ({ params, query: { limit, cursor } }) => {
      const found = await clients.list(clinicIn(params), limit + 1, cursor);
      const page = found.slice(0, limit);
      const next = found.length > limit ? page.at(-1)?.id : undefined;
      return { status: 200, body: { data: page.map((f) => shown(f.value)), page: next === undefined ? {} : { next } } };
    },
  }),
  route({
    method: 'POST',
    path: APPS,
    summary: 'Registers an app',
    tag: TAG,
    rule: { group: 'apps', action: 'create' },
    body: NEW_APP,
    answers: { 201: APP_WITH_SECRET },
    audit: 'configuration',
    replayable: false,
    handle: async ({ params, body, identity }) => {
      const by = identity.principal.account ?? identity.principal.subject;
      const { client, secret } = await clients.register(clinicIn(params), metadataOf(body), by);
      const answer = { ...shown(client), ...(secret === undefined ? {} : { clientSecret: secret }) };
      const headers = { Location: `/clinics/${client.clinic}/apps/${client.clientId}` };
      return { status: 201, headers, body: answer, audit: { target: client.clientId } };
    },
  }),
];

const single = (clients: Clients): Route[] => [
  route({
    method: 'GET',
    path: ONE,
    summary: 'An app',
    tag: TAG,
    rule: { group: 'apps', action: 'read' },
    answers: { 200: APP },
    audit: 'rest',
    handle: async ({ params }) => ({ status: 200, body: shown((await clients.get(clinicIn(params), appIn(params))).value) }),
  }),
  route({
    method: 'PUT',
    path: ONE,
    summary: 'Changes an app; tokens that it has end',
    tag: TAG,
    rule: { group: 'apps', action: 'update' },
    body: CHANGED_APP,
    answers: { 200: APP },
    audit: 'configuration',
    handle: async ({ params, body }) => {
      const { active = true, ...app } = body;
      const changed = await clients.change(clinicIn(params), appIn(params), metadataOf(app), active);
      return { status: 200, body: shown(changed.value), audit: { target: changed.id } };
    },
  }),
  route({
    method: 'DELETE',
    path: ONE,
    summary: 'Removes an app; tokens that it has end',
    tag: TAG,
    rule: { group: 'apps', action: 'delete' },
    answers: { 204: null },
    audit: 'configuration',
    handle: async ({ params }) => {
      await clients.remove(clinicIn(params), appIn(params));
      return { status: 204, audit: { target: appIn(params) } };
    },
  }),
];

function metadataOf({ redirectUris = [], origins, ...app }: Static<typeof NEW_APP>): ClientMetadata {
  return { ...app, redirectUris, origins: origins ?? originsOf(redirectUris.filter((uri) => URL.canParse(uri))) };
}

/** Everything but what it proves itself with. */
function shown({ secrets: _secrets, clinic: _clinic, createdAt, ...client }: OAuthClient): object {
  return { ...client, createdAt: new Date(createdAt).toISOString() };
}
