/** Codes, identifiers and what else is matched whole. https://hl7.org/fhir/R4/search.html#token */
import { isJsonObject, type JsonObject, type JsonValue } from '../../../model/json.ts';
import { sortBy, type Collector, type Emit, type EmitterDeps, type EmitterFor, type Target } from '../collector.ts';
import { fold } from '../normalise/fold.ts';

export const tokenEmitter: EmitterFor = (deps, target, element) => {
  const names: Names = { ...target, text: `${target.param}:text`, ofType: `${target.param}:of-type` };
  switch (element.type) {
    case 'Coding':
      return objects((coding, out) => emitCoding(coding, out, names));
    case 'CodeableConcept':
      return objects((concept, out) => emitConcept(concept, out, names));
    case 'Identifier':
      return objects((identifier, out) => emitIdentifier(identifier, out, names));
    case 'ContactPoint':
      return objects((contact, out) => emitCode(contact['value'], '', out, names));
    case 'code':
      return codeEmitter(deps, names, element.required);
    default:
      return PRIMITIVES.has(element.type) ? (value, out) => emitCode(value, '', out, names) : undefined;
  }
};

const PRIMITIVES: ReadonlySet<string> = new Set([
  'id',
  'string',
  'boolean',
  'uri',
  'canonical',
  'url',
  'oid',
  'uuid',
  'markdown',
  'integer',
  'positiveInt',
  'unsignedInt',
]);

/** Names of what is derived: what a code is called, and identifiers with their type. */
type Names = Target & { readonly text: string; readonly ofType: string };

const objects =
  (emit: (value: JsonObject, out: Collector) => void): Emit =>
  (value, out) => {
    if (isJsonObject(value)) emit(value, out);
  };

function push(out: Collector, names: Names, system: string, code: string): void {
  out.entries.token.push({ param: names.param, system, code });
  if (code !== '') sortBy(out, names, code, code);
}

function emitCode(value: JsonValue | undefined, system: string, out: Collector, names: Names): void {
  if (typeof value === 'string') push(out, names, system, value);
  else if (typeof value === 'boolean' || typeof value === 'number') push(out, names, system, String(value));
}

function emitText(value: JsonValue | undefined, out: Collector, names: Names): void {
  if (typeof value === 'string' && !names.inComposite) out.entries.string.push({ param: names.text, value: fold(value), exact: value });
}

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');

function emitCoding(coding: JsonObject, out: Collector, names: Names): void {
  const system = text(coding['system']);
  const code = text(coding['code']);
  if (system !== '' || code !== '') push(out, names, system, code);
  emitText(coding['display'], out, names);
}

/** A concept of text alone has an empty token, for `:missing`: it is there. */
function emitConcept(concept: JsonObject, out: Collector, names: Names): void {
  const before = out.entries.token.length;
  const { coding } = concept;
  if (Array.isArray(coding)) for (const c of coding) if (isJsonObject(c)) emitCoding(c, out, names);
  if (typeof concept['text'] !== 'string') return;
  emitText(concept['text'], out, names);
  if (out.entries.token.length === before) push(out, names, '', '');
}

function emitIdentifier(identifier: JsonObject, out: Collector, names: Names): void {
  const system = text(identifier['system']);
  const value = text(identifier['value']);
  if (system !== '' || value !== '') push(out, names, system, value);
  const { type } = identifier;
  if (names.inComposite || !isJsonObject(type)) return;
  emitText(type['text'], out, names);
  const { coding } = type;
  if (value === '' || !Array.isArray(coding)) return;
  for (const c of coding) {
    if (isJsonObject(c)) out.entries.token.push({ param: names.ofType, system: text(c['system']), code: `${text(c['code'])}|${value}` });
  }
}

/** The system of a code is that of the value set it must come from; where that has several, the one that has the code. */
function codeEmitter(deps: EmitterDeps, names: Names, required: string | undefined): Emit {
  const systems = Object.entries((required === undefined ? undefined : deps.codeSets[required]) ?? {});
  const [first, second] = systems;
  if (first && !second) return (value, out) => emitCode(value, first[0], out, names);
  const systemOf = new Map(systems.flatMap(([system, codes]) => codes.map((code) => [code, system])));
  return (value, out) => emitCode(value, systemOf.get(text(value)) ?? '', out, names);
}
