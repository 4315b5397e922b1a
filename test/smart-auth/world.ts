/** One resource of each kind that the table of roles tells apart, in memory, and what an access filter finds of them. */
import { asClinicId, asResourceId } from '../../src/fhir/model/ids.ts';
import type { JsonObject } from '../../src/fhir/model/json.ts';
import { ROLES, type AccessFilter, type Action, type Principal, type Role } from '../../src/fhir/model/principal.ts';
import type { Node } from '../../src/fhir/search/ast.ts';
import { matches, type LinkResolver, type Subject } from '../../src/fhir/search/match.ts';
import { createAccess, type Access } from '../../src/smart-auth/access/index.ts';
import type { CriteriaDeps } from '../../src/smart-auth/access/criteria.ts';
import type { Consents } from '../../src/smart-auth/consent/reader.ts';
import { FIRST_PARTY } from '../../src/smart-auth/tokens/port.ts';
import { parseScopes } from '../../src/smart-auth/scopes/parse.ts';
import type { Scope } from '../../src/smart-auth/scopes/scope.ts';
import { extractor } from '../search/extracting.ts';
import { BASE_URL, NOW, parserDeps, TIME_ZONE } from '../search/set-up.ts';

export const CLINIC = asClinicId('clinic-a');
export const TYPES = parserDeps.definitions.resourceTypes;

const NO_CONSENTS: Consents = { deniedTo: () => ({ op: 'none' }) };
export const accessDeps: CriteriaDeps = { ...parserDeps, clock: { now: () => NOW }, timeZoneOf: () => TIME_ZONE, baseUrl: BASE_URL };
export const accessWith = (consents: Consents = NO_CONSENTS): Access =>
  createAccess({ ...accessDeps, consents: { current: () => consents } });

export function scopesOf(text: string): readonly Scope[] {
  const { scopes, refused } = parseScopes(text, TYPES);
  if (refused.length > 0) throw new Error(JSON.stringify(refused));
  return scopes;
}

/** PATIENT is Patient/own, everyone else a Practitioner named after the role. */
export function personOf(role: Role, more: Partial<Principal> = {}): Principal {
  const subject = role === 'PATIENT' ? 'Patient/own' : `Practitioner/${role}`;
  const patient = role === 'PATIENT' ? { patient: asResourceId('own') } : {};
  return { subject, clinic: CLINIC, client: FIRST_PARTY, account: role, role, ...patient, ...more };
}

export const EVERYONE: readonly Principal[] = ROLES.map((role) => personOf(role));

export interface Known {
  readonly resource: JsonObject & { readonly resourceType: string; readonly id: string };
  readonly subject: Subject;
}

export const known = (resource: Known['resource']): Known => ({
  resource,
  subject: { type: resource.resourceType, id: resource.id, lastUpdated: NOW, entries: extractor.extract(resource, TIME_ZONE) },
});

const linksIn = (world: readonly Known[]): LinkResolver => {
  const links: LinkResolver = {
    chain: (from, { param, type, where }) =>
      world.some(({ subject: to }) => to.type === type && refers(from, param, to) && matches(where, to, links)),
    has: (to, { param, type, where }) =>
      world.some(({ subject: from }) => from.type === type && refers(from, param, to) && matches(where, from, links)),
  };
  return links;
};

const refers = (from: Subject, param: string, to: Subject): boolean =>
  from.entries.reference.some((e) => e.param === param && e.type === to.type && e.id === to.id);

/** Whether the filter lets this be done to the resource, among the others of the world. */
export function allows(access: AccessFilter<Node>, world: readonly Known[], { subject }: Known, action: Action): boolean {
  const filter = access.restrict(subject.type, action);
  if (filter === 'all' || filter === 'none') return filter === 'all';
  return matches(filter, subject, linksIn(world));
}
