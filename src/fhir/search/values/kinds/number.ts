/** Numbers without units. https://hl7.org/fhir/R4/search.html#number */
import { isJsonObject, type JsonValue } from '../../../model/json.ts';
import { OPEN } from '../../entries.ts';
import { sortBy, type Collector, type EmitterFor, type Target } from '../collector.ts';

const NUMBERS: ReadonlySet<string> = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt']);

export const numberEmitter: EmitterFor = (_deps, target, element) => {
  if (NUMBERS.has(element.type)) {
    return (value, out) => {
      if (typeof value === 'number') push(out, target, value, value);
    };
  }
  return element.type === 'Range' ? (value, out) => emitRange(value, out, target) : undefined;
};

function push(out: Collector, target: Target, lo: number, hi: number): void {
  out.entries.number.push({ param: target.param, lo, hi });
  sortBy(out, target, lo, hi);
}

/** A missing end is open; a range that ends before it starts is none. */
function emitRange(value: JsonValue, out: Collector, target: Target): void {
  if (!isJsonObject(value)) return;
  const [low, high] = [amount(value['low']), amount(value['high'])];
  if (low === undefined && high === undefined) return;
  const [lo, hi] = [low ?? -OPEN, high ?? OPEN];
  if (lo <= hi) push(out, target, lo, hi);
}

const amount = (value: JsonValue | undefined): number | undefined =>
  isJsonObject(value) && typeof value['value'] === 'number' ? value['value'] : undefined;
