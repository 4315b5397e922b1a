/** Tables that the walk goes by: one for each type, made from the definitions when the type is first met. */
import type { Definitions } from '../../model/definitions.ts';
import type { ConstraintModel, ElementModel, TypeModel } from '../../model/types.ts';
import { ELEMENT_ID, PRIMITIVES, type PrimitiveForm } from '../forms/primitives.ts';
import { compileInvariant, type Predicate } from '../invariants/compile.ts';
import { EXCEPTIONS } from '../invariants/exceptions.ts';

export const PRIMITIVE = 0;
/** `_birthDate`: id and extensions of a primitive element. */
export const SIBLING = 1;
export const COMPLEX = 2;
/** A resource in a resource: contained, of a bundle's entry, of a parameter. */
export const RESOURCE = 3;
export type PropertyKind = typeof PRIMITIVE | typeof SIBLING | typeof COMPLEX | typeof RESOURCE;

export interface TypePlan {
  readonly name: string;
  readonly isResource: boolean;
  readonly properties: ReadonlyMap<string, PropertyPlan>;
  /** Bits of the elements and choices that must be there. */
  readonly required: number;
  readonly choices: number;
  /** Bits of which exactly one must be there: ext-1. */
  readonly exclusive: readonly [number, number] | undefined;
  readonly invariants: readonly Invariant[];
}

/** What the walk needs to know of one JSON property. */
export interface PropertyPlan {
  readonly key: string;
  readonly kind: PropertyKind;
  /** Its name in FHIRPath: `value` for `valueQuantity`, `birthDate` for `_birthDate`. */
  readonly label: string;
  readonly element: ElementModel;
  readonly many: boolean;
  /** Marks the element or choice as seen; 0 where nobody asks. */
  readonly bit: number;
  /** 0 for an id, which alone makes no element (ele-1). */
  readonly weight: number;
  /** `_birthDate` for `birthDate` and the other way round. */
  readonly twin: string;
  readonly form: PrimitiveForm | undefined;
  readonly accepts: (value: unknown) => boolean;
  /** Codes of the required binding by system; undefined where any code passes. */
  readonly codes: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  readonly targets: ReadonlySet<string> | undefined;
  /** May be, or hold, the `#id` of a contained resource. */
  readonly isLink: boolean;
  readonly isReference: boolean;
  /** An extension outside of extensions, whose URL must be absolute. */
  readonly isExtension: boolean;
  readonly isContained: boolean;
  readonly invariants: readonly Invariant[];
}

export interface Invariant {
  readonly constraint: ConstraintModel;
  readonly holds: Predicate;
}

export interface Plans {
  readonly definitions: Definitions;
  /** The plan of a type that is known to exist. */
  of(type: string): TypePlan;
}

const LINKS: ReadonlySet<string> = new Set(['uri', 'url', 'canonical', 'xhtml']);

/** Plans by type, each made once. */
export function createPlans(definitions: Definitions): Plans {
  const made = new Map<string, TypePlan>();
  return {
    definitions,
    of(type) {
      const known = made.get(type);
      if (known) return known;
      const model = definitions.types[type];
      if (!model) throw new Error(`${type} is not a type of the definitions`);
      const plan = planOf(model, definitions);
      made.set(type, plan);
      return plan;
    },
  };
}

function planOf(model: TypeModel, definitions: Definitions): TypePlan {
  const bits = bitsOf(model);
  const properties = model.elements.flatMap((e) => propertiesOf(e, model, bits, definitions));
  const masked = (isWanted: (e: ElementModel) => boolean): number =>
    model.elements.filter(isWanted).reduce((mask, e) => mask | (bits.get(groupOf(e)) ?? 0), 0);
  const isExtension = model.name === 'Extension';
  return {
    name: model.name,
    isResource: model.kind === 'resource',
    properties: new Map(properties.map((p) => [p.key, p])),
    required: masked((e) => e.min > 0),
    choices: masked((e) => e.choice !== undefined),
    exclusive: isExtension ? [bits.get('extension') ?? 0, bits.get('value') ?? 0] : undefined,
    invariants: invariantsOf(model.constraints, model.name, model.name, definitions),
  };
}

const groupOf = (element: ElementModel): string => element.choice ?? element.name;

/** A bit for each element or choice whose presence matters. */
function bitsOf(model: TypeModel): ReadonlyMap<string, number> {
  const matters = model.elements.filter(
    (e) => e.min > 0 || e.choice !== undefined || (model.name === 'Extension' && e.name === 'extension'),
  );
  const groups = [...new Set(matters.map(groupOf))];
  if (groups.length > 31) throw new Error(`${model.name} has more elements to mark than a number has bits`);
  return new Map(groups.map((group, i) => [group, 1 << i]));
}

function propertiesOf(
  element: ElementModel,
  owner: TypeModel,
  bits: ReadonlyMap<string, number>,
  definitions: Definitions,
): PropertyPlan[] {
  const property = propertyOf(element, owner, bits, definitions);
  if (property.kind !== PRIMITIVE || !hasSibling(element, owner)) return [property];
  return [property, { ...property, key: '_' + element.name, twin: element.name, kind: SIBLING }];
}

/** Ids and `Extension.url` are XML attributes, which can't have extensions. */
const hasSibling = (element: ElementModel, owner: TypeModel): boolean =>
  element.name !== 'id' && !(owner.name === 'Extension' && element.name === 'url');

function propertyOf(element: ElementModel, owner: TypeModel, bits: ReadonlyMap<string, number>, definitions: Definitions): PropertyPlan {
  const form = isElementId(element) ? ELEMENT_ID : PRIMITIVES[element.type];
  const codes = codesOf(element, definitions);
  return {
    key: element.name,
    kind: form ? PRIMITIVE : element.type === 'Resource' ? RESOURCE : COMPLEX,
    label: groupOf(element),
    element,
    many: element.many,
    bit: bits.get(groupOf(element)) ?? 0,
    weight: element.name === 'id' ? 0 : 1,
    twin: '_' + element.name,
    form,
    accepts: acceptorOf(form, codes),
    codes,
    targets: element.targets && new Set(element.targets),
    isLink: LINKS.has(element.type),
    isReference: element.type === 'Reference',
    isExtension: element.type === 'Extension' && owner.name !== 'Extension',
    isContained: element.name === 'contained',
    invariants: invariantsOf(element.constraints ?? [], element.type, `${owner.name}.${element.name}`, definitions),
  };
}

const isElementId = (element: ElementModel): boolean => element.name === 'id' && element.type === 'string';

function codesOf(element: ElementModel, definitions: Definitions): ReadonlyMap<string, ReadonlySet<string>> | undefined {
  const set = element.required === undefined ? undefined : definitions.codeSets[element.required];
  return set && new Map(Object.entries(set).map(([system, codes]) => [system, new Set(codes)]));
}

function acceptorOf(
  form: PrimitiveForm | undefined,
  codes: ReadonlyMap<string, ReadonlySet<string>> | undefined,
): (value: unknown) => boolean {
  if (!form) return () => false;
  if (!codes) return form.accepts;
  const all: ReadonlySet<unknown> = new Set([...codes.values()].flatMap((c) => [...c]));
  return (value) => all.has(value);
}

function invariantsOf(constraints: readonly ConstraintModel[], type: string, on: string, definitions: Definitions): Invariant[] {
  return constraints.flatMap((constraint) => {
    const exception = EXCEPTIONS.find((e) => e.key === constraint.key && e.on === on);
    const expression = exception ? exception.expression : constraint.expression;
    return expression === undefined ? [] : [{ constraint, holds: compileInvariant(definitions, expression, type) }];
  });
}
