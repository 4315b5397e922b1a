/** Turns R4 StructureDefinitions into the compact element tables that `src/fhir/model/definitions.ts` loads. */
import type { ElementDefinition, ElementDefinitionType, StructureDefinition } from '@medplum/fhirtypes';
import type { ConstraintModel, ElementModel, TypeModel } from '../../src/fhir/model/types.ts';

const FHIR_TYPE_EXTENSION = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';
const TARGET_BASE = 'http://hl7.org/fhir/StructureDefinition/';

/**
 * Constraints that hold so widely that the structure check knows them by itself (`src/fhir/validation`): listing them
 * with each of the types would make half of the file.
 */
const KNOWN_CONSTRAINTS: ReadonlySet<string> = new Set([
  ...['ele-1', 'ext-1', 'ref-1', 'txt-1', 'txt-2'],
  ...['dom-2', 'dom-3', 'dom-4', 'dom-5'],
]);

/** Constraints that a profile of a data type adds, by the profile's URL: those of SimpleQuantity, MoneyQuantity. */
type ProfileConstraints = ReadonlyMap<string, readonly ConstraintModel[]>;

/** Types by name, one for each resource, data type, and backbone element (named by its path). */
export function buildTypes(definitions: readonly StructureDefinition[]): Record<string, TypeModel> {
  const isProfile = (d: StructureDefinition): boolean => d.derivation === 'constraint';
  const types = definitions.filter((d) => !isProfile(d));
  const profiles = new Map(definitions.filter(isProfile).map((d) => [d.url, addedConstraints(d, types)]));
  return Object.fromEntries(types.flatMap((d) => typesOf(d, profiles)).map((t) => [t.name, t]));
}

function addedConstraints(profile: StructureDefinition, types: readonly StructureDefinition[]): ConstraintModel[] {
  const rootOf = (d: StructureDefinition | undefined): ConstraintModel[] => d?.snapshot?.element.slice(0, 1).flatMap(constraintsOf) ?? [];
  const inherited = new Set(rootOf(types.find((t) => t.id === profile.type)).map((c) => c.key));
  return rootOf(profile).filter((c) => !inherited.has(c.key));
}

function typesOf(definition: StructureDefinition, profiles: ProfileConstraints): TypeModel[] {
  const elements = definition.snapshot?.element ?? [];
  const root = definition.id as string;
  const parents = elements.filter((e) => e.path === root || isBackbone(e, elements));
  return parents.map((parent) => ({
    name: parent.path,
    kind: kindOf(definition, parent.path === root),
    abstract: definition.abstract && parent.path === root,
    base: parent.path === root ? lastSegment(definition.baseDefinition) : (parent.type?.[0]?.code ?? 'BackboneElement'),
    elements: childrenOf(parent.path, elements).flatMap((e) => elementModels(e, elements, profiles)),
    constraints: constraintsOf(parent),
  }));
}

function kindOf(definition: StructureDefinition, isRoot: boolean): TypeModel['kind'] {
  if (!isRoot) return 'backbone';
  if (definition.kind === 'resource') return 'resource';
  return definition.kind === 'primitive-type' ? 'primitive' : 'complex';
}

const isBackbone = (element: ElementDefinition, all: readonly ElementDefinition[]): boolean =>
  all.some((e) => parentPath(e.path) === element.path) && element.path.includes('.');

const parentPath = (path: string): string => path.slice(0, path.lastIndexOf('.'));
const lastSegment = (url: string | undefined): string => url?.slice(url.lastIndexOf('/') + 1) ?? '';

const childrenOf = (path: string, all: readonly ElementDefinition[]): ElementDefinition[] =>
  all.filter((e) => parentPath(e.path) === path && e.max !== '0');

/** One model for each JSON property: a choice `value[x]` becomes `valueString`, `valueQuantity`, … */
function elementModels(element: ElementDefinition, all: readonly ElementDefinition[], profiles: ProfileConstraints): ElementModel[] {
  const name = lastSegment(element.path.replaceAll('.', '/'));
  if (element.contentReference) return [model(element, name, element.contentReference.split('#')[1] as string)];
  if (isBackbone(element, all)) return [model(element, name, element.path)];
  return (element.type ?? []).map((type) => typedModel(element, name, type, profiles));
}

function typedModel(element: ElementDefinition, name: string, type: ElementDefinitionType, profiles: ProfileConstraints): ElementModel {
  const typeName = typeNameOf(element, type);
  const choice = name.endsWith('[x]') ? name.slice(0, -3) : undefined;
  const property = choice === undefined ? name : choice + typeName.charAt(0).toUpperCase() + typeName.slice(1);
  const targets = targetsOf(type);
  const constraints = [...constraintsOf(element), ...(type.profile ?? []).flatMap((url) => profiles.get(url) ?? [])];
  return {
    ...model(element, property, typeName),
    ...(choice === undefined ? {} : { choice }),
    ...(targets.length > 0 && !targets.includes('Resource') ? { targets } : {}),
    ...(constraints.length > 0 ? { constraints } : {}),
  };
}

/** R4 gives the logical id of a resource as `string`, yet means its type `id` (resource.html#id). */
function typeNameOf(element: ElementDefinition, type: ElementDefinitionType): string {
  const code = type.extension?.find((e) => e.url === FHIR_TYPE_EXTENSION)?.valueUrl ?? type.code;
  if (code.startsWith('http://hl7.org/fhirpath/')) return 'string';
  return element.base?.path === 'Resource.id' ? 'id' : code;
}

/** Names of R4's types among the targets: that of a profile, or of another server's own type, is none. */
const targetsOf = (type: ElementDefinitionType): string[] =>
  (type.targetProfile ?? []).filter((url) => url.startsWith(TARGET_BASE)).map((url) => url.slice(TARGET_BASE.length));

function model(element: ElementDefinition, name: string, type: string): ElementModel {
  const binding = element.binding;
  return {
    name,
    type,
    min: element.min ?? 0,
    many: element.max !== '1',
    ...(element.isSummary ? { summary: true } : {}),
    ...(element.isModifier ? { modifier: true } : {}),
    ...(binding?.strength === 'required' && binding.valueSet ? { required: binding.valueSet.split('|')[0] as string } : {}),
    ...(element.fixedUri ? { fixed: element.fixedUri } : {}),
  };
}

/** Only errors: best practice (`dom-6`) and the form of names for code generators are nobody's mistake in a record. */
function constraintsOf(element: ElementDefinition): ConstraintModel[] {
  return (element.constraint ?? [])
    .filter((c) => c.expression !== undefined && c.severity === 'error' && !KNOWN_CONSTRAINTS.has(c.key))
    .map((c) => ({ key: c.key, severity: 'error', human: c.human, expression: c.expression as string }));
}
