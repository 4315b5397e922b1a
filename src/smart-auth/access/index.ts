/** The access filter: for each type and action what role, scopes and consents together let a principal reach. */
import type { AccessFilter, Action, Principal } from '../../fhir/model/principal.ts';
import { and, not, type Node } from '../../fhir/search/ast.ts';
import type { ConsentView } from '../consent/reader.ts';
import type { Scope } from '../scopes/scope.ts';
import type { CriteriaDeps } from './criteria.ts';
import { contextNode } from './security-context.ts';
import { createNodeIds } from './node-ids.ts';
import { isBreakGlass } from './break-glass.ts';
import { roleNode, roleVisible, type RoleDeps } from './role-filter.ts';
import { scopeNode } from './scope-filter.ts';
import { simplify } from './simplify.ts';

export interface AccessDeps extends CriteriaDeps {
  readonly consents: ConsentView;
}

export interface AccessInput {
  readonly principal: Principal;
  readonly scopes: readonly Scope[];
}

export interface Access {
  /** Made once a token and kept with it: what it answered it remembers until the clinic's consents change. */
  accessFor(input: AccessInput): AccessFilter<Node>;
}

export function createAccess(deps: AccessDeps): Access {
  const conditions = new Map<string, Node>();
  return { accessFor: (input) => filterOf({ ...deps, conditions, idOf: createNodeIds() }, input) };
}

type Answer = Node | 'all' | 'none';

const isReading = (action: Action): boolean => action === 'read' || action === 'search';

/** An emergency opens nothing to be changed. */
const calm = ({ emergency: _, ...rest }: Principal): Principal => rest;

function filterOf(deps: AccessDeps & RoleDeps, { principal, scopes }: AccessInput): AccessFilter<Node> {
  const answers = new Map<string, Partial<Record<Action, Answer>>>();
  const nodes = new Map<number, Node>();
  let consents = deps.consents.current(principal.clinic);
  const answer = (who: Principal, type: string, action: Action): Answer => {
    const asked = and(
      scopeNode(deps, who, scopes, type, action),
      roleNode(deps, who, type, action),
      not(consents.deniedTo(who, type, action)),
      contextNode(deps.definitions, type, action, (record) =>
        isReading(action) ? restrict(record, 'read') : answer(calm(who), record, 'read'),
      ),
    );
    const node = simplify(deps.idOf, asked);
    return shared(nodes, deps.idOf(node), node);
  };
  const restrict = (type: string, action: Action): Answer => {
    const now = deps.consents.current(principal.clinic);
    if (now !== consents) {
      answers.clear();
      consents = now;
    }
    const known = answers.get(type)?.[action];
    if (known !== undefined) return known;
    const made = deps.definitions.resourceTypes.has(type) ? answer(principal, type, action) : 'none';
    answers.set(type, { ...answers.get(type), [action]: made });
    return made;
  };
  return {
    restrict,
    visibleOf: (type) => roleVisible(principal, type),
    isBreakGlass: (type, action) => isBreakGlass(principal, type, action),
  };
}

/** Equal trees are one value, so that a search over many types has a branch for each tree, not for each type. */
function shared(nodes: Map<number, Node>, id: number, node: Node): Answer {
  if (node.op === 'all' || node.op === 'none') return node.op;
  const known = nodes.get(id) ?? node;
  nodes.set(id, known);
  return known;
}
