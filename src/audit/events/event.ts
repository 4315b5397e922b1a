/** One AuditEvent from what is known of one interaction: https://hl7.org/fhir/R4/auditevent.html */
import type { LoggedRecord } from '../log/record.ts';
import type { JsonObject } from '../../fhir/model/json.ts';
import {
  BREAK_GLASS,
  DESTINATION_ROLE,
  ENTITIES,
  INTERACTION,
  isFetching,
  kindOf,
  profileOf,
  SERVER_TYPE,
  SOURCE_ROLE,
  typeOf,
  USER,
  type Coding,
} from './codes.ts';

/** What an AuditEvent tells; from a record of the journal, or from a version. */
export type Told = Omit<LoggedRecord, 'clinic' | 'corrects'>;

/** `observer` names this server. */
export function auditEventOf(told: Told, observer: string): JsonObject {
  const { what, outcome, status, category } = told;
  const { action, pattern } = kindOf(what);
  const isGood = outcome === 'success';
  const isComplete =
    pattern !== undefined &&
    isGood &&
    (pattern !== 'Query' || told.query !== undefined) &&
    (pattern === 'Query' || isInstance(told.target));
  return {
    resourceType: 'AuditEvent',
    id: told.id,
    ...(isComplete ? { meta: { profile: [profileOf(pattern, told.patient !== undefined)] } } : {}),
    type: { ...typeOf(category, what) },
    subtype: [...subtypesOf(what), ...(category === 'break-glass' ? [{ ...BREAK_GLASS }] : [])],
    action,
    recorded: new Date(told.at).toISOString(),
    // https://hl7.org/fhir/R4/valueset-audit-event-outcome.html: serious is a fault of ours
    outcome: isGood ? '0' : status >= 500 ? '8' : '4',
    ...(isGood ? {} : { outcomeDesc: `${outcome}, HTTP status ${status}` }),
    ...purposeOf(told),
    agent: agentsOf(told, observer),
    source: { observer: { display: observer }, type: [{ ...SERVER_TYPE }] },
    entity: entitiesOf(told),
  };
}

/** What is reached beyond the role is told apart even where nobody gave a reason. */
function purposeOf({ category, reason }: Told): JsonObject {
  const coding = category === 'break-glass' ? { coding: [{ ...BREAK_GLASS }] } : {};
  const text = reason === undefined ? {} : { text: reason };
  const purpose = { ...coding, ...text };
  return Object.keys(purpose).length === 0 ? {} : { purposeOfEvent: [purpose] };
}

const isInstance = (target: string | undefined): boolean => target?.includes('/') === true;

function subtypesOf(what: string): JsonObject[] {
  if (!what.startsWith('$')) return [{ system: INTERACTION, code: what }];
  return [
    { system: INTERACTION, code: 'operation' },
    { system: INTERACTION, code: what, display: what },
  ];
}

const concept = (coding: Coding): JsonObject => ({ coding: [{ ...coding }] });
const network = (address: string | undefined): JsonObject => (address === undefined ? {} : { network: { address, type: '2' } });

function agentsOf({ what, client, subject, account, role, address }: Told, observer: string): JsonObject[] {
  const [ours, theirs] = isFetching(what) ? [SOURCE_ROLE, DESTINATION_ROLE] : [DESTINATION_ROLE, SOURCE_ROLE];
  // Of a person who proves themselves on the way no more may be known than the account.
  const person = subject ?? account;
  const isSystem = person === undefined || person.startsWith('Device/') || person === client;
  const named = client ?? (isSystem ? person : undefined);
  return [
    {
      type: concept(theirs),
      who: { ...(named === undefined ? { display: 'unknown' } : whoOf(named)) },
      requestor: isSystem,
      ...network(address),
    },
    { type: concept(ours), who: { display: observer }, requestor: false },
    ...(isSystem
      ? []
      : [
          {
            type: concept(USER),
            ...(role === undefined ? {} : { role: [{ text: role }] }),
            who: whoOf(person),
            ...(account === undefined ? {} : { altId: account }),
            requestor: true,
          },
        ]),
  ];
}

/** A reference, where it has the form of one. */
const whoOf = (name: string): JsonObject =>
  /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/.test(name) ? { reference: name } : { identifier: { value: name } };

function entitiesOf({ what, target, patient, query, requestId }: Told): JsonObject[] {
  const { person, object, patient: asPatient, resource, query: asQuery, requestId: type } = ENTITIES;
  const isSearch = kindOf(what).pattern === 'Query';
  return [
    ...(isInstance(target) ? [{ what: { reference: target as string }, type: { ...object }, role: { ...resource } }] : []),
    ...(target !== undefined && !isInstance(target) && !isSearch
      ? [{ what: { type: target, display: target }, type: { ...object }, role: { ...resource } }]
      : []),
    ...(patient === undefined ? [] : [{ what: { reference: patient }, type: { ...person }, role: { ...asPatient } }]),
    ...(query === undefined && !isSearch
      ? []
      : [{ type: { ...object }, role: { ...asQuery }, query: Buffer.from(`${target ?? ''}?${query ?? ''}`).toString('base64') }]),
    { what: { identifier: { value: requestId } }, type: { ...type } },
  ];
}
