/** What points to other resources. https://hl7.org/fhir/R4/search.html#reference */
import { isJsonObject, type JsonObject, type JsonValue } from '../../../model/json.ts';
import { sortBy, type Collector, type Emit, type EmitterFor, type Target } from '../collector.ts';
import { targetOf, type ReferenceTarget } from '../path/reference.ts';

const URLS: ReadonlySet<string> = new Set(['canonical', 'uri', 'url', 'oid', 'uuid']);

/** What is there but can't be found by: a reference by identifier or to something contained. For `:missing`. */
const NOWHERE: ReferenceTarget = { type: '', id: '' };

export const referenceEmitter: EmitterFor = (_deps, target, element) => {
  if (element.type === 'Reference') return objectEmitter(target);
  if (element.type === 'Resource') return (value, out) => emitResource(value, out, target);
  return URLS.has(element.type) ? (value, out) => emitUrl(value, out, target) : undefined;
};

function objectEmitter(target: Target): Emit {
  const identifier = `${target.param}:identifier`;
  return (value, out) => {
    if (!isJsonObject(value)) return;
    const text = value['reference'];
    push(out, target, (typeof text === 'string' && targetOf(text)) || NOWHERE);
    if (!target.inComposite && isJsonObject(value['identifier'])) emitIdentifier(value['identifier'], out, identifier);
  };
}

function push(out: Collector, target: Target, to: ReferenceTarget): void {
  out.entries.reference.push({ param: target.param, type: to.type, id: to.id });
  if (to.id === '' || target.inComposite) return;
  const key = to.type === '' ? to.id : `${to.type}/${to.id}`;
  sortBy(out, target, key, key);
}

function emitIdentifier({ system, value }: JsonObject, out: Collector, param: string): void {
  if (typeof value === 'string') out.entries.token.push({ param, system: typeof system === 'string' ? system : '', code: value });
}

/** A canonical is found with its version and without. */
function emitUrl(value: JsonValue, out: Collector, target: Target): void {
  if (typeof value !== 'string') return;
  push(out, target, targetOf(value) ?? NOWHERE);
  const bar = value.indexOf('|');
  if (bar > 0) push(out, target, targetOf(value.slice(0, bar)) ?? NOWHERE);
}

/** The first resource of a document or message, where it is of the type that the parameter is for. */
function emitResource(value: JsonValue, out: Collector, target: Target): void {
  if (!isJsonObject(value)) return;
  const { resourceType: type, id } = value;
  if (typeof type === 'string' && typeof id === 'string' && target.types?.includes(type) !== false) push(out, target, { type, id });
}
