/**
 * The table of roles as a clinic's manager would write it down, against the filter that is made of the tables: every role
 * on every kind of record for every letter, then every role on every type of R4 for every letter.
 */
import { afterAll, describe, expect, it } from '@jest/globals';
import { ROLES, type Role } from '../../src/fhir/model/principal.ts';
import { ACTIONS, lettersOf } from '../../src/smart-auth/roles/letters.ts';
import { AUTHOR } from '../../src/smart-auth/roles/rows.ts';
import { parserDeps } from '../search/set-up.ts';
import { EXPECTED as rows } from './manager.ts';
import { WORLD } from './samples.ts';
import { accessWith, allows, personOf, scopesOf, TYPES } from './world.ts';

/** With an emergency: what a doctor, a nurse, a counselor read and find beside the above. */
const OPENED =
  'note-mh note-mh-released note-mh-gp note-mh-mine note-mh-stranger note-mh-missed sealed-document sealed-letter medicine-hiv vip'.split(
    ' ',
  );

const everything = scopesOf('patient/*.cruds user/*.cruds');
const access = accessWith();
let walked = 0;
afterAll(() => console.log(`permissions: ${walked} combinations of role, record or type, and action walked`));

describe('each role on each kind of record', () => {
  it('expects something of every sample', () => {
    expect(rows.map((r) => r.id).toSorted()).toEqual(WORLD.map((k) => k.resource.id).toSorted());
    expect(rows.every((r) => r.letters.length === ROLES.length)).toBe(true);
  });

  it.each(ROLES.map((role, i) => ({ role, i })))('$role', ({ role, i }) => {
    const filter = accessWith().accessFor({ principal: personOf(role), scopes: everything });
    const lettersFor = ({ id }: { id: string }): string => {
      const record = WORLD.find((k) => k.resource.id === id)!;
      walked += ACTIONS.length;
      return lettersOf(ACTIONS.filter((action) => allows(filter, WORLD, record, action)));
    };
    const found = rows.map((row) => `${row.id} ${lettersFor(row)}`);
    expect(found).toEqual(rows.map((row) => `${row.id} ${row.letters[i]}`));
  });

  it.each(['DOCTOR', 'NURSE', 'COUNSELOR'] as const)('%s in an emergency reads more and writes no more', (role) => {
    const i = ROLES.indexOf(role);
    const filter = access.accessFor({ principal: personOf(role, { emergency: 'unconscious' }), scopes: everything });
    for (const { id, letters } of rows) {
      const record = WORLD.find((k) => k.resource.id === id)!;
      const found = lettersOf(ACTIONS.filter((action) => allows(filter, WORLD, record, action)));
      const opened = OPENED.includes(id) || id === 'protocol' ? 'rs' : '';
      const expected = lettersOf(ACTIONS.filter((a) => `${letters[i]}${opened}`.includes(lettersOf([a]))));
      expect(`${id} ${found}`).toBe(`${id} ${expected}`);
    }
  });

  it.each(ROLES.filter((r) => !['DOCTOR', 'NURSE', 'COUNSELOR'].includes(r)))('an emergency gives %s nothing', (role) => {
    const plain = accessWith().accessFor({ principal: personOf(role), scopes: everything });
    const widened = accessWith().accessFor({ principal: personOf(role, { emergency: 'x' }), scopes: everything });
    for (const type of TYPES) for (const action of ACTIONS) expect(widened.restrict(type, action)).toEqual(plain.restrict(type, action));
  });
});

/** The design's table once more, and types by column: what a role may do to some resource of the type. */
const words = (text: string): readonly string[] => text.trim().split(/\s+/);
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  demographics: words('Patient RelatedPerson Person Group'),
  clinical: words(`AllergyIntolerance Condition FamilyMemberHistory Immunization ImmunizationEvaluation ImmunizationRecommendation
    MedicationRequest MedicationStatement MedicationDispense MedicationAdministration Observation DiagnosticReport ImagingStudy Specimen
    ServiceRequest DeviceRequest NutritionOrder RequestGroup SupplyRequest VisionPrescription Encounter EpisodeOfCare
    ClinicalImpression DocumentReference DocumentManifest Composition Media QuestionnaireResponse RiskAssessment
    CareTeam Goal Flag DetectedIssue AdverseEvent GuidanceResponse Device DeviceMetric DeviceUseStatement SupplyDelivery
    BodyStructure MolecularSequence BiologicallyDerivedProduct List ResearchSubject Binary CarePlan Procedure`),
  scheduling: words('Appointment AppointmentResponse Schedule Slot Task'),
  therapy: words('PlanDefinition ActivityDefinition CarePlan Procedure Observation'),
  billing: words(`Account ChargeItem Coverage CoverageEligibilityRequest CoverageEligibilityResponse EnrollmentRequest EnrollmentResponse
    Invoice PaymentNotice PaymentReconciliation Claim ClaimResponse ExplanationOfBenefit Contract InsurancePlan ChargeItemDefinition`),
  directory: words(`Organization OrganizationAffiliation Location HealthcareService Practitioner PractitionerRole Endpoint InsurancePlan
    ChargeItemDefinition`),
  definitions: words(`CapabilityStatement CompartmentDefinition ExampleScenario GraphDefinition ImplementationGuide MessageDefinition
    OperationDefinition SearchParameter StructureDefinition StructureMap TerminologyCapabilities TestReport TestScript CodeSystem ConceptMap
    NamingSystem ValueSet DeviceDefinition EffectEvidenceSynthesis EventDefinition Evidence EvidenceVariable Library Measure
    ObservationDefinition Questionnaire ResearchDefinition ResearchElementDefinition ResearchStudy RiskEvidenceSynthesis SpecimenDefinition
    CatalogEntry Medication MedicationKnowledge MedicinalProduct MedicinalProductAuthorization MedicinalProductContraindication
    MedicinalProductIndication MedicinalProductIngredient MedicinalProductInteraction MedicinalProductManufactured
    MedicinalProductPackaged MedicinalProductPharmaceutical MedicinalProductUndesirableEffect Substance SubstanceNucleicAcid
    SubstancePolymer SubstanceProtein SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification`),
  administration: words('Communication CommunicationRequest Subscription Basic Consent'),
  audit: ['AuditEvent'],
  provenance: ['Provenance'],
  nobody: words('Bundle Linkage MeasureReport MessageHeader VerificationResult Parameters OperationOutcome'),
};

