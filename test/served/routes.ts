/** Who may use which route, as a clinic's manager would write it down: not made of the code, but what the code is held to. */
import { ROLES } from '../../src/fhir/model/principal.ts';

/** Apps with all scopes, of the administrator and the patient who let them in. */
const APPS = ['APP_OF_CLINIC_ADMIN', 'APP_OF_SUPER_ADMIN', 'APP_OF_PATIENT'] as const;
/** Everyone who could ask: the twelve roles, apps, a system with all scopes, and who hasn't signed in. */
export const CALLERS = [...ROLES, ...APPS, 'SYSTEM', 'NOBODY'] as const;
export type Caller = (typeof CALLERS)[number];

const ADMINS: readonly Caller[] = ['SUPER_ADMIN', 'CLINIC_ADMIN'];
const GROUPS: Readonly<Record<string, readonly Caller[]>> = {
  super: ['SUPER_ADMIN'],
  admins: ADMINS,
  /** What is kept as FHIR resources, a system with all scopes may reach as well. */
  'admins+systems': [...ADMINS, 'APP_OF_CLINIC_ADMIN', 'APP_OF_SUPER_ADMIN', 'SYSTEM'],
  people: ROLES,
  'people+apps': [...ROLES, ...APPS],
  everyone: [...ROLES, ...APPS, 'SYSTEM'],
};

