/** Accounts, sessions and clinics, put together: the routes, and what other parts of `smart-auth` ask of them. */
import type { Route } from '../../api/route.ts';
import type { Dispatch } from '../../fhir/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Sealer } from '../../platform/seal.ts';
import type { RecordStore } from '../../records/port.ts';
import { clinicRoutes } from '../clinics/clinic-routes.ts';
import { createClinics, type Clinics } from '../clinics/clinics.ts';
import { locationRoutes } from '../clinics/location-routes.ts';
import { createLocationQr, type LocationQr } from '../clinics/qr.ts';
import { staffRoutes } from '../clinics/staff-routes.ts';
import { createErrands, type ErrandLog, type Errands } from '../messages/errands.ts';
import type { MessageSender } from '../messages/port.ts';
import { createSessions, type Sessions } from '../sessions/sessions.ts';
import type { TokenIssuer, TokenRevoker } from '../tokens/port.ts';
import { createAccounts, type Accounts } from './accounts.ts';
import { authRoutes } from './auth-routes.ts';
import { bootstrap, type BootstrapSettings } from './bootstrap.ts';
import { codeRoutes } from './code-routes.ts';
import { createCodes, createLinks } from './codes.ts';
import { createCredentials, type Credentials } from './credentials.ts';
import { createDevices } from './devices.ts';
import { createGuard, type GuardPolicy } from './guard.ts';
import { createInvitations } from './invitations.ts';
import { createLetters } from './letters.ts';
import { meRoutes } from './me-routes.ts';
import { createMemberships } from './memberships.ts';
import type { PasswordHasher } from './passwords/hasher.ts';
import { createPlaces, type Places } from './places.ts';
import { createRegistrations } from './registration.ts';
import { createResources } from './resources.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import { createTickets } from './tickets.ts';
import { createSecondFactors } from './totp.ts';
import { userRoutes, type PermissionsOf } from './user-routes.ts';

export interface PeopleDeps {
  readonly records: RecordStore;
  readonly dispatch: Dispatch;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Of a purpose of its own, `accounts`. */
  readonly sealer: Sealer;
  readonly issuer: TokenIssuer;
  readonly revoker: TokenRevoker;
  readonly sender: MessageSender;
  readonly hasher: PasswordHasher;
  readonly permissionsOf: PermissionsOf;
  /** The page where the token of a link is used to set a password. */
  readonly passwordPage: (token: string) => string;
  readonly log: ErrandLog;
  readonly guardPolicy?: GuardPolicy;
}

export interface People {
  readonly routes: readonly Route[];
  readonly accounts: Accounts;
  readonly places: Places;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly credentials: Credentials;
  readonly clinics: Clinics;
  readonly locationQr: LocationQr;
  readonly errands: Errands;
  /** Starts sending; done once, at start. */
  start(): void;
  /** Makes what the first start makes; the generated password, where there is one to print. */
  bootstrap(settings: BootstrapSettings): Promise<string | undefined>;
  close(): Promise<void>;
}

export function createPeople(deps: PeopleDeps): People {
  const { records, clock, hasher, sender } = deps;
  const core = coreOf(deps);
  const { accounts, sessions, signIn, errands, codes, links, memberships, clinics } = core;
  const parts = { ...deps, ...core };
  const registrations = createRegistrations(parts);
  const credentials = createCredentials(parts);
  const invitations = createInvitations(parts);
  const routed = { ...parts, registrations, credentials, invitations, channels: sender.channels, qr: core.locationQr };
  return {
    routes: [
      ...authRoutes(routed),
      ...codeRoutes(routed),
      ...meRoutes(routed),
      ...userRoutes(routed),
      ...clinicRoutes(clinics),
      ...locationRoutes(routed),
      ...staffRoutes(routed),
    ],
    accounts,
    places: core.places,
    sessions,
    signIn,
    credentials,
    clinics,
    locationQr: core.locationQr,
    errands,
    start: () => errands.start(createLetters({ records, accounts, codes, links, passwordPage: deps.passwordPage })),
    bootstrap: (settings) =>
      bootstrap({ records, clock, newId: deps.newId, accounts, memberships, clinics, hasher, sealer: deps.sealer }, settings),
    async close() {
      await errands.close();
      await Promise.all([hasher.close(), sender.close()]);
    },
  };
}

function coreOf(deps: PeopleDeps) {
  const { records, clock, newId, sealer } = deps;
  const accounts = createAccounts(records);
  const places = createPlaces(records);
  const resources = createResources(deps.dispatch, clock);
  const sessions = createSessions({ ...deps, accounts, places });
  const codes = createCodes(records, clock, sealer);
  const guard = createGuard({ records, clock }, deps.guardPolicy);
  const secondFactors = createSecondFactors({ accounts, clock, sealer });
  const tickets = createTickets(accounts, clock, sealer);
  const devices = createDevices(clock, newId, sealer);
  return {
    accounts,
    places,
    resources,
    sessions,
    codes,
    guard,
    secondFactors,
    tickets,
    links: createLinks(records, clock),
    signIn: createSignIn({ accounts, places, guard, hasher: deps.hasher, secondFactors, tickets, devices, codes }),
    errands: createErrands(deps),
    memberships: createMemberships({ records, clock, resources, sessions }),
    clinics: createClinics({ records, clock, resources, sessions }),
    locationQr: createLocationQr(records, clock, sealer),
  };
}
