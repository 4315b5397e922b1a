/** By which search parameters a tree looks at a resource itself, without what lies behind chains and `_has`. */
import type { Node } from './ast.ts';

/** Codes as the registry has them: `code` for the derived `code:text`. */
export function paramsOf(tree: Node): ReadonlySet<string> {
  const params = new Set<string>();
  collect(tree, params);
  return params;
}

function collect(node: Node, params: Set<string>): void {
  switch (node.op) {
    case 'and':
    case 'or':
      for (const one of node.of) collect(one, params);
      return;
    case 'not':
      collect(node.of, params);
      return;
    // The parameter of `has` is one of what refers here; parts of a composite are numbered.
    case 'has':
      return;
    default:
      if ('param' in node) params.add(node.param.split(':', 1)[0] as string);
  }
}
