/** What is in the compartment, type by type: a search by one reference each, which both stores answer from an index. */
import type { Call } from '../../interactions/router.ts';
import { asResourceType } from '../../model/ids.ts';
import { ALL, and, not, or, type Node } from '../../search/ast.ts';
import { membershipCodes } from '../../search/compartment.ts';
import { mayAskBy } from '../../search/parse/lookup.ts';
import { rewrite } from '../../search/rewrite/index.ts';
import { firstPage, nextPage } from '../../search/walk.ts';
import type { StoredVersion } from '../../store/port.ts';
import type { EverythingState } from './cursor.ts';
import type { EverythingQuery } from './query.ts';

/** "Care dates": of a type, the first of these that it has. What has no date is never left out. */
const CARE_DATES = [
  'authoredon',
  'authored-on',
  'authored',
  'date',
  'period',
  'effective',
  'effective-time',
  'occurrence',
  'onset-date',
  'started',
  'sent',
  'created',
  'recorded',
  'collected',
  'whenprepared',
  'datetime',
  'datewritten',
  'identified',
  'start-date',
];

export interface Gathered {
  readonly items: readonly StoredVersion[];
  /** Absent on the last page. */
  readonly next?: EverythingState;
}

/** At most `room` members from where the walk stands. */
export async function gather(call: Call, query: EverythingQuery, state: EverythingState | undefined, room: number): Promise<Gathered> {
  const { deps, request } = call;
  const { principal, deadline, access } = request.context;
  const scope = { store: deps.store, clinic: principal.clinic, deadline };
  const types = typesOf(call, query);
  const items: StoredVersion[] = [];
  let walk = state?.walk;
  for (let at = state === undefined ? 0 : Math.max(types.indexOf(state.type), 0); at < types.length; at++) {
    const type = asResourceType(types[at] as string);
    if (items.length >= room) return { items, next: { type, ...(walk === undefined ? {} : { walk }) } };
    const where = rewrite(and(memberNode(call, type), changed(query), cared(call, query, type)), [type], access);
    const search = { types: [type], where, order: 'natural', limit: room - items.length, deadline } as const;
    const page = walk ? await nextPage(scope, search, walk) : await firstPage(scope, search, deps.clock.now());
    items.push(...page.items);
    if (page.next) return { items, next: { type, walk: page.next } };
    walk = undefined;
  }
  return { items };
}

/** Those that are in the compartment by something that the caller may ask for. The resource itself comes before them. */
function typesOf(call: Call, { types }: EverythingQuery): string[] {
  const { access } = call.request.context;
  const members = Object.keys(call.deps.definitions.compartments[call.type] ?? {}).filter((type) => type !== call.type);
  const all = call.id === '' ? [call.type as string, ...members.sort()] : members.sort();
  return all.filter(
    (type) =>
      (types?.has(type) ?? true) && access.restrict(type, 'search') !== 'none' && (type === call.type || codesOf(call, type).length > 0),
  );
}

const codesOf = (call: Call, type: string): string[] =>
  membershipCodes(call.deps.definitions, call.type, type).filter((code) => mayAskBy(call.request.context.access.visibleOf(type), code));

/** Without an id: whatever is about some patient. */
function memberNode(call: Call, type: string): Node {
  if (type === call.type) return ALL;
  const refers = (param: string): Node =>
    call.id === '' ? { op: 'present', param, kind: 'reference' } : { op: 'reference', param, type: call.type, id: call.id };
  return or(...codesOf(call, type).map(refers));
}

const changed = ({ since }: EverythingQuery): Node => (since === undefined ? ALL : { op: 'last-updated', bounds: { lo: { gte: since } } });

function cared(call: Call, { start, end }: EverythingQuery, type: string): Node {
  if (start === undefined && end === undefined) return ALL;
  const visible = call.request.context.access.visibleOf(type);
  const param = CARE_DATES.find((code) => call.deps.registry.get(type, code)?.type === 'date' && mayAskBy(visible, code));
  if (param === undefined) return ALL;
  const bounds = { ...(end === undefined ? {} : { lo: { lte: end } }), ...(start === undefined ? {} : { hi: { gte: start } }) };
  return or({ op: 'date', param, bounds }, not({ op: 'present', param, kind: 'date' }));
}
