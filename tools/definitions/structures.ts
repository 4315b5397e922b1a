/** Turns R4 StructureDefinitions into the compact element tables that `src/fhir/model/definitions.ts` loads. */
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import type { ConstraintModel, ElementModel, TypeModel } from '../../src/fhir/model/types.ts';

const FHIR_TYPE_EXTENSION = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';
const TARGET_BASE = 'http://hl7.org/fhir/StructureDefinition/';

/** Types by name, one for each resource, data type, and backbone element (named by its path). */
export function buildTypes(definitions: readonly StructureDefinition[]): Record<string, TypeModel> {
  const types: Record<string, TypeModel> = {};
  for (const definition of definitions) for (const type of typesOf(definition)) types[type.name] = type;
  return types;
}

function typesOf(definition: StructureDefinition): TypeModel[] {
  const elements = definition.snapshot?.element ?? [];
  const root = definition.id as string;
  const parents = elements.filter((e) => e.path === root || isBackbone(e, elements));
  return parents.map((parent) => ({
    name: parent.path as string,
    kind: kindOf(definition, parent.path === root),
    abstract: definition.abstract === true && parent.path === root,
    base: parent.path === root ? lastSegment(definition.baseDefinition) : (parent.type?.[0]?.code ?? 'BackboneElement'),
    elements: childrenOf(parent.path as string, elements).flatMap((e) => elementModels(e, elements)),
    constraints: constraintsOf(parent),
  }));
}

function kindOf(definition: StructureDefinition, isRoot: boolean): TypeModel['kind'] {
  if (!isRoot) return 'backbone';
  if (definition.kind === 'resource') return 'resource';
  return definition.kind === 'primitive-type' ? 'primitive' : 'complex';
}

const isBackbone = (element: ElementDefinition, all: readonly ElementDefinition[]): boolean =>
  all.some((e) => parentPath(e.path as string) === element.path) && (element.path as string).includes('.');

const parentPath = (path: string): string => path.slice(0, path.lastIndexOf('.'));
const lastSegment = (url: string | undefined): string => url?.slice(url.lastIndexOf('/') + 1) ?? '';

const childrenOf = (path: string, all: readonly ElementDefinition[]): ElementDefinition[] =>
  all.filter((e) => parentPath(e.path as string) === path && e.max !== '0');

/** One model for each JSON property: a choice `value[x]` becomes `valueString`, `valueQuantity`, … */
function elementModels(element: ElementDefinition, all: readonly ElementDefinition[]): ElementModel[] {
  const name = lastSegment((element.path as string).replaceAll('.', '/'));
  const choice = name.endsWith('[x]') ? name.slice(0, -3) : undefined;
  if (element.contentReference) return [model(element, name, element.contentReference.split('#')[1] as string, undefined)];
  if (isBackbone(element, all)) return [model(element, name, element.path as string, undefined)];
  return (element.type ?? []).map((type) => {
    const code = type.extension?.find((e) => e.url === FHIR_TYPE_EXTENSION)?.valueUrl ?? (type.code as string);
    const typeName = code.startsWith('http://hl7.org/fhirpath/') ? 'string' : isResourceId(element) ? 'id' : code;
    const property = choice === undefined ? name : choice + typeName[0]?.toUpperCase() + typeName.slice(1);
    return model(element, property, typeName, choice, type.targetProfile);
  });
}

/** R4 gives the logical id of a resource as `string`, yet means its type `id` (resource.html#id). */
const isResourceId = (element: ElementDefinition): boolean => element.base?.path === 'Resource.id';

function model(
  element: ElementDefinition,
  name: string,
  type: string,
  choice: string | undefined,
  targetProfiles?: readonly string[],
): ElementModel {
  const targets = targetProfiles?.map((url) => url.slice(TARGET_BASE.length)) ?? [];
  const binding = element.binding;
  return {
    name,
    type,
    min: element.min ?? 0,
    many: element.max !== '1',
    ...(choice === undefined ? {} : { choice }),
    ...(element.isSummary ? { summary: true } : {}),
    ...(element.isModifier ? { modifier: true } : {}),
    ...(targets.length > 0 && !targets.includes('Resource') ? { targets } : {}),
    ...(binding?.strength === 'required' && binding.valueSet ? { required: binding.valueSet.split('|')[0] as string } : {}),
    ...(element.fixedUri ? { fixed: element.fixedUri } : {}),
    ...(elementConstraints(element).length > 0 ? { constraints: elementConstraints(element) } : {}),
  };
}

/** ele-1 holds for every element and ext-1 for every extension: the structure check knows them. */
const elementConstraints = (element: ElementDefinition): ConstraintModel[] =>
  constraintsOf(element).filter((c) => c.key !== 'ele-1' && c.key !== 'ext-1');

function constraintsOf(element: ElementDefinition): ConstraintModel[] {
  return (element.constraint ?? [])
    .filter((c) => c.expression !== undefined)
    .map((c) => ({
      key: c.key as string,
      severity: c.severity === 'warning' ? 'warning' : 'error',
      human: c.human as string,
      expression: c.expression as string,
    }));
}
