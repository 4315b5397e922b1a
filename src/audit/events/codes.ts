/** Codes of AuditEvents, and the patterns of IHE BALP: https://profiles.ihe.net/ITI/BALP/content.html */
import type { AuditCategory } from '../../fhir/model/audit.ts';

export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const EVENT_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-event-type';
const ENTITY_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const ENTITY_ROLE = 'http://terminology.hl7.org/CodeSystem/object-role';

export const INTERACTION = 'http://hl7.org/fhir/restful-interaction';
const dcm = (code: string, display: string): Coding => ({ system: DCM, code, display });

const TYPES: Readonly<Record<AuditCategory, Coding>> = {
  rest: { system: EVENT_TYPE, code: 'rest', display: 'RESTful Operation' },
  export: { system: EVENT_TYPE, code: 'rest', display: 'RESTful Operation' },
  login: dcm('110114', 'User Authentication'),
  token: dcm('110114', 'User Authentication'),
  configuration: dcm('110129', 'Security Alert'),
  'break-glass': dcm('110127', 'Emergency Override Started'),
  erasure: dcm('110105', 'DICOM Study Deleted'),
};

/** Break-glass begins with a grant; what is reached by it is what it would be without, and told apart by its purpose. */
export const typeOf = (category: AuditCategory, what: string): Coding =>
  TYPES[category === 'break-glass' && what !== 'grant' ? 'rest' : category];

/** As a purpose, and as a subtype: R4 has no search by purpose. */
export const BREAK_GLASS: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  code: 'BTG',
  display: 'break the glass',
};

export const SOURCE_ROLE = dcm('110153', 'Source Role ID');
export const DESTINATION_ROLE = dcm('110152', 'Destination Role ID');
export const USER: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
  code: 'IRCP',
  display: 'information recipient',
};
export const SERVER_TYPE: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
  code: '4',
  display: 'Application Server',
};

export const ENTITIES = {
  person: { system: ENTITY_TYPE, code: '1', display: 'Person' },
  object: { system: ENTITY_TYPE, code: '2', display: 'System Object' },
  patient: { system: ENTITY_ROLE, code: '1', display: 'Patient' },
  resource: { system: ENTITY_ROLE, code: '4', display: 'Domain Resource' },
  query: { system: ENTITY_ROLE, code: '24', display: 'Query' },
  requestId: { system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType', code: 'XrequestId' },
} as const;

type Action = 'C' | 'R' | 'U' | 'D' | 'E';
type Pattern = 'Create' | 'Read' | 'Update' | 'Delete' | 'Query';

interface Kind {
  readonly action: Action;
  /** The profile that a successful one follows. */
  readonly pattern?: Pattern;
}

const READ: Kind = { action: 'R', pattern: 'Read' };
const QUERY: Kind = { action: 'E', pattern: 'Query' };
const KINDS: Readonly<Record<string, Kind>> = {
  create: { action: 'C', pattern: 'Create' },
  read: READ,
  vread: READ,
  update: { action: 'U', pattern: 'Update' },
  patch: { action: 'U', pattern: 'Update' },
  delete: { action: 'D', pattern: 'Delete' },
  'search-type': QUERY,
  'search-system': QUERY,
  'history-instance': { action: 'R' },
  'history-type': { action: 'R' },
  'history-system': { action: 'R' },
  capabilities: { action: 'R' },
};

/** Whatever else is done executes something. */
export const kindOf = (what: string): Kind => (Object.hasOwn(KINDS, what) ? (KINDS[what] as Kind) : { action: 'E' });

/** Whether the client gets data, or brings it. */
export const isFetching = (what: string): boolean => /^(v?read|history-)/.test(what);

/** Of successes only: BALP has none for failures. */
export const profileOf = (pattern: Pattern, hasPatient: boolean): string =>
  `https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.${hasPatient ? 'Patient' : ''}${pattern}`;
