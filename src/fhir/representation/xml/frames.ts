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

/** Builds the JSON of a resource from what an XML reader finds, typed by the definitions. */
export function createTreeBuilder(definitions: Definitions): TreeBuilder {
  const stack: Frame[] = [];
  let result: JsonObject | undefined;
  const place = (): string => placeOf(stack);
  const top = (): Frame | undefined => stack[stack.length - 1];
  const fail = (rule: string, hint: string, name = ''): FhirError => fhirError('invalid-structure', rule, hint, [place(), name].filter(Boolean).join('.'));

  const childOf = (frame: Frame, name: string): ElementModel => {
    const element = definitions.elementsOf(frame.type)?.get(name);
    if (!element || !isChild(definitions, frame, element)) throw fail(`${frame.type} has no element ${name}`, 'remove it, or put it where it belongs', name);
    if (!element.many && frame.children.has(element)) throw fail(`${name} does not repeat`, 'keep one', name);
    return element;
  };
  const resourceFrame = (name: string): Frame => {
    if (!definitions.resourceTypes.has(name)) throw fail(`R4 has no resource ${name}`, 'correct the name of the element', name);
    return newFrame('object', name, undefined, { resourceType: name });
  };
  return {
    open(name, attributes) {
      const parent = top();
      if (parent?.kind === 'slot' && parent.value !== undefined) throw fail('one resource is held here', 'repeat the outer element for each', name);
      const element = parent === undefined || parent.kind === 'slot' ? undefined : childOf(parent, name);
      const frame = element ? newFrame(kindOf(definitions, element), element.type, element, {}) : resourceFrame(name);
      stack.push(frame);
      readAttributes(definitions, frame, attributes, fail);
      return frame.type === 'xhtml';
    },
    narrative(text) {
      (top() as Frame).value = text;
    },
    close() {
      const frame = stack[stack.length - 1] as Frame;
      for (const [element, items] of frame.children) writeItems(frame.members, element, items);
      const item = itemOf(frame, fail);
      stack.pop();
      const parent = top();
      if (parent === undefined) result = frame.members;
      else if (frame.element === undefined) parent.value = frame.members;
      else addChild(parent, frame.element, item);
    },
    place,
    result: () => result,
  };
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

type Fail = (rule: string, hint: string, name?: string) => FhirError;

function readAttributes(definitions: Definitions, frame: Frame, attributes: Attributes, fail: Fail): void {
  if (frame.type === 'xhtml') return;
  for (const [name, text] of attributes) {
    if (name === 'value' && frame.kind === 'primitive') frame.value = primitiveOf(frame.type, text);
    else if (takesAttribute(definitions, frame, name)) frame.members[name] = text;
    else throw fail(`${frame.type} has no attribute ${name}`, 'write it as an element, or remove it', name);
  }
}

function takesAttribute(definitions: Definitions, frame: Frame, name: string): boolean {
  const element = frame.kind === 'slot' ? undefined : definitions.elementsOf(frame.type)?.get(name);
  return element !== undefined && isAttribute(frame.type, definitions.types[frame.type]?.kind ?? '', element);
}

function itemOf(frame: Frame, fail: Fail): Item {
  const hasMembers = Object.keys(frame.members).length > 0;
  if (frame.kind === 'object' && hasMembers) return { value: frame.members, extra: undefined };
  if (frame.kind !== 'object' && (frame.value !== undefined || hasMembers)) return { value: frame.value, extra: hasMembers ? frame.members : undefined };
  throw fail('an element has a value or children', 'give it one, or leave the element out');
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
