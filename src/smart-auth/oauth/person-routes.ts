/** Routes for people: starting an app from a front end, and the apps they allowed. */
import { Type, type Static } from 'typebox';
import { route, type KnownCall, type Route } from '../../api/route.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import { FIRST_PARTY } from '../tokens/port.ts';
import { allowedApps, revokeApp } from './apps.ts';
import type { OAuthDeps } from './deps.ts';
import { OAuthError } from './errors.ts';
import { prepareLaunch } from './launches.ts';

const TAG = 'Apps';
const Id = Type.String({ pattern: '^[A-Za-z0-9\\-.]{1,64}$' });
const LAUNCH = Type.Object(
  {
    clientId: Type.String({ minLength: 1, maxLength: 200 }),
    patient: Type.Optional(Id),
    encounter: Type.Optional(Id),
    intent: Type.Optional(Type.String({ maxLength: 200 })),
    needPatientBanner: Type.Optional(Type.Boolean()),
    fhirContext: Type.Optional(Type.Array(Type.Record(Type.String(), Type.Unknown()), { maxItems: 20 })),
  },
  { additionalProperties: false },
);
const LAUNCHED = Type.Object({ launch: Type.String(), expiresIn: Type.Integer(), url: Type.Optional(Type.String()) });
const APPS = Type.Object({
  data: Type.Array(
    Type.Object({ clientId: Type.String(), name: Type.String(), scope: Type.String(), since: Type.String(), lastUsed: Type.String() }),
  ),
});

export const personRoutes = (deps: OAuthDeps): Route[] => [
  route({
    method: 'POST',
    path: '/clinics/:clinicId/launches',
    summary: 'Prepares the launch of an app with what is open: good once, for five minutes, for the caller',
    tag: TAG,
    rule: { own: 'starts an app in the caller’s own name' },
    body: LAUNCH,
    answers: { 201: LAUNCHED },
    audit: 'token',
    replayable: false,
    handle: (call) => launch(deps, call),
  }),
  route({
    method: 'GET',
    path: '/auth/apps',
    summary: 'The apps that the caller allowed',
    tag: TAG,
    rule: { own: 'lists what the caller allowed' },
    answers: { 200: APPS },
    audit: 'rest',
    handle: async ({ identity: { principal } }) => ({
      status: 200,
      body: { data: await allowedApps(deps, personIn(principal.account), principal.clinic) },
    }),
  }),
  route({
    method: 'DELETE',
    path: '/auth/apps/:clientId',
    summary: 'Takes back what the caller allowed an app; its tokens end',
    tag: TAG,
    rule: { own: 'ends what the caller allowed' },
    answers: { 204: null },
    audit: 'token',
    handle: async ({ identity: { principal }, params: { clientId = '' } }) => {
      await revokeApp(deps, personIn(principal.account), principal.clinic, clientId);
      return { status: 204, audit: { target: clientId } };
    },
  }),
];

function personIn(account: string | undefined): string {
  if (account === undefined) throw fhirError('forbidden', 'only a person has apps that they allowed', 'Sign in as one.', 'Authorization');
  return account;
}

/** Only a front end of the clinic starts apps: an app that could would widen what its person gave it. */
async function launch(deps: OAuthDeps, { identity, params, body }: KnownCall<undefined, Static<typeof LAUNCH>>) {
  const { principal } = identity;
  const account = personIn(principal.account);
  if (principal.client !== FIRST_PARTY || params['clinicId'] !== principal.clinic)
    throw fhirError('forbidden', 'only a front end of the clinic starts apps', 'Sign in with POST /auth/login.', 'Authorization');
  const { clientId, ...context } = body;
  try {
    const prepared = await prepareLaunch(deps, { account, clinic: principal.clinic, clientId, context });
    return { status: 201, body: prepared, audit: context.patient === undefined ? {} : { patient: `Patient/${context.patient}` } };
  } catch (error) {
    if (error instanceof OAuthError) throw fhirError('invalid-reference', error.message, 'Check clientId, patient and encounter.', '/');
    throw error;
  }
}
