/** URIs, matched whole or by their path. https://hl7.org/fhir/R4/search.html#uri */
import type { JsonValue } from '../../../model/json.ts';
import { sortBy, type Collector, type EmitterFor, type Target } from '../collector.ts';

const URIS: ReadonlySet<string> = new Set(['uri', 'url', 'canonical', 'oid', 'uuid', 'id', 'string']);

export const uriEmitter: EmitterFor = (_deps, target, element) =>
  URIS.has(element.type) ? (value, out) => emitUri(value, out, target, element.type === 'canonical') : undefined;

/** A canonical is found with its version and without. */
function emitUri(value: JsonValue, out: Collector, target: Target, isCanonical: boolean): void {
  if (typeof value !== 'string') return;
  push(value, out, target);
  const bar = isCanonical ? value.indexOf('|') : -1;
  if (bar > 0) push(value.slice(0, bar), out, target);
}

function push(value: string, out: Collector, target: Target): void {
  out.entries.uri.push({ param: target.param, value });
  sortBy(out, target, value, value);
}
