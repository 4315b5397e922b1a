/**
 * `Patient/1/$everything`, `Patient/$everything`, `Encounter/1/$everything`: https://hl7.org/fhir/R4/patient-operation-everything.html
 * and https://hl7.org/fhir/R4/encounter-operation-everything.html
 */
import type { ResourceKey } from '../../model/ids.ts';
import { fhirError } from '../../outcome/error.ts';
import { bundleText, type BundleEntryText, type BundleLink } from '../../interactions/bundle-text.ts';
import type { FhirResponse } from '../../interactions/message.ts';
import type { Call, Route } from '../../interactions/router.ts';
import { inSlices } from '../../interactions/slices.ts';
import { bodyFor } from '../../interactions/view.ts';
import { readCurrent } from '../../interactions/visible.ts';
import { findIncluded } from '../../search/include.ts';
import type { StoredVersion } from '../../store/port.ts';
import { openState, sealState } from './cursor.ts';
import { gather } from './gather.ts';
import { everythingQueryOf, ownQuery, type EverythingQuery } from './query.ts';

const DEFINITIONS: Readonly<Record<string, string>> = {
  Patient: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
  Encounter: 'http://hl7.org/fhir/OperationDefinition/Encounter-everything',
};

export function everythingRoutes(): Route[] {
  const common = { interactions: ['operation'], operation: { name: 'everything', definitions: DEFINITIONS }, handle: everything } as const;
  return [':type/:id/$everything', ':type/$everything'].flatMap((pattern) => [
    { method: 'GET', pattern, ...common },
    { method: 'POST', pattern, ...common },
  ]);
}

/**
 * A page of: the resource itself, what is in its compartment, and what that refers to outside. What is referred to goes
 * with each page that refers to it, so that no page has to know of the others.
 */
async function everything(call: Call): Promise<FhirResponse> {
  const { deps, request, type, id } = call;
  if (!(type in DEFINITIONS) || (id === '' && type !== 'Patient')) throw notServed();
  const query = everythingQueryOf(call);
  const focus = id === '' ? undefined : await readCurrent(deps, request.context, { type, id });
  const state = openState(call, query);
  const first = state === undefined && focus !== undefined && isAsked(query, focus) ? [focus] : [];
  const page = await gather(call, query, state, query.limit - first.length);
  const members = [...first, ...page.items];
  const outside = await referredTo(call, query, members);
  const next = page.next && sealState(call, query, page.next);
  const total = state === undefined && next === undefined ? members.length : undefined;
  const entries = await inSlices([...members, ...outside], (version) => entryOf(call, version, outside.includes(version)));
  return { status: 200, headers: {}, body: bundleText('searchset', total, linksOf(call, query, next), entries) };
}

const notServed = (): Error =>
  fhirError(
    'not-found',
    'nothing is served at this path',
    'There are Patient/1/$everything, Patient/$everything, Encounter/1/$everything.',
    'URL',
  );

const isAsked = ({ since, types }: EverythingQuery, focus: ResourceKey & { readonly at: number }): boolean =>
  (types?.has(focus.type) ?? true) && (since === undefined || focus.at >= since);

/** Never anything that could be of another patient or encounter: that would be in their compartment. */
function referredTo(call: Call, { types }: EverythingQuery, members: readonly StoredVersion[]): Promise<StoredVersion[]> {
  const { deps, request, type } = call;
  const { principal, deadline, access } = request.context;
  const inside = deps.definitions.compartments[type] ?? {};
  const among = new Set([...deps.definitions.resourceTypes].filter((t) => t !== type && !inside[t] && (types?.has(t) ?? true)));
  const scope = { store: deps.store, clinic: principal.clinic, deadline };
  return findIncluded(deps, { scope, access, among, include: [{ iterate: false }], revinclude: [] }, members);
}

const entryOf = (call: Call, version: StoredVersion, included: boolean): BundleEntryText => ({
  fullUrl: `${call.request.context.baseUrl}/${version.type}/${version.id}`,
  resource: bodyFor(call, version.type, version.body),
  rest: included ? '"search":{"mode":"include"}' : '"search":{"mode":"match"}',
});

function linksOf(call: Call, query: EverythingQuery, next: string | undefined): BundleLink[] {
  const base = [call.request.context.baseUrl, ...call.request.path].join('/');
  const url = (cursor: string | undefined): string => {
    const parts = [...ownQuery(query), ...(cursor === undefined ? [] : [`_cursor=${cursor}`])];
    return parts.length === 0 ? base : `${base}?${parts.join('&')}`;
  };
  return [
    { relation: 'self', url: url(query.cursor) },
    { relation: 'first', url: url(undefined) },
    ...(next === undefined ? [] : [{ relation: 'next', url: url(next) } as const]),
  ];
}
