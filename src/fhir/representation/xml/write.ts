/** FHIR JSON to FHIR XML: https://hl7.org/fhir/R4/xml.html */
import type { Definitions } from '../../model/definitions.ts';
import { isExactNumber, isJsonObject, readItems, resourceTypeOf } from '../../model/json.ts';
import type { Item, JsonObject, JsonValue } from '../../model/json.ts';
import type { ElementModel } from '../../model/types.ts';
import { escapeAttribute } from './escape.ts';
import { FHIR_NAMESPACE, isAttribute, XHTML_NAMESPACE } from './names.ts';

interface Writing {
  readonly definitions: Definitions;
  readonly pretty: boolean;
  /** The order of elements, by type: a type is looked up once a document. */
  readonly orders: Map<string, Order>;
  text: string;
  /** True after a start tag whose `>` is still to come: `/>` if nothing is put inside. */
  inTag: boolean;
}

interface Order {
  readonly kind: string;
  /** By JSON property, `_` siblings included, the place in the definition. */
  readonly places: ReadonlyMap<string, number>;
  readonly elements: readonly ElementModel[];
}

export interface XmlOptions {
  /** Indents two spaces a level; narratives stay as they are. */
  readonly pretty?: boolean;
}

/**
 * A resource as an XML document, in UTF-8 characters. Elements come in the order of their definition; properties that
 * the definition doesn't know are left out. Narratives, which were checked when they came in, are copied verbatim.
 */
export function jsonToXml(exact: JsonObject, definitions: Definitions, { pretty = false }: XmlOptions = {}): string {
  const w: Writing = { definitions, pretty, orders: new Map(), text: '<?xml version="1.0" encoding="UTF-8"?>', inTag: false };
  writeResource(w, exact, 0, ` xmlns="${FHIR_NAMESPACE}"`);
  return pretty ? `${w.text}\n` : w.text;
}

function writeResource(w: Writing, resource: JsonObject, depth: number, attributes: string): void {
  const type = resourceTypeOf(resource);
  open(w, type, depth, attributes);
  writeChildren(w, type, resource, depth + 1);
  close(w, type, depth);
}

function writeChildren(w: Writing, type: string, members: JsonObject, depth: number): void {
  const order = orderOf(w, type);
  for (const element of presentElements(order, members)) {
    if (isAttribute(type, order.kind, element)) continue;
    for (const item of readItems(members, element)) writeItem(w, element, item, depth);
  }
}

/** The elements that are there, as the definition orders them. */
function presentElements({ places, elements }: Order, members: JsonObject): ElementModel[] {
  const present: number[] = [];
  let sorted = true;
  for (const key in members) {
    const place = places.get(key);
    if (place === undefined) continue;
    sorted &&= present.length === 0 || place > (present[present.length - 1] as number);
    present.push(place);
  }
  const inOrder = sorted ? present : [...new Set(present)].sort((a, b) => a - b);
  return inOrder.map((place) => elements[place] as ElementModel);
}

function orderOf(w: Writing, type: string): Order {
  const known = w.orders.get(type);
  if (known) return known;
  const elements = [...(w.definitions.elementsOf(type)?.values() ?? [])];
  const places = new Map(elements.flatMap(({ name }, i) => [[name, i] as const, [`_${name}`, i] as const]));
  const order: Order = { kind: w.definitions.types[type]?.kind ?? '', places, elements };
  w.orders.set(type, order);
  return order;
}

function writeItem(w: Writing, element: ElementModel, { value, extra }: Item, depth: number): void {
  const { name, type } = element;
  if (type === 'xhtml') writeNarrative(w, value, depth);
  else if (type === 'Resource') writeSlot(w, name, value, depth);
  else if (orderOf(w, type).kind === 'primitive') writePrimitive(w, element, value, extra, depth);
  else if (isJsonObject(value)) writeElement(w, element, value, attributesOf(type, value), depth);
}

function writePrimitive(
  w: Writing,
  element: ElementModel,
  value: JsonValue | undefined,
  extra: JsonValue | undefined,
  depth: number,
): void {
  const attribute = value === undefined || value === null ? '' : ` value="${escapeAttribute(textOf(value))}"`;
  const members = isJsonObject(extra) ? extra : {};
  writeElement(w, element, members, `${attributesOf(element.type, members)}${attribute}`, depth);
}

function writeElement(w: Writing, { name, type }: ElementModel, members: JsonObject, attributes: string, depth: number): void {
  open(w, name, depth, attributes);
  writeChildren(w, type, members, depth + 1);
  close(w, name, depth);
}

function writeSlot(w: Writing, name: string, resource: JsonValue | undefined, depth: number): void {
  if (!isJsonObject(resource)) return;
  open(w, name, depth, '');
  writeResource(w, resource, depth + 1, '');
  close(w, name, depth);
}

const DIV_START = /^\s*<div\b([^>]*)/;

/** The div, and in it the namespace, which JSON may leave out. */
function writeNarrative(w: Writing, value: JsonValue | undefined, depth: number): void {
  if (typeof value !== 'string') return;
  const attributes = DIV_START.exec(value)?.[1] ?? '';
  newPiece(w, depth);
  w.text += /\sxmlns\s*=/.test(attributes) ? value : value.replace('<div', `<div xmlns="${XHTML_NAMESPACE}"`);
}

function attributesOf(type: string, members: JsonObject): string {
  const id = typeof members.id === 'string' ? ` id="${escapeAttribute(members.id)}"` : '';
  const url = type === 'Extension' && typeof members.url === 'string' ? ` url="${escapeAttribute(members.url)}"` : '';
  return id + url;
}

function textOf(value: JsonValue): string {
  if (typeof value === 'string') return value;
  return isExactNumber(value) ? value.rawJSON : JSON.stringify(value);
}

function open(w: Writing, name: string, depth: number, attributes: string): void {
  newPiece(w, depth);
  w.text += `<${name}${attributes}`;
  w.inTag = true;
}

function close(w: Writing, name: string, depth: number): void {
  if (w.inTag) {
    w.text += '/>';
    w.inTag = false;
    return;
  }
  newPiece(w, depth);
  w.text += `</${name}>`;
}

function newPiece(w: Writing, depth: number): void {
  if (w.inTag) w.text += '>';
  w.inTag = false;
  if (w.pretty) w.text += `\n${'  '.repeat(depth)}`;
}