const design = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(text.split(', ').map((cell): [string, string] => [cell.split(' ')[0] ?? '', cell.split(' ')[1] ?? '']));
const STAFF = 'directory rs, definitions rs';
const ADMIN =
  'demographics cruds, clinical rs, provenance rs, scheduling cruds, therapy cruds, billing cruds, administration cruds, audit rs, directory cruds, definitions cruds';
const DESIGN: Readonly<Record<Role, Readonly<Record<string, string>>>> = {
  SUPER_ADMIN: design(ADMIN),
  CLINIC_ADMIN: design(ADMIN),
  DOCTOR: design(`demographics crus, clinical cruds, provenance crs, scheduling cruds, therapy cruds, billing rs, Consent crs, ${STAFF}`),
  NURSE: design(`demographics crus, clinical crus, provenance crs, scheduling rus, therapy rus, Consent crs, ${STAFF}`),
  THERAPIST: design(`demographics rs, clinical rs, provenance rs, scheduling rus, therapy cruds, Observation cruds, Consent rs, ${STAFF}`),
  COUNSELOR: design(`demographics rs, clinical rs, provenance rs, scheduling rus, Consent crs, ${STAFF}`),
  PHARMACIST: design(
    `demographics rs, billing rs, MedicationRequest cruds, MedicationStatement cruds, MedicationDispense cruds, MedicationAdministration cruds, AllergyIntolerance rs, ${STAFF}`,
  ),
  LAB_TECHNICIAN: design(`demographics rs, Observation crus, DiagnosticReport crus, Specimen crus, ServiceRequest rus, ${STAFF}`),
  RECEPTIONIST: design(`demographics crus, scheduling cruds, therapy rs, billing crs, Consent crs, ${STAFF}`),
  FINANCE_BILLING: design(`demographics rs, scheduling rs, billing cruds, ${STAFF}`),
  SUPPORT_STAFF: design(`demographics rs, scheduling rs, Group -, Communication crs, CommunicationRequest crs, ${STAFF}`),
  PATIENT: design(`demographics ru, clinical rs, provenance rs, scheduling crus, therapy rs, billing rs, Consent cruds, Group -, ${STAFF}`),
};
/** A counselor and a doctor write their own labelled notes. */
const WRITES_OWN: ReadonlySet<Role> = new Set<Role>(['COUNSELOR', 'DOCTOR']);

function expectedLetters(role: Role, type: string): string {
  const row = DESIGN[role];
  const columns = Object.keys(COLUMNS).filter((column) => COLUMNS[column]?.includes(type));
  const isShared = columns.some((c) => c === 'directory' || c === 'definitions');
  const inCompartment = type === 'Patient' || parserDeps.definitions.compartments['Patient']?.[type] !== undefined;
  if (role === 'PATIENT' && !inCompartment) return isShared ? 'rs' : '';
  const own = WRITES_OWN.has(role) && columns.includes('clinical') && AUTHOR[type] ? 'cruds' : '';
  // Their own labelled records, once released, are read and found whatever the type.
  const labelled = role === 'PATIENT' && ['Patient', 'RelatedPerson', 'Person'].includes(type) ? 's' : '';
  const letters = labelled + (row[type] ?? columns.map((c) => row[c] ?? '').join('')) + own;
  return ['c', 'r', 'u', 'd', 's'].filter((l) => letters.includes(l)).join('');
}

describe('each role on each type of R4', () => {
  it('knows the column of every type', () => {
    expect([...new Set(Object.values(COLUMNS).flat())].toSorted()).toEqual([...TYPES].toSorted());
  });

  it.each(ROLES)('%s', (role) => {
    const filter = access.accessFor({ principal: personOf(role), scopes: everything });
    const found = [...TYPES].map((type) => `${type} ${lettersOf(ACTIONS.filter((a) => filter.restrict(type, a) !== 'none'))}`);
    walked += TYPES.size * ACTIONS.length;
    expect(found).toEqual([...TYPES].map((type) => `${type} ${expectedLetters(role, type)}`));
  });

  it.each(ROLES)('%s has nothing of a type that R4 does not have', (role) => {
    const filter = access.accessFor({ principal: personOf(role), scopes: everything });
    for (const type of ['Foo', '', '__proto__', 'constructor']) for (const a of ACTIONS) expect(filter.restrict(type, a)).toBe('none');
  });
});