const TABLE = `
POST   /auth/register                               open    makes an account that nobody has yet
POST   /auth/verify-email                           open    finishes that, with the code that was sent
POST   /auth/login                                  open    signs in
POST   /auth/refresh                                open    by the refresh token alone
POST   /auth/logout                                 open    the access token may have ended
POST   /auth/forgot-password                        open    who forgot it can't sign in
POST   /auth/reset-password                         open    by the token of the link that was sent
POST   /auth/otp/request                            open    signs in by a code
POST   /auth/otp/verify                             open    signs in by a code
POST   /auth/mfa/verify                             open    second step of signing in
POST   /auth/change-password                        people
POST   /auth/mfa/enrol                              people
DELETE /auth/mfa                                    people
GET    /auth/me                                     people
PUT    /auth/me                                     people
POST   /auth/me/phone                               people
GET    /auth/sessions                               people
DELETE /auth/sessions/:id                           people
GET    /auth/apps                                   people
DELETE /auth/apps/:clientId                         people
GET    /users                                       admins
POST   /users                                       admins
GET    /users/:id                                   admins
PUT    /users/:id                                   admins
DELETE /users/:id                                   admins
PUT    /users/:id/role                              admins
POST   /users/:id/clinics/:clinicId                 admins
DELETE /users/:id/clinics/:clinicId                 admins
GET    /users/:id/permissions                       admins
GET    /clinics                                     super
POST   /clinics                                     super
GET    /clinics/:clinicId                           admins
PUT    /clinics/:clinicId                           admins
DELETE /clinics/:clinicId                           super
GET    /clinics/:clinicId/locations                 admins+systems
POST   /clinics/:clinicId/locations                 admins+systems
GET    /clinics/:clinicId/locations/:locationId     admins+systems
PUT    /clinics/:clinicId/locations/:locationId     admins+systems
DELETE /clinics/:clinicId/locations/:locationId     admins+systems
GET    /clinics/:clinicId/locations/:locationId/qr  admins+systems
GET    /clinics/:clinicId/staff                     admins+systems
POST   /clinics/:clinicId/staff                     admins+systems
GET    /clinics/:clinicId/staff/:staffId            admins+systems
PUT    /clinics/:clinicId/staff/:staffId            admins+systems
DELETE /clinics/:clinicId/staff/:staffId            admins+systems
GET    /clinics/:clinicId/apps                      admins
POST   /clinics/:clinicId/apps                      admins
GET    /clinics/:clinicId/apps/:appId               admins
PUT    /clinics/:clinicId/apps/:appId               admins
DELETE /clinics/:clinicId/apps/:appId               admins
POST   /clinics/:clinicId/apps/:appId/rotate-secret admins
POST   /clinics/:clinicId/launches                  people
GET    /audit                                       admins+systems
GET    /audit/:id                                   admins+systems
GET    /oauth2/authorize                            open    the person signs in on the way
POST   /oauth2/authorize                            open    the person signs in on the way
POST   /oauth2/token                                open    the client proves itself as the protocol says
POST   /oauth2/introspect                           open    the client proves itself as the protocol says
POST   /oauth2/revoke                               open    the client proves itself as the protocol says
POST   /oauth2/register                             open    the clinic says whether apps register themselves
GET    /oauth2/userinfo                             people+apps
POST   /oauth2/userinfo                             people+apps
GET    /oauth2/login                                open    a page to sign in
POST   /oauth2/login                                open    a page to sign in
POST   /oauth2/second-factor                        open    a page to sign in
POST   /oauth2/clinic                               open    a page to sign in
GET    /oauth2/patient                              open    a page of who has signed in, by its cookie
POST   /oauth2/patient                              open    a page of who has signed in, by its cookie
GET    /oauth2/consent                              open    a page of who has signed in, by its cookie
POST   /oauth2/consent                              open    a page of who has signed in, by its cookie
GET    /oauth2/apps                                 open    a page of who has signed in, by its cookie
POST   /oauth2/apps                                 open    a page of who has signed in, by its cookie
POST   /oauth2/sign-out                             open    a page of who has signed in, by its cookie
GET    /password                                    open    by the token of the link that was sent
POST   /password                                    open    by the token of the link that was sent
GET    /password/forgot                             open    who forgot it can't sign in
POST   /password/forgot                             open    who forgot it can't sign in
GET    /oauth2/style.css                            open    how the pages look
GET    /.well-known/jwks.json                       open    public keys
GET    /.well-known/openid-configuration            open    discovery
GET    /fhir/R4/.well-known/smart-configuration     open    discovery
GET    /clinics/:clinic/fhir/R4/.well-known/smart-configuration open discovery, that says nothing of the clinic
GET    /smart-style.json                            open    how the pages look
GET    /openapi.json                                open    a description without data
GET    /docs                                        open    a description without data
GET    /docs/start.js                               open    a file of it
GET    /docs/swagger-ui.css                         open    a file of it
GET    /docs/swagger-ui-bundle.js                   open    a file of it
GET    /healthz                                     open    operation
GET    /readyz                                      open    operation
GET    /metrics                                     open    operation
GET    FHIR/metadata                                open    what the server can do
GET    FHIR                                         everyone
POST   FHIR                                         everyone
GET    FHIR/_history                                everyone
POST   FHIR/_search                                 everyone
GET    FHIR/:type                                   everyone
POST   FHIR/:type                                   everyone
PUT    FHIR/:type                                   everyone
PATCH  FHIR/:type                                   everyone
DELETE FHIR/:type                                   everyone
POST   FHIR/:type/_search                           everyone
GET    FHIR/:type/_history                          everyone
GET    FHIR/:type/:id                               everyone
PUT    FHIR/:type/:id                               everyone
PATCH  FHIR/:type/:id                               everyone
DELETE FHIR/:type/:id                               everyone
GET    FHIR/:type/:id/_history                      everyone
GET    FHIR/:type/:id/_history/:vid                 everyone
GET    FHIR/:type/:id/:member                       everyone
POST   FHIR/:type/:id/:member/_search               everyone
GET    FHIR/:type/$everything                       everyone
POST   FHIR/:type/$everything                       everyone
GET    FHIR/:type/:id/$everything                   everyone
POST   FHIR/:type/:id/$everything                   everyone
`;

export interface ExpectedRoute {
  /** `GET /users/:id` */
  readonly name: string;
  readonly may: ReadonlySet<Caller>;
  /** Why nobody has to sign in. */
  readonly open?: string;
}

const BASES = ['/fhir/R4', '/clinics/:clinicId/fhir/R4'];

export const EXPECTED_ROUTES: readonly ExpectedRoute[] = TABLE.trim()
  .split('\n')
  .flatMap((line) => {
    const [, method = '', path = '', who = '', reason = ''] = /^(\S+) +(\S+) +(\S+) *(.*)$/.exec(line) ?? [];
    const expected = who === 'open' ? { may: new Set<Caller>(CALLERS), open: reason } : { may: new Set(GROUPS[who]) };
    const paths = path.startsWith('FHIR') ? BASES.map((base) => path.replace('FHIR', base)) : [path];
    return paths.map((one) => ({ name: `${method} ${one}`, ...expected }));
  });
