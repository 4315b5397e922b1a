/** From a request to who asks, with all that may have changed since the token was verified: consents, and an emergency. */
import type { IncomingHttpHeaders } from 'node:http';
import type { ApiIdentity } from '../api/route.ts';
import type { ClinicId } from '../fhir/model/ids.ts';
import type { Arrival } from '../fhir/http/principal.ts';
import type { AccessFilter, Principal } from '../fhir/model/principal.ts';
import type { Node } from '../fhir/search/ast.ts';
import type { ClinicZones } from './clinics/zones.ts';
import type { ConsentReader } from './consent/reader.ts';
import type { Emergencies } from './emergency/index.ts';
import { ROLE_TABLE } from './roles/table.ts';
import type { IdentifyCaller } from './tokens/identify.ts';

export interface FreshIdentityDeps {
  readonly identify: IdentifyCaller;
  readonly accessOf: (principal: Principal, scope: string) => AccessFilter<Node>;
  readonly consents: Pick<ConsentReader, 'refresh'>;
  readonly zones: Pick<ClinicZones, 'knows' | 'learn'>;
  readonly emergencies: Emergencies;
}

/** Throws `unauthenticated`, `not-found`, `forbidden`, `unavailable`. */
export type IdentifyRequest = (
  headers: IncomingHttpHeaders,
  clinic: ClinicId | undefined,
  arrival: Arrival,
) => ApiIdentity | Promise<ApiIdentity>;

export function createFreshIdentity(deps: FreshIdentityDeps): IdentifyRequest {
  const widenedOf = createWidened(deps);
  const settle = (identity: ApiIdentity, headers: IncomingHttpHeaders, arrival: Arrival): ApiIdentity | Promise<ApiIdentity> => {
    const { clinic, role } = identity.principal;
    const waiting = deps.consents.refresh(clinic);
    const header = textOf(headers['x-break-glass']);
    const mayWiden = header !== undefined || (role !== undefined && ROLE_TABLE[role].emergency === true);
    if (waiting === undefined && !mayWiden && deps.zones.knows(clinic)) return identity;
    return (async () => {
      await Promise.all([waiting, deps.zones.learn(clinic)]);
      return mayWiden ? widenedOf(identity, await deps.emergencies.emergencyFor(identity.principal, header, arrival)) : identity;
    })();
  };
  return (headers, clinic, arrival) => {
    const known = deps.identify(headers, clinic);
    return known instanceof Promise ? known.then((identity) => settle(identity, headers, arrival)) : settle(known, headers, arrival);
  };
}

const textOf = (header: string | readonly string[] | undefined): string | undefined => (typeof header === 'object' ? header[0] : header);

/** The identity in an emergency; made once while it lasts, since an access filter remembers what it answered. */
function createWidened({ accessOf }: FreshIdentityDeps): (identity: ApiIdentity, principal: Principal) => ApiIdentity {
  const made = new WeakMap<ApiIdentity, ApiIdentity>();
  return (identity, principal) => {
    if (principal.emergency === undefined) return identity;
    const known = made.get(identity);
    if (known?.principal.emergency === principal.emergency) return known;
    const widened = { ...identity, principal, access: accessOf(principal, identity.scope) };
    made.set(identity, widened);
    return widened;
  };
}
