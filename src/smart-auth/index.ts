/** Who may do what, put together: people, apps, tokens, permission, and the routes and pages of all of them. */
import type { ApiIdentity, ApiMethod, ClosedRule, GroupRule, Route } from '../api/route.ts';
import type { Dispatch, FhirDeps } from '../fhir/index.ts';
import type { AuditLog } from '../fhir/model/audit.ts';
import { asResourceId, type ClinicId } from '../fhir/model/ids.ts';
import type { AccessFilter, Principal, Role } from '../fhir/model/principal.ts';
import { resourceIn } from '../fhir/interactions/answered.ts';
import { FhirError } from '../fhir/outcome/error.ts';
import type { Node } from '../fhir/search/ast.ts';
import type { Outbound } from '../platform/outbound.ts';
import type { Sealer } from '../platform/seal.ts';
import type { RecordStore } from '../records/port.ts';
import { isGroupBreakGlass } from './access/break-glass.ts';
import { createAccess } from './access/index.ts';
import { createPeople, type People } from './accounts/index.ts';
import { createPasswordHasher } from './accounts/passwords/hasher.ts';
import type { ClinicZones } from './clinics/zones.ts';
import type { ConsentReader } from './consent/reader.ts';
import { createEmergencies } from './emergency/index.ts';
import { worksInAll } from './tokens/identify.ts';
import { createFreshIdentity, type IdentifyRequest } from './identify.ts';
import type { SigningKeys } from './keys/key-set.ts';
import type { ErrandLog } from './messages/errands.ts';
import type { MessageSender } from './messages/port.ts';
import type { Member, ScopeRules, SeenRecord } from './oauth/deps.ts';
import { createOAuth, type OAuth } from './oauth/index.ts';
import { appErrorPage, createBrowsers, createGrants, createNames, createPatients, pageRoutes, passwordPath } from './pages/index.ts';
import { scopeLine } from './pages/scope-lines.ts';
import { GROUP_NAMES } from './roles/groups.ts';
import { ACTIONS, lettersOf } from './roles/letters.ts';
import { mayUseRoute } from './roles/permission.ts';
import { roleMay } from './roles/table.ts';
import { parseScopes, printScopes } from './scopes/parse.ts';
import { boundsOfRole } from './scopes/role-bounds.ts';
import { cutDown, isWithin, within } from './scopes/sets.ts';

export interface SmartAuthOptions {
  readonly deps: FhirDeps;
  readonly dispatch: Dispatch;
  readonly records: RecordStore;
  readonly audit: AuditLog;
  readonly keys: SigningKeys;
  /** A sealer for a purpose. */
  readonly sealerFor: (purpose: string) => Sealer;
  readonly consents: ConsentReader;
  readonly zones: ClinicZones;
  readonly outbound: Outbound;
  readonly sender: MessageSender;
  readonly homeClinic: ClinicId;
  /** Without a final slash; known once the server listens. */
  readonly publicUrl: () => string;
  readonly log: ErrandLog & { error(fields: { readonly requestId?: string; readonly err: unknown }, message: string): void };
}

export interface SmartAuth {
  readonly routes: readonly Route[];
  readonly people: People;
  readonly identify: IdentifyRequest;
  /** What the table of roles and the scopes of the token say of a route. */
  readonly permits: (identity: ApiIdentity, rule: ClosedRule, method: ApiMethod) => boolean;
  readonly isBreakGlass: (identity: ApiIdentity, rule: GroupRule) => boolean;
  readonly crossesClinics: (identity: ApiIdentity) => boolean;
  /** For CORS. */
  readonly isOriginOfApp: (origin: string) => Promise<boolean>;
  close(): Promise<void>;
}

