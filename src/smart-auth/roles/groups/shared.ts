/** What all who are signed in may read, what is everyone's own, and what is left to systems. */
import type { GroupTable } from './group.ts';

const DIRECTORY = [
  'Organization',
  'OrganizationAffiliation',
  'Location',
  'HealthcareService',
  'Practitioner',
  'PractitionerRole',
  'Endpoint',
  'InsurancePlan',
  'ChargeItemDefinition',
];
const CONFORMANCE = [
  'CapabilityStatement',
  'CompartmentDefinition',
  'ExampleScenario',
  'GraphDefinition',
  'ImplementationGuide',
  'MessageDefinition',
  'OperationDefinition',
  'SearchParameter',
  'StructureDefinition',
  'StructureMap',
  'TerminologyCapabilities',
  'TestReport',
  'TestScript',
];
const TERMINOLOGY = ['CodeSystem', 'ConceptMap', 'NamingSystem', 'ValueSet'];
const KNOWLEDGE = [
  'DeviceDefinition',
  'EffectEvidenceSynthesis',
  'EventDefinition',
  'Evidence',
  'EvidenceVariable',
  'Library',
  'Measure',
  'ObservationDefinition',
  'Questionnaire',
  'ResearchDefinition',
  'ResearchElementDefinition',
  'ResearchStudy',
  'RiskEvidenceSynthesis',
  'SpecimenDefinition',
];
const PRODUCTS = [
  'CatalogEntry',
  'Medication',
  'MedicationKnowledge',
  'MedicinalProduct',
  'MedicinalProductAuthorization',
  'MedicinalProductContraindication',
  'MedicinalProductIndication',
  'MedicinalProductIngredient',
  'MedicinalProductInteraction',
  'MedicinalProductManufactured',
  'MedicinalProductPackaged',
  'MedicinalProductPharmaceutical',
  'MedicinalProductUndesirableEffect',
  'Substance',
  'SubstanceNucleicAcid',
  'SubstancePolymer',
  'SubstanceProtein',
  'SubstanceReferenceInformation',
  'SubstanceSourceMaterial',
  'SubstanceSpecification',
];

export const SHARED_GROUPS = {
  directory: { column: 'directory', types: DIRECTORY, words: { en: 'clinic, staff and prices', hi: 'क्लिनिक, कर्मचारी और मूल्य' } },
  availability: { column: 'directory', types: [], words: { en: 'free times', hi: 'खाली समय' } },
  conformance: { column: 'definitions', types: CONFORMANCE, words: { en: 'how this server works', hi: 'यह सर्वर कैसे काम करता है' } },
  terminology: { column: 'definitions', types: TERMINOLOGY, words: { en: 'lists of codes', hi: 'कोड की सूचियाँ' } },
  knowledge: { column: 'definitions', types: KNOWLEDGE, words: { en: 'questionnaires and measures', hi: 'प्रश्नावली और मापदंड' } },
  products: { column: 'definitions', types: PRODUCTS, words: { en: 'catalogue of medicines', hi: 'दवाओं की सूची' } },
  'own-account': { column: 'personal', types: [], words: { en: 'your account', hi: 'आपका खाता' } },
  'own-sessions': { column: 'personal', types: [], words: { en: 'your sessions', hi: 'आपके सत्र' } },
  'own-preferences': { column: 'personal', types: [], words: { en: 'your preferences and devices', hi: 'आपकी प्राथमिकताएँ और उपकरण' } },
  /** Their contents can be of any kind, with no index that would tell whose they are. */
  envelopes: {
    column: 'systems',
    types: ['Bundle', 'Linkage', 'MeasureReport', 'MessageHeader', 'VerificationResult'],
    words: { en: 'messages between systems', hi: 'प्रणालियों के बीच संदेश' },
  },
} as const satisfies GroupTable;
