/** Who patients are, and their medical record. */
import { IMAGING, IMAGING_REPORT, LABORATORY, LABORATORY_ORDER, LABORATORY_REPORT, LIFESTYLE, VITAL_SIGNS } from '../codes.ts';
import type { GroupTable } from './group.ts';

const DEMOGRAPHIC = ['Patient', 'RelatedPerson', 'Person'];
const MEDICATION = ['MedicationRequest', 'MedicationStatement', 'MedicationDispense', 'MedicationAdministration'];
const IMMUNIZATION = ['Immunization', 'ImmunizationEvaluation', 'ImmunizationRecommendation'];
const NOTES = ['ClinicalImpression', 'DocumentReference', 'DocumentManifest', 'Composition', 'Media'];
const RESPONSES = ['QuestionnaireResponse', 'RiskAssessment'];
const ENCOUNTERS = ['Encounter', 'EpisodeOfCare'];
const CARE = ['CarePlan', 'CareTeam', 'Goal'];
const ORDERS = ['ServiceRequest', 'DeviceRequest', 'NutritionOrder', 'RequestGroup', 'SupplyRequest', 'VisionPrescription'];
const ALERTS = ['Flag', 'DetectedIssue', 'AdverseEvent', 'GuidanceResponse'];
const DEVICES = ['Device', 'DeviceMetric', 'DeviceUseStatement', 'SupplyDelivery'];
const BODY = ['BodyStructure', 'MolecularSequence', 'BiologicallyDerivedProduct'];
const REPORTS = ['DiagnosticReport', 'ImagingStudy', 'Specimen'];

const RECORD = [
  ...MEDICATION,
  ...IMMUNIZATION,
  ...NOTES,
  ...RESPONSES,
  ...ENCOUNTERS,
  ...CARE,
  ...ORDERS,
  ...ALERTS,
  ...DEVICES,
  ...BODY,
  ...REPORTS,
  'AllergyIntolerance',
  'Condition',
  'FamilyMemberHistory',
  'List',
  'Observation',
  'Procedure',
  'Provenance',
  'ResearchSubject',
];

export const CLINICAL_GROUPS = {
  patients: { column: 'demographics', types: ['Patient'], words: { en: 'name, address and contacts', hi: 'नाम, पता और संपर्क' } },
  'related-people': {
    column: 'demographics',
    types: ['RelatedPerson', 'Person'],
    words: { en: 'family members and carers', hi: 'परिवार के सदस्य और देखभाल करने वाले' },
  },
  cohorts: { column: 'demographics', types: ['Group'], words: { en: 'groups of patients', hi: 'रोगियों के समूह' } },

  problems: { column: 'clinical', types: ['Condition'], words: { en: 'health problems and diagnoses', hi: 'स्वास्थ्य समस्याएँ और निदान' } },
  allergies: { column: 'clinical', types: ['AllergyIntolerance'], words: { en: 'allergies', hi: 'एलर्जी' } },
  medication: { column: 'clinical', types: MEDICATION, words: { en: 'medicines', hi: 'दवाएँ' } },
  immunizations: { column: 'clinical', types: IMMUNIZATION, words: { en: 'vaccinations', hi: 'टीकाकरण' } },
  'family-history': {
    column: 'clinical',
    types: ['FamilyMemberHistory'],
    words: { en: 'illnesses in the family', hi: 'परिवार में बीमारियाँ' },
  },
  'vital-signs': {
    column: 'clinical',
    types: ['Observation'],
    only: { Observation: VITAL_SIGNS },
    words: { en: 'vital signs such as blood pressure', hi: 'रक्तचाप जैसे शारीरिक संकेत' },
  },
  lifestyle: {
    column: 'clinical',
    types: ['Observation', ...RESPONSES],
    only: { Observation: LIFESTYLE },
    words: { en: 'lifestyle and questionnaires', hi: 'जीवनशैली और प्रश्नावलियाँ' },
  },
  laboratory: {
    column: 'clinical',
    types: ['Observation', 'DiagnosticReport', 'Specimen'],
    only: { Observation: LABORATORY, DiagnosticReport: LABORATORY_REPORT },
    words: { en: 'laboratory results', hi: 'प्रयोगशाला के परिणाम' },
  },
  'laboratory-orders': {
    column: 'clinical',
    types: ['ServiceRequest'],
    only: { ServiceRequest: LABORATORY_ORDER },
    words: { en: 'laboratory orders', hi: 'प्रयोगशाला जाँच के आदेश' },
  },
  imaging: {
    column: 'clinical',
    types: ['Observation', 'DiagnosticReport', 'ImagingStudy'],
    only: { Observation: IMAGING, DiagnosticReport: IMAGING_REPORT },
    words: { en: 'X-rays and other images', hi: 'एक्स-रे और अन्य चित्र' },
  },
  observations: {
    column: 'clinical',
    types: ['Observation', 'DiagnosticReport', ...BODY],
    words: { en: 'all measurements, findings and reports', hi: 'सभी माप, निष्कर्ष और रिपोर्ट' },
  },
  procedures: { column: 'clinical', types: ['Procedure'], words: { en: 'operations and procedures', hi: 'ऑपरेशन और प्रक्रियाएँ' } },
  encounters: { column: 'clinical', types: ENCOUNTERS, words: { en: 'visits', hi: 'मुलाक़ातें' } },
  notes: { column: 'clinical', types: NOTES, words: { en: 'notes and documents', hi: 'टिप्पणियाँ और दस्तावेज़' } },
  attachments: { column: 'clinical', types: ['Binary'], words: { en: 'attached files', hi: 'संलग्न फ़ाइलें' } },
  'care-plans': { column: 'clinical', types: CARE, words: { en: 'care plans, goals and teams', hi: 'देखभाल योजनाएँ, लक्ष्य और दल' } },
  orders: { column: 'clinical', types: ORDERS, words: { en: 'orders and referrals', hi: 'आदेश और रेफ़रल' } },
  alerts: { column: 'clinical', types: ALERTS, words: { en: 'warnings', hi: 'चेतावनियाँ' } },
  devices: { column: 'clinical', types: DEVICES, words: { en: 'implants and devices', hi: 'प्रत्यारोपण और उपकरण' } },
  lists: { column: 'clinical', types: ['List', 'ResearchSubject'], words: { en: 'lists of records', hi: 'रिकॉर्ड की सूचियाँ' } },
  provenance: {
    column: 'clinical',
    types: ['Provenance'],
    most: 'crs',
    words: { en: 'where records come from', hi: 'रिकॉर्ड कहाँ से आए' },
  },
  /** Whatever carries a label: its own column, since no other group gives it. */
  restricted: {
    column: 'restricted',
    types: [...DEMOGRAPHIC, ...RECORD, 'Binary', 'Appointment', 'Consent', 'Coverage', 'Invoice', 'Account'],
    words: { en: 'specially protected records, such as mental health', hi: 'विशेष रूप से सुरक्षित रिकॉर्ड, जैसे मानसिक स्वास्थ्य' },
  },
} as const satisfies GroupTable;
