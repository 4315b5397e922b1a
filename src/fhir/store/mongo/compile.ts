/**
 * A search tree as a filter that compares one document's entries exactly. None of it uses an index: what drives the
 * search is chosen apart (`access.ts`), so that the server has nothing to choose. Values are always literals.
 */
import type { Document } from 'mongodb';
import { UCUM } from './documents.ts';
import { tooCostly } from './errors.ts';
import type { ClinicId } from '../../model/ids.ts';
import type { Bounds, Composite, Node, Present, Quantity, Reference, ReferenceIn, Text, Token, Uri } from '../../search/ast.ts';
import { ENTRY_SIGNS, exactEntry, idOf, rangeName, uriEntry, PART, part, referenceEntry, textEntry, tokenEntry, typeKey } from './keys.ts';
import { afterPrefix } from './ordered.ts';
import { comparison } from './ranges.ts';
import { asResourceId, asResourceType } from '../../model/ids.ts';

/** What ids and types are completed with. */
export interface Scope {
  readonly clinic: ClinicId;
  readonly types: readonly string[];
}

const NOTHING: Document = { $nor: [{}] };

/** Throws a TypeError for `chain` and `has`: they are resolved above the store. */
export function compile(node: Node, scope: Scope): Document {
  switch (node.op) {
    case 'all':
      return {};
    case 'none':
      return NOTHING;
    case 'and':
      return node.of.length === 0 ? {} : { $and: node.of.map((n) => compile(n, scope)) };
    case 'or':
      return node.of.length === 0 ? NOTHING : { $or: node.of.map((n) => compile(n, scope)) };
    case 'not':
      return { $nor: [compile(node.of, scope)] };
    case 'type':
      return { t: { $in: node.types.map((type) => typeKey(scope.clinic, type)) } };
    case 'id':
      return { _id: { $in: idsOf(node.ids, scope) } };
    case 'last-updated':
      return { $and: [{ at: comparison(node.bounds.lo) }, { at: comparison(node.bounds.hi) }].filter(isComparing) };
    case 'chain':
    case 'has':
      throw new TypeError(`${node.op} must be resolved before the store is asked`);
    default:
      return compileEntries(node, scope);
  }
}

type EntryNode = Exclude<Node, { op: 'all' | 'none' | 'and' | 'or' | 'not' | 'type' | 'id' | 'last-updated' | 'chain' | 'has' }>;

function compileEntries(node: EntryNode, scope: Scope): Document {
  switch (node.op) {
    case 'token':
      return token(node);
    case 'string':
      return text(node);
    case 'reference':
      return reference(node);
    case 'reference-in':
      return referenceIn(node);
    case 'uri':
      return uri(node);
    case 'date':
    case 'number':
      return range(rangeName(node.op, node.param), node.bounds);
    case 'quantity':
      return range(rangeName(node.op, node.param), node.bounds, unit(node));
    case 'composite':
      return composite(node, scope);
    case 'present':
      return present(node);
  }
}

/** `_id`s of the ids, in every type of the scope. */
export const idsOf = (ids: readonly string[], { clinic, types }: Scope): string[] =>
  types.flatMap((type) => ids.map((id) => idOf(clinic, { type: asResourceType(type), id: asResourceId(id) })));

const isComparing = ({ at }: { readonly at: object }): boolean => Object.keys(at).length > 0;

/** Some exact entry from `first` on that starts with `prefix`. */
const startingWith = (prefix: string): Document => ({ $elemMatch: { $gte: prefix, $lt: afterPrefix(prefix) } });

function token({ param, system, code }: Token): Document {
  if (code === undefined) return { n: matching(`${param}${ENTRY_SIGNS.token}`, `[^${PART}]*`, `${PART}${part(system ?? '')}`, '\\z') };
  if (system === undefined) return { n: startingWith(tokenEntry(param, '', code)) };
  return { n: tokenEntry(param, system, code) };
}

function text({ param, match, value }: Text): Document {
  if (match === 'exact') return { n: exactEntry(param, value) };
  if (match === 'starts') return { n: startingWith(textEntry(param, value)) };
  return { n: matching(textEntry(param, ''), '[\\s\\S]*', value, '') };
}

function reference({ param, type, id }: Reference): Document {
  return { n: type === undefined ? startingWith(referenceEntry(param, '', id)) : referenceEntry(param, type, id) };
}

const referenceIn = ({ param, targets }: ReferenceIn): Document => ({
  n: { $in: targets.map(({ type, id }) => referenceEntry(param, type, id)) },
});

function uri({ param, match, value }: Uri): Document {
  if (match === 'exact') return { n: uriEntry(param, value) };
  if (match === 'above') return { n: { $in: urisAbove(value).map((above) => uriEntry(param, above)) } };
  return { $or: [{ n: uriEntry(param, value) }, { n: startingWith(uriEntry(param, `${value}/`)) }] };
}

/** The value itself and what it goes on from after a `/`. */
export function urisAbove(value: string): string[] {
  const above = [value];
  for (let i = value.indexOf('/'); i !== -1; i = value.indexOf('/', i + 1)) above.push(value.slice(0, i));
  return above;
}

const unit = ({ system, code }: Quantity): Document => ({
  ...(system === undefined ? {} : { y: system === UCUM ? { $exists: false } : system }),
  ...(code === undefined ? {} : { c: code }),
});

/** One and the same range holds both bounds. */
function range(param: string, { lo, hi }: Bounds, more: Document = {}): Document {
  const [low, high] = [comparison(lo), comparison(hi)];
  const ends = { ...(Object.keys(low).length === 0 ? {} : { lo: low }), ...(Object.keys(high).length === 0 ? {} : { hi: high }) };
  return { r: { $elemMatch: { p: param, ...ends, ...more } } };
}

/** The parts of one component; its entries have the same fields as a resource. */
const composite = ({ param, parts }: Composite, scope: Scope): Document => ({
  x: { $elemMatch: { p: param, $and: [{}, ...parts.map((p) => compile(p, scope))] } },
});

function present({ param, kind }: Present): Document {
  if (kind === 'composite') return { x: { $elemMatch: { p: param } } };
  if (kind === 'date' || kind === 'number' || kind === 'quantity') return { r: { $elemMatch: { p: rangeName(kind, param) } } };
  return { n: startingWith(`${param}${ENTRY_SIGNS[kind]}`) };
}

/** The server takes patterns of up to 32,764 bytes, and no zero in them. */
const LONGEST_PATTERN = 4_000;
const PATTERN_CHARACTERS = /[\\^$.*+?()[\]{}|/-]/g;
const literally = (value: string): string => value.replace(PATTERN_CHARACTERS, '\\$&').replaceAll('\0', '\\x00');

/** A pattern of which only `between` is one: `start` and `value` are taken literally. */
function matching(start: string, between: string, value: string, end: string): Document {
  if (value.length > LONGEST_PATTERN) throw tooCostly();
  return { $regex: `^${literally(start)}${between}${literally(value)}${end}` };
}
