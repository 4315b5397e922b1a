/** Moments and spans of time, in milliseconds. https://hl7.org/fhir/R4/search.html#date */
import { isJsonObject, type JsonValue } from '../../../model/json.ts';
import { OPEN } from '../../entries.ts';
import { sortBy, type Collector, type EmitterDeps, type EmitterFor } from '../collector.ts';
import type { DateSpan } from '../normalise/dates.ts';

type SpanOf = (deps: EmitterDeps, value: JsonValue | undefined, timeZone: string) => DateSpan | undefined;

export const dateEmitter: EmitterFor = (deps, target, element) => {
  const spanOf = SPANS[element.type];
  if (!spanOf) return undefined;
  return (value, out: Collector) => {
    const span = spanOf(deps, value, out.timeZone);
    if (!span) return;
    out.entries.date.push({ param: target.param, lo: span.lo, hi: span.hi });
    sortBy(out, target, span.lo, span.hi);
  };
};

const dateSpan: SpanOf = (deps, value, timeZone) => (typeof value === 'string' ? deps.dateRange(value, timeZone) : undefined);

/** A missing end is open; a period that ends before it starts is none. */
const periodSpan: SpanOf = (deps, value, timeZone) => {
  if (!isJsonObject(value)) return undefined;
  const start = dateSpan(deps, value['start'], timeZone);
  const end = dateSpan(deps, value['end'], timeZone);
  const span = { lo: start?.lo ?? -OPEN, hi: end?.hi ?? OPEN };
  return (start || end) && span.lo <= span.hi ? span : undefined;
};

/** Only the outer limits of a schedule count. */
const timingSpan: SpanOf = (deps, value, timeZone) => {
  if (!isJsonObject(value)) return undefined;
  const { event, repeat } = value;
  const events = Array.isArray(event) ? event.map((e) => dateSpan(deps, e, timeZone)) : [];
  const bounds = isJsonObject(repeat) ? periodSpan(deps, repeat['boundsPeriod'], timeZone) : undefined;
  return [...events, bounds].reduce(union, undefined);
};

const union = (a: DateSpan | undefined, b: DateSpan | undefined): DateSpan | undefined =>
  a && b ? { lo: Math.min(a.lo, b.lo), hi: Math.max(a.hi, b.hi) } : (a ?? b);

const SPANS: Readonly<Record<string, SpanOf>> = {
  date: dateSpan,
  dateTime: dateSpan,
  instant: dateSpan,
  Period: periodSpan,
  Timing: timingSpan,
};
