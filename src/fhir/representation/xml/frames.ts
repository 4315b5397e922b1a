/** The JSON tree while its XML is being read: a stack of elements that are still open. */
import type { Definitions } from '../../model/definitions.ts';
import { writeItems } from '../../model/json.ts';
import type { Item, JsonObject, JsonValue } from '../../model/json.ts';
import type { ElementModel } from '../../model/types.ts';
import { type FhirError, fhirError } from '../../outcome/error.ts';
import { isAttribute } from './names.ts';
import { primitiveOf } from './primitive.ts';

/** `slot`: an element that holds a whole resource, such as `contained`. */
interface Frame {
  readonly kind: 'object' | 'primitive' | 'slot';
  readonly type: string;
  /** Undefined for a resource. */
  readonly element: ElementModel | undefined;
  readonly members: Record<string, JsonValue>;
  readonly children: Map<ElementModel, Item[]>;
  value: JsonValue | undefined;
}

/** Attributes without namespace. */
export type Attributes = ReadonlyMap<string, string>;

export interface TreeBuilder {
  /** Opens an element; true if its content is XHTML, to be handed to `narrative` before it is closed. Throws `invalid-structure`. */
  open(name: string, attributes: Attributes): boolean;
  narrative(text: string): void;
  close(): void;
  /** FHIRPath of the element that is open. */
  place(): string;
  /** The resource, once its element is closed. */
  result(): JsonObject | undefined;
}

interface Building {
  readonly definitions: Definitions;
  readonly stack: Frame[];
  result: JsonObject | undefined;
}

/** Builds the JSON of a resource from what an XML reader finds, typed by the definitions. */
export function createTreeBuilder(definitions: Definitions): TreeBuilder {
  const b: Building = { definitions, stack: [], result: undefined };
  return {
    open: (name, attributes) => openFrame(b, name, attributes),
    narrative(text) {
      (b.stack[b.stack.length - 1] as Frame).value = text;
    },
    close: () => closeFrame(b),
    place: () => placeOf(b.stack),
    result: () => b.result,
  };
}

function openFrame(b: Building, name: string, attributes: Attributes): boolean {
  const parent = b.stack[b.stack.length - 1];
  const frame = parent === undefined || parent.kind === 'slot' ? resourceFrame(b, parent, name) : elementFrame(b, parent, name);
  b.stack.push(frame);
  if (frame.type === 'xhtml') return true;
  readAttributes(b, frame, attributes);
  return false;
}

function resourceFrame(b: Building, slot: Frame | undefined, name: string): Frame {
  if (slot?.value !== undefined) throw failure(b, 'one resource is held here', 'repeat the outer element for each', name);
  if (!b.definitions.resourceTypes.has(name)) throw failure(b, `R4 has no resource ${name}`, 'correct the name of the element', name);
  return newFrame('object', name, undefined, { resourceType: name });
}

function elementFrame(b: Building, parent: Frame, name: string): Frame {
  const element = b.definitions.elementsOf(parent.type)?.get(name);
  if (!element || !isChild(b.definitions, parent, element)) {
    throw failure(b, `${parent.type} has no element ${name}`, 'remove it, or put it where it belongs', name);
  }
  if (!element.many && parent.children.has(element)) throw failure(b, `${name} does not repeat`, 'keep one', name);
  return newFrame(kindOf(b.definitions, element), element.type, element, {});
}

function closeFrame(b: Building): void {
  const frame = b.stack[b.stack.length - 1] as Frame;
  for (const [element, items] of frame.children) writeItems(frame.members, element, items);
  const item = itemOf(b, frame);
  b.stack.pop();
  const parent = b.stack[b.stack.length - 1];
  if (parent === undefined) b.result = frame.members;
  else if (frame.element === undefined) parent.value = frame.members;
  else addChild(parent, frame.element, item);
}

function newFrame(kind: Frame['kind'], type: string, element: ElementModel | undefined, members: Record<string, JsonValue>): Frame {
  return { kind, type, element, members, children: new Map(), value: undefined };
}

function kindOf(definitions: Definitions, element: ElementModel): Frame['kind'] {
  if (element.type === 'Resource') return 'slot';
  return definitions.types[element.type]?.kind === 'primitive' ? 'primitive' : 'object';
}

/** Of a primitive only extensions are child elements. */
function isChild(definitions: Definitions, frame: Frame, element: ElementModel): boolean {
  if (frame.kind === 'primitive') return element.name === 'extension' && frame.type !== 'xhtml';
  return !isAttribute(frame.type, definitions.types[frame.type]?.kind ?? '', element);
}

function readAttributes(b: Building, frame: Frame, attributes: Attributes): void {
  for (const [name, text] of attributes) {
    if (name === 'value' && frame.kind === 'primitive') frame.value = primitiveOf(frame.type, text);
    else if (takesAttribute(b.definitions, frame, name)) frame.members[name] = text;
    else throw failure(b, `${frame.type} has no attribute ${name}`, 'write it as an element, or remove it', name);
  }
}

function takesAttribute(definitions: Definitions, frame: Frame, name: string): boolean {
  const element = frame.kind === 'slot' ? undefined : definitions.elementsOf(frame.type)?.get(name);
  return element !== undefined && isAttribute(frame.type, definitions.types[frame.type]?.kind ?? '', element);
}

function itemOf(b: Building, frame: Frame): Item {
  const hasMembers = Object.keys(frame.members).length > 0;
  if (frame.kind === 'object' && hasMembers) return { value: frame.members, extra: undefined };
  if (frame.kind !== 'object' && (frame.value !== undefined || hasMembers)) {
    return { value: frame.value, extra: hasMembers ? frame.members : undefined };
  }
  throw failure(b, 'an element has a value or children', 'give it one, or leave the element out');
}

function failure(b: Building, rule: string, hint: string, name?: string): FhirError {
  const place = placeOf(b.stack);
  return fhirError('invalid-structure', rule, hint, name === undefined || place === '' ? `${place}${name ?? ''}` : `${place}.${name}`);
}

function addChild(parent: Frame, element: ElementModel, item: Item): void {
  const items = parent.children.get(element);
  if (items) items.push(item);
  else parent.children.set(element, [item]);
}

function placeOf(stack: readonly Frame[]): string {
  let place = '';
  stack.forEach((frame, i) => {
    const { element } = frame;
    if (element === undefined) place ||= frame.type;
    else place += `.${element.name}${element.many ? `[${stack[i - 1]?.children.get(element)?.length ?? 0}]` : ''}`;
  });
  return place;
}
