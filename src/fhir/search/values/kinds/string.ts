/** Text that is matched from its start. https://hl7.org/fhir/R4/search.html#string */
import { isJsonObject, type JsonValue } from '../../../model/json.ts';
import { sortBy, type Collector, type Emit, type EmitterFor, type Target } from '../collector.ts';
import { fold } from '../normalise/fold.ts';

/** Which parts of a type are text to search in. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  HumanName: ['family', 'given', 'prefix', 'suffix', 'text'],
  Address: ['line', 'city', 'district', 'state', 'postalCode', 'country', 'text'],
  CodeableConcept: ['text'],
  Annotation: ['text'],
};

const PRIMITIVES: ReadonlySet<string> = new Set(['string', 'markdown', 'code', 'id', 'uri', 'url', 'canonical']);

export const stringEmitter: EmitterFor = (_deps, target, element) => {
  const parts = PARTS[element.type];
  if (parts) return partsEmitter(target, parts);
  return PRIMITIVES.has(element.type) ? (value, out) => emitText(value, out, target) : undefined;
};

const partsEmitter =
  (target: Target, parts: readonly string[]): Emit =>
  (value, out) => {
    if (!isJsonObject(value)) return;
    for (const part of parts) {
      const texts = value[part];
      if (Array.isArray(texts)) for (const text of texts) emitText(text, out, target);
      else emitText(texts, out, target);
    }
  };

function emitText(value: JsonValue | undefined, out: Collector, target: Target): void {
  if (typeof value !== 'string') return;
  const folded = fold(value);
  out.entries.string.push({ param: target.param, value: folded, exact: value });
  sortBy(out, target, folded, folded);
}
