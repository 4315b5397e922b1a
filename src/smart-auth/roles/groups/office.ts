/** Scheduling, therapy, billing and the running of the clinic. */
import { ALERT, ASSESSMENT, THERAPY } from '../codes.ts';
import type { GroupTable } from './group.ts';

const COVERAGE = [
  'Account',
  'ChargeItem',
  'Coverage',
  'CoverageEligibilityRequest',
  'CoverageEligibilityResponse',
  'EnrollmentRequest',
  'EnrollmentResponse',
];

export const OFFICE_GROUPS = {
  appointments: {
    column: 'scheduling',
    types: ['Appointment', 'AppointmentResponse'],
    words: { en: 'appointments', hi: 'अपॉइंटमेंट' },
  },
  schedules: { column: 'scheduling', types: ['Schedule', 'Slot'], words: { en: 'calendars', hi: 'कार्यक्रम' } },
  queue: { column: 'scheduling', types: ['Task'], words: { en: 'the queue and tasks', hi: 'कतार और कार्य' } },
  waitlist: { column: 'scheduling', types: [], words: { en: 'the waiting list', hi: 'प्रतीक्षा सूची' } },

  'therapy-protocols': {
    column: 'therapy',
    types: ['PlanDefinition', 'ActivityDefinition'],
    words: { en: 'therapy protocols', hi: 'चिकित्सा विधियाँ' },
  },
  'therapy-courses': {
    column: 'therapy',
    types: ['CarePlan'],
    only: { CarePlan: THERAPY },
    words: { en: 'courses of therapy', hi: 'चिकित्सा के कोर्स' },
  },
  'therapy-sessions': {
    column: 'therapy',
    types: ['Procedure'],
    only: { Procedure: THERAPY },
    words: { en: 'therapy sessions', hi: 'चिकित्सा सत्र' },
  },
  'therapy-assessments': {
    column: 'therapy',
    types: ['Observation'],
    only: { Observation: ASSESSMENT },
    words: { en: 'dosha and pulse assessments', hi: 'दोष और नाड़ी परीक्षण' },
  },

  'billing-plans': {
    column: 'billing',
    types: ['InsurancePlan', 'ChargeItemDefinition'],
    words: { en: 'plans and prices', hi: 'योजनाएँ और मूल्य' },
  },
  coverage: { column: 'billing', types: COVERAGE, words: { en: 'subscriptions and insurance', hi: 'सदस्यता और बीमा' } },
  invoices: { column: 'billing', types: ['Invoice'], words: { en: 'invoices', hi: 'बिल' } },
  payments: { column: 'billing', types: ['PaymentNotice', 'PaymentReconciliation'], words: { en: 'payments', hi: 'भुगतान' } },
  claims: {
    column: 'billing',
    types: ['Claim', 'ClaimResponse', 'ExplanationOfBenefit', 'Contract'],
    words: { en: 'insurance claims', hi: 'बीमा दावे' },
  },
  'billing-analytics': { column: 'billing', types: [], words: { en: 'revenue figures', hi: 'आय के आँकड़े' } },

  organization: {
    column: 'administration',
    types: ['Organization', 'OrganizationAffiliation', 'Location', 'HealthcareService', 'Endpoint'],
    words: { en: 'the clinic, its places and services', hi: 'क्लिनिक, उसके स्थान और सेवाएँ' },
  },
  staff: { column: 'administration', types: ['Practitioner', 'PractitionerRole'], words: { en: 'staff', hi: 'कर्मचारी' } },
  accounts: { column: 'administration', types: [], words: { en: 'accounts of people', hi: 'लोगों के खाते' } },
  memberships: { column: 'administration', types: [], words: { en: 'who has which role', hi: 'किसकी क्या भूमिका है' } },
  apps: { column: 'administration', types: [], words: { en: 'apps of the clinic', hi: 'क्लिनिक के ऐप' } },
  'app-permissions': { column: 'administration', types: [], words: { en: 'apps that were let in', hi: 'अनुमति प्राप्त ऐप' } },
  clinics: { column: 'administration', types: [], words: { en: 'clinics', hi: 'क्लिनिक' } },
  'clinic-settings': { column: 'administration', types: [], words: { en: 'settings of the clinic', hi: 'क्लिनिक की सेटिंग' } },
  consents: { column: 'administration', types: ['Consent'], words: { en: 'consents', hi: 'सहमतियाँ' } },
  audit: { column: 'administration', types: ['AuditEvent'], most: 'rs', words: { en: 'the audit trail', hi: 'ऑडिट रिकॉर्ड' } },
  erasure: { column: 'administration', types: [], words: { en: "erasing a patient's data", hi: 'रोगी का डेटा मिटाना' } },
  export: { column: 'administration', types: [], words: { en: 'export of all data', hi: 'पूरे डेटा का निर्यात' } },
  communications: {
    column: 'administration',
    types: ['Communication', 'CommunicationRequest'],
    only: { Communication: `category:not=${ALERT}` },
    words: { en: 'messages', hi: 'संदेश' },
  },
  'staff-alerts': {
    column: 'administration',
    types: ['Communication'],
    only: { Communication: `category=${ALERT}` },
    words: { en: 'alerts to administrators', hi: 'प्रशासकों के लिए चेतावनियाँ' },
  },
  'communication-config': {
    column: 'administration',
    types: [],
    words: { en: 'how messages are sent', hi: 'संदेश कैसे भेजे जाते हैं' },
  },
  subscriptions: {
    column: 'administration',
    types: ['Subscription', 'Basic'],
    words: { en: 'notifications to other systems', hi: 'अन्य प्रणालियों को सूचनाएँ' },
  },
  'lab-feed': { column: 'administration', types: [], words: { en: 'the laboratory feed', hi: 'प्रयोगशाला फ़ीड' } },
  'clinic-analytics': { column: 'administration', types: [], words: { en: 'figures of the clinic', hi: 'क्लिनिक के आँकड़े' } },
} as const satisfies GroupTable;
