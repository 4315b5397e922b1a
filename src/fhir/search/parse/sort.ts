/** https://hl7.org/fhir/R4/search.html#sort */
import type { SortTerm } from '../../store/port.ts';
import { lookUpOrThrow } from './lookup.ts';
import { invalid } from './problems.ts';
import type { Pair, Scope } from './types.ts';

/** `-date,status`: a minus sorts descending. Throws `unknown-parameter` and `invalid-parameter`. */
export function parseSort(scope: Scope, types: readonly string[], pair: Pair): SortTerm[] {
  const terms = pair.value.split(',').map((text) => sortTerm(scope, types, text));
  const twice = terms.find((t, i) => terms.findIndex((u) => u.param === t.param) !== i);
  if (twice) throw invalid('_sort', `sorts by ${twice.param} twice`, 'Name each parameter once.');
  return terms;
}

function sortTerm(scope: Scope, types: readonly string[], text: string): SortTerm {
  const descending = text.startsWith('-');
  const param = descending ? text.slice(1) : text;
  if (param === '')
    throw invalid('_sort', 'has an empty value', 'Name parameters, separated by commas, each with a - before it to sort descending.');
  const parameter = lookUpOrThrow(scope, types, param, '_sort');
  if (parameter.type === 'composite') throw invalid('_sort', `${param} is a composite: it has no order`, 'Sort by one of its components.');
  return { param, descending };
}
