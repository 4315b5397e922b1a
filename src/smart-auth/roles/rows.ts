/** How types say whose they are and who wrote them: search parameters, as data. */

/** The compartment's parameters that name the patient whom a resource is about; others name those who did something. */
export const ABOUT_PATIENT: readonly string[] = ['patient', 'subject', 'beneficiary', 'individual', 'actor'];

/** Those by which a patient has what is about nobody: who wrote, sent or got it. Who did something is not one of them. */
export const WROTE_OR_GOT: readonly string[] = ['author', 'sender', 'recipient', 'source'];

/** Types that may be about several patients at once. */
export const ABOUT_SEVERAL: ReadonlySet<string> = new Set(['Appointment', 'Person', 'Provenance', 'Schedule']);

/** By type: who wrote it. A type that isn't here has no author. */
export const AUTHOR: Readonly<Record<string, readonly string[]>> = {
  AllergyIntolerance: ['recorder', 'asserter'],
  Basic: ['author'],
  ClinicalImpression: ['assessor'],
  Communication: ['sender'],
  CommunicationRequest: ['requester', 'sender'],
  Composition: ['author'],
  Condition: ['asserter'],
  DetectedIssue: ['author'],
  DeviceRequest: ['requester'],
  DiagnosticReport: ['performer', 'results-interpreter'],
  DocumentManifest: ['author'],
  DocumentReference: ['author'],
  Encounter: ['participant'],
  EpisodeOfCare: ['care-manager'],
  Flag: ['author'],
  Immunization: ['performer'],
  List: ['source'],
  Media: ['operator'],
  MedicationAdministration: ['performer'],
  MedicationDispense: ['performer'],
  MedicationRequest: ['requester'],
  MedicationStatement: ['source'],
  NutritionOrder: ['provider'],
  Observation: ['performer'],
  Procedure: ['performer'],
  QuestionnaireResponse: ['author'],
  RequestGroup: ['author'],
  RiskAssessment: ['performer'],
  ServiceRequest: ['requester'],
  Specimen: ['collector'],
  SupplyRequest: ['requester'],
  VisionPrescription: ['prescriber'],
};

export interface Treating {
  readonly type: string;
  /** Names the patient, and the one who treats. */
  readonly patient: string;
  readonly by: string;
  /** States that don't count: a visit that never was is no reason to read. */
  readonly except: readonly string[];
}

/** By what a patient is treated by someone, beside `Patient.generalPractitioner`. */
export const TREATING: readonly Treating[] = [
  { type: 'Encounter', patient: 'patient', by: 'participant', except: ['cancelled', 'entered-in-error'] },
  { type: 'Appointment', patient: 'patient', by: 'actor', except: ['cancelled', 'entered-in-error'] },
  { type: 'CareTeam', patient: 'patient', by: 'participant', except: ['inactive', 'entered-in-error'] },
];
