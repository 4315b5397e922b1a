/**
 * `Binary.securityContext`: a file that says so is as sensitive as the resource that it names, and nobody reaches it who may not
 * read that one. https://hl7.org/fhir/R4/binary.html#security
 */
import type { Definitions } from '../../fhir/model/definitions.ts';
import type { Action } from '../../fhir/model/principal.ts';
import { ALL, not, or, type Node } from '../../fhir/search/ast.ts';

/** Our own search parameter: R4 has none for it. */
const PARAMETER = 'security-context';

type ReadFilter = (type: string) => Node | 'all' | 'none';

/**
 * What of `type` may be reached as far as its context tells, with `mayRead` saying what the caller reads of other types. ALL for
 * types without a context, and for a new file: it may come before what it belongs to. A context that isn't there, or of a type
 * that is never a patient's record, is nobody's.
 */
export function contextNode(definitions: Pick<Definitions, 'compartments'>, type: string, action: Action, mayRead: ReadFilter): Node {
  if (type !== 'Binary' || action === 'create') return ALL;
  const records = Object.keys(definitions.compartments['Patient'] ?? {});
  return or(not({ op: 'present', param: PARAMETER, kind: 'reference' }), ...records.flatMap((record) => readable(record, mayRead(record))));
}

function readable(type: string, filter: Node | 'all' | 'none'): Node[] {
  if (filter === 'none') return [];
  return [{ op: 'chain', param: PARAMETER, type, where: filter === 'all' ? ALL : filter }];
}
