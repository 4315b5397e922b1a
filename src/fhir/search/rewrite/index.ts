/** The passes that every search tree goes through before a store sees it, in order. */
import type { AccessFilter, Action } from '../../model/principal.ts';
import type { Node } from '../ast.ts';
import { collectIds } from './collect-ids.ts';
import { collectReferences } from './collect-references.ts';
import { flatten } from './flatten.ts';
import { restrict } from './permission.ts';

/** Permission comes first: what follows changes the form of the tree, never what it finds. */
const SIMPLIFICATIONS: readonly ((node: Node) => Node)[] = [collectIds, collectReferences, flatten];

/** What `where` finds among resources of `types` that `action` may be done to. */
export function rewrite(where: Node, types: readonly string[], access: AccessFilter<Node>, action: Action = 'search'): Node {
  return SIMPLIFICATIONS.reduce((node, pass) => pass(node), restrict(where, types, access, action));
}
