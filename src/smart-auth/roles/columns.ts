/** The columns of the table of roles. Each resource group stands in one and inherits what a role may do there. */
export const COLUMNS = {
  demographics: 'who patients are, and who belongs to them',
  clinical: 'the medical record',
  restricted: 'what carries a label of sensitivity: mental health, substance use, sexuality, HIV, or confidentiality R or V',
  scheduling: 'appointments, schedules, the queue',
  therapy: 'Ayurvedic protocols, courses, sessions, assessments',
  billing: 'plans, coverage, invoices, payments',
  administration: 'the clinic itself: people, apps, messages, settings, audit',
  directory: 'who and what the clinic is, for all who are signed in',
  definitions: 'terminology, questionnaires, profiles and the like, for all who are signed in',
  personal: "one's own account and sessions",
  systems: 'kept for back-end systems; no role has it',
} as const;

export type Column = keyof typeof COLUMNS;
