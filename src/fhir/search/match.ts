/** Evaluates a search tree on one resource in memory: the third compiler, with the meaning that the stores give it. */
import type { Bound, Bounds, Chain, Composite, EntryKind, Has, Node, Quantity, Reference, ReferenceIn, Text, Token, Uri } from './ast.ts';
import type { IndexEntries, RangeEntry, ReferenceEntry } from './entries.ts';

export interface Subject {
  readonly type: string;
  readonly id: string;
  /** Time of the commit, milliseconds. */
  readonly lastUpdated: number;
  readonly entries: IndexEntries;
}

/** Answers what lies outside the resource. */
export interface LinkResolver {
  chain(subject: Subject, node: Chain): boolean;
  has(subject: Subject, node: Has): boolean;
}

/** Whether the resource is found by the tree. A tree without `chain` and `has` needs no resolver; with them, one is required. */
export function matches(node: Node, subject: Subject, links?: LinkResolver): boolean {
  switch (node.op) {
    case 'and':
      return node.of.every((n) => matches(n, subject, links));
    case 'or':
      return node.of.some((n) => matches(n, subject, links));
    case 'not':
      return !matches(node.of, subject, links);
    case 'chain':
      return resolverOf(links).chain(subject, node);
    case 'has':
      return resolverOf(links).has(subject, node);
    case 'type':
      return node.types.includes(subject.type);
    case 'id':
      return node.ids.includes(subject.id);
    case 'last-updated':
      return within(node.bounds, { lo: subject.lastUpdated, hi: subject.lastUpdated });
    default:
      return matchesEntries(node, subject.entries);
  }
}

type EntryNode = Exclude<Node, { op: 'and' | 'or' | 'not' | 'chain' | 'has' | 'type' | 'id' | 'last-updated' }>;

/** What is answered from the index entries alone. */
function matchesEntries(node: EntryNode, entries: IndexEntries): boolean {
  switch (node.op) {
    case 'all':
      return true;
    case 'none':
      return false;
    case 'token':
      return entries.token.some((e) => e.param === node.param && codes(node, e));
    case 'string':
      return entries.string.some((e) => e.param === node.param && matchesText(node, e.value, e.exact));
    case 'reference':
      return entries.reference.some((e) => e.param === node.param && refers(node, e));
    case 'reference-in':
      return entries.reference.some((e) => e.param === node.param && isAmong(node, e));
    case 'date':
    case 'number':
      return entries[node.op].some((e) => e.param === node.param && within(node.bounds, e));
    case 'quantity':
      return entries.quantity.some((e) => e.param === node.param && within(node.bounds, e) && codes(node, e));
    case 'uri':
      return entries.uri.some((e) => e.param === node.param && matchesUri(node, e.value));
    case 'composite':
      return entries.composite.some((e) => e.param === node.param && matchesParts(node, e.parts));
    case 'present':
      return isPresent(node.kind, node.param, entries);
  }
}

function resolverOf(links: LinkResolver | undefined): LinkResolver {
  if (!links) throw new TypeError('a tree with chain or has needs a resolver');
  return links;
}

const codes = (node: Token | Quantity, entry: { readonly system: string; readonly code: string }): boolean =>
  (node.code === undefined || node.code === entry.code) && (node.system === undefined || node.system === entry.system);

function matchesText(node: Text, folded: string, exact: string): boolean {
  if (node.match === 'exact') return exact === node.value;
  return node.match === 'starts' ? folded.startsWith(node.value) : folded.includes(node.value);
}

const refers = (node: Reference, entry: ReferenceEntry): boolean =>
  node.id === entry.id && (node.type === undefined || node.type === entry.type);

const isAmong = (node: ReferenceIn, entry: ReferenceEntry): boolean => node.targets.some((t) => t.type === entry.type && t.id === entry.id);

function matchesUri(node: Uri, value: string): boolean {
  if (value === node.value) return true;
  if (node.match === 'below') return value.startsWith(`${node.value}/`);
  return node.match === 'above' && node.value.startsWith(`${value}/`);
}

/** The parts of a composite have nothing but entries: no id, no type of their own. */
const matchesParts = (node: Composite, parts: IndexEntries): boolean =>
  node.parts.every((part) => matches(part, { type: '', id: '', lastUpdated: 0, entries: parts }));

const isPresent = (kind: EntryKind, param: string, entries: IndexEntries): boolean => entries[kind].some((e) => e.param === param);

const within = (bounds: Bounds, range: Pick<RangeEntry, 'lo' | 'hi'>): boolean => holds(bounds.lo, range.lo) && holds(bounds.hi, range.hi);

function holds(bound: Bound | undefined, value: number): boolean {
  if (bound === undefined) return true;
  if (bound.gt !== undefined && !(value > bound.gt)) return false;
  if (bound.gte !== undefined && !(value >= bound.gte)) return false;
  if (bound.lt !== undefined && !(value < bound.lt)) return false;
  return bound.lte === undefined || value <= bound.lte;
}
