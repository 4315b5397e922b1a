/** Parameters of history: https://hl7.org/fhir/R4/http.html#history */
import { asSeq, type Seq } from '../model/ids.ts';
import { fhirError } from '../outcome/error.ts';
import { dateRange, type DateSpan } from '../search/values/normalise/index.ts';
import type { HistoryQuery } from '../store/port.ts';
import { parametersOf } from './parameters.ts';
import type { Call } from './router.ts';

export type HistoryScope = HistoryQuery['scope'];
export type HistoryValues = ReadonlyMap<string, string>;

const PARAMETERS: ReadonlySet<string> = new Set(['_since', '_at', '_count', '_cursor', '_summary', '_elements']);
const DIGITS = /^\d+$/;
const CURSOR = '_cursor';

/** Throws for parameters that aren't known or aren't right. */
export function historyValuesOf(call: Call): HistoryValues {
  return parametersOf(call.request, PARAMETERS);
}

export function historyQueryOf(call: Call, scope: HistoryScope, values: HistoryValues): HistoryQuery {
  const since = values.get('_since');
  const at = values.get('_at');
  const cursor = values.get(CURSOR);
  const span = at === undefined ? undefined : spanOf(call, '_at', at);
  return {
    scope,
    limit: countOf(call, values),
    ...(since === undefined ? {} : { since: spanOf(call, '_since', since).lo }),
    ...(span === undefined ? {} : { currentWithin: { from: span.lo, to: span.hi } }),
    ...(cursor === undefined ? {} : { below: openBelow(call, cursor, values) }),
  };
}

/** The query of the next page. */
export function nextQuery(call: Call, values: HistoryValues, below: Seq): string {
  const cursor = call.deps.sealer.seal(String(below), bindingOf(call, values));
  return [...ownQuery(values), `${CURSOR}=${cursor}`].join('&');
}

/** The parameters as understood, encoded, without a cursor. */
export const ownQuery = (values: HistoryValues): string[] =>
  [...values].filter(([name]) => name !== CURSOR).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);

function openBelow(call: Call, cursor: string, values: HistoryValues): Seq {
  const text = call.deps.sealer.open(cursor, bindingOf(call, values));
  if (text !== undefined) return asSeq(Number(text));
  throw fhirError('invalid-cursor', 'is not a cursor of this history', 'Follow the links of a page as they are, or start again.', CURSOR);
}

/** A cursor is good for one clinic, one subject and one history. */
function bindingOf(call: Call, values: HistoryValues): string {
  const { principal } = call.request.context;
  return JSON.stringify([
    'history',
    principal.clinic,
    principal.subject,
    call.type,
    call.id,
    values.get('_since') ?? '',
    values.get('_at') ?? '',
  ]);
}

/** `_count`, at most the greatest there is. Throws `invalid-parameter`. */
export function countOf(call: Call, values: HistoryValues, standard = call.deps.limits.defaultCount): number {
  const text = values.get('_count');
  const { maxCount } = call.deps.limits;
  if (text === undefined) return Math.min(standard, maxCount);
  if (DIGITS.test(text)) return Math.min(Number(text), maxCount);
  throw fhirError('invalid-parameter', 'is not a whole number of 0 or more', `Write a number from 0 to ${maxCount}.`, '_count');
}

/** A date or time in the clinic's zone. Throws `invalid-parameter`. */
export function spanOf(call: Call, name: string, text: string): DateSpan {
  const span = dateRange(text, call.deps.timeZoneOf(call.request.context.principal.clinic));
  if (span !== undefined) return span;
  throw fhirError('invalid-parameter', 'is not a date or time', 'Write 2026-01-31, or 2026-01-31T12:00:00+05:30 with + as %2B.', name);
}
