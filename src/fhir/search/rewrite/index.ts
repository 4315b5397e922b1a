/** The passes that every search tree goes through before a store sees it, in order. */
import type { AccessFilter, Action } from '../../model/principal.ts';
import { and, type Node } from '../ast.ts';
import { collectIds } from './collect-ids.ts';
import { collectReferences } from './collect-references.ts';
import { flatten } from './flatten.ts';
import { restrictLinks, visible } from './permission.ts';

/** Permission comes first: what follows changes the form of the tree, never what it finds. */
const SIMPLIFICATIONS: readonly ((node: Node) => Node)[] = [collectIds, collectReferences, flatten];

/** What `where` finds among resources of `types` that `action` may be done to. */
export function rewrite(where: Node, types: readonly string[], access: AccessFilter<Node>, action: Action = 'search'): Node {
  return and(simplifiedOnce(visible(types, access, action)), simplify(restrictLinks(where, access)));
}

const simplify = (tree: Node): Node => SIMPLIFICATIONS.reduce((node, pass) => pass(node), tree);

/** Filters of one type are the same value with every search of a token. */
const SIMPLIFIED = new WeakMap<Node, Node>();

function simplifiedOnce(filter: Node): Node {
  const known = SIMPLIFIED.get(filter);
  if (known) return known;
  const made = simplify(filter);
  SIMPLIFIED.set(filter, made);
  return made;
}