export function createSmartAuth(options: SmartAuthOptions): SmartAuth {
  const { deps, dispatch, records, audit, keys, sealerFor, consents, outbound, homeClinic, publicUrl, log } = options;
  const { clock, newId } = deps;
  const types = deps.definitions.resourceTypes;
  const accessOf = createAccessOf(options);
  const shared = { records, clock, newId, keys, outbound, homeClinic, publicUrl };
  const asMember = createMemberIdentity(options, accessOf);
  const oauth = createOAuth({
    ...shared,
    accessOf,
    refreshSealer: sealerFor('refresh-tokens'),
    scopes: scopeRules(types),
    seenBy: createSeenBy(options, asMember),
    errorPage: (message, headers) => appErrorPage(publicUrl(), message, headers),
  });
  const people = peopleOf(options, oauth);
  const emergencies = createEmergencies({ dispatch, clock, records, audit, newId, baseUrl: `${publicUrl()}/fhir/R4` });
  const pages = pageRoutes({
    signIn: people.signIn,
    passwords: people.credentials,
    transactions: oauth.transactions,
    browsers: createBrowsers(shared),
    patients: createPatients({ dispatch, identityOf: asMember, clock, newId }),
    names: createNames(shared),
    grants: createGrants(oauth.deps),
    lineOf: (scope) => scopeLine(scope, types),
    log,
  });
  return {
    routes: [...oauth.routes, ...people.routes, ...pages],
    people,
    identify: createFreshIdentity({ identify: oauth.identify, accessOf, consents, zones: options.zones, emergencies }),
    permits: ({ principal, scope }, rule, method) => mayUseRoute(principal, parseScopes(scope, types).scopes, rule, method),
    isBreakGlass: ({ principal }, { group, action }) => isGroupBreakGlass(principal, group, action),
    crossesClinics: ({ principal }) => worksInAll(principal),
    isOriginOfApp: oauth.isOriginOfApp,
    close: () => people.close(),
  };
}

function peopleOf({ deps, sealerFor, publicUrl, ...given }: SmartAuthOptions, { issuer, revoker }: OAuth): People {
  const { clock, newId } = deps;
  return createPeople({
    ...{ ...given, clock, newId, issuer, revoker, permissionsOf },
    hasher: createPasswordHasher(),
    sealer: sealerFor('accounts'),
    passwordPage: (token) => publicUrl() + passwordPath(token),
  });
}

type AccessOf = (principal: Principal, scope: string) => AccessFilter<Node>;

function createAccessOf({ deps, consents, publicUrl }: SmartAuthOptions): AccessOf {
  const access = createAccess({ ...deps, consents, baseUrl: `${publicUrl()}/fhir/R4` });
  return (principal, scope) => access.accessFor({ principal, scopes: parseScopes(scope, deps.definitions.resourceTypes).scopes });
}

type MemberIdentity = (member: Member) => Promise<{ readonly principal: Principal; readonly access: AccessFilter<Node> }>;

/** As what a member's role alone lets them see. */
function createMemberIdentity({ consents }: SmartAuthOptions, accessOf: AccessOf): MemberIdentity {
  return async ({ account, clinic, role, fhirUser }) => {
    await consents.refresh(clinic);
    const patient = role === 'PATIENT' ? { patient: asResourceId(fhirUser.split('/')[1] ?? '') } : {};
    const principal: Principal = { account, clinic, role, subject: fhirUser, ...patient };
    return { principal, access: accessOf(principal, role === 'PATIENT' ? 'patient/*.rs' : 'user/*.rs') };
  };
}

const LOOK_MS = 10_000;

function createSeenBy({ deps, dispatch, publicUrl }: SmartAuthOptions, identityOf: MemberIdentity) {
  return async (member: Member, reference: string): Promise<SeenRecord | undefined> => {
    const place = { requestId: deps.newId(), baseUrl: `${publicUrl()}/fhir/R4`, deadline: deps.clock.now() + LOOK_MS };
    const context = { ...(await identityOf(member)), ...place };
    const read = { method: 'GET', path: reference.split('/'), query: '', headers: {}, context } as const;
    return dispatch(read).then((answer) => resourceIn<SeenRecord>(answer), unseen);
  };
}

function unseen(error: unknown): undefined {
  if (error instanceof FhirError && error.status < 500) return undefined;
  throw error;
}

function scopeRules(types: ReadonlySet<string>): ScopeRules {
  const read = (text: string) => parseScopes(text, types).scopes;
  return {
    granted(asked, ceiling, role) {
      const scopes = within(read(asked), read(ceiling));
      return printScopes(role === undefined ? scopes : cutDown(scopes, boundsOfRole(role)));
    },
    isWithin: (asked, granted) => isWithin(read(asked), read(granted)),
  };
}

/** What a role may do, group by group, as letters. */
const permissionsOf = (role: Role): readonly { readonly group: string; readonly actions: string }[] =>
  GROUP_NAMES.map((group) => ({ group, actions: lettersOf(ACTIONS.filter((action) => roleMay(role, group, action))) })).filter(
    ({ actions }) => actions !== '',
  );
