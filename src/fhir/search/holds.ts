/** Whether a tree is true of a resource that need not be in the store: a version to be written, or an old one. */
import type { ResourceKey, ResourceType } from '../model/ids.ts';
import { ALL, and, NONE, not, type Chain, type Has, type Node } from './ast.ts';
import { matches, type Subject } from './match.ts';
import { outerPart } from './resolve/drive.ts';
import { hasLinks, keysNode, replaceLinks, type LinkScope } from './resolve/links.ts';
import { searchLinked } from './resolve.ts';

/** What is written along with the resource, by `Type/id`: it counts in place of what is stored. Undefined: it is deleted. */
export type Unsaved = ReadonlyMap<string, Subject | undefined>;

const NOTHING: Unsaved = new Map();

/** Links lead into the store, a query for each. Throws what the store throws. */
export function holds(scope: LinkScope, node: Node, subject: Subject, unsaved: Unsaved = NOTHING): boolean | Promise<boolean> {
  if (!hasLinks(node)) return matches(node, subject);
  if (!matches(outerPart(node), subject)) return false;
  if (node.op === 'or' && node.of.some((n) => !hasLinks(n) && matches(n, subject))) return true;
  return holdsLinked(scope, node, subject, unsaved);
}

async function holdsLinked(scope: LinkScope, node: Node, subject: Subject, unsaved: Unsaved): Promise<boolean> {
  const settled = await replaceLinks<Node>(node, async (link) => {
    const found = link.op === 'chain' ? chainHolds(scope, link, subject, unsaved) : hasHolds(scope, link, subject, unsaved);
    return (await found) ? ALL : NONE;
  });
  return matches(settled, subject);
}

async function chainHolds(scope: LinkScope, link: Chain, subject: Subject, unsaved: Unsaved): Promise<boolean> {
  const targets = subject.entries.reference.filter((r) => r.param === link.param && r.type === link.type);
  const stored: ResourceKey[] = [];
  for (const target of targets) {
    const key = `${target.type}/${target.id}`;
    const other = unsaved.get(key);
    if (other && (await holds(scope, link.where, other, unsaved))) return true;
    if (!unsaved.has(key)) stored.push({ type: target.type, id: target.id } as ResourceKey);
  }
  return stored.length > 0 && isAny(scope, link.type, and(keysNode([link.type as ResourceType], stored), link.where));
}

async function hasHolds(scope: LinkScope, link: Has, subject: Subject, unsaved: Unsaved): Promise<boolean> {
  const refers: Node = { op: 'reference-in', param: link.param, targets: [{ type: subject.type, id: subject.id } as ResourceKey] };
  for (const other of unsaved.values()) {
    if (other?.type === link.type && matches(refers, other) && (await holds(scope, link.where, other, unsaved))) return true;
  }
  const written = [...unsaved.keys()].filter((key) => key.startsWith(`${link.type}/`)).map((key) => key.slice(link.type.length + 1));
  const others = written.length === 0 ? [] : [not({ op: 'id', ids: written })];
  return isAny(scope, link.type, and(refers, ...others, link.where));
}

async function isAny(scope: LinkScope, type: string, where: Node): Promise<boolean> {
  const types = [type as ResourceType];
  const page = await searchLinked(scope, { types, where, order: 'natural', limit: 1, bodies: false, deadline: scope.deadline });
  return page.items.length > 0;
}
