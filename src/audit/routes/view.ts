/** An AuditEvent as plain JSON: who did what to whose records, when, from where, and what became of it. */
import { Type, type Static } from 'typebox';
import { closed, DateTime } from '../../api/schemas.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../fhir/model/json.ts';
import { ENTITIES, INTERACTION } from '../events/codes.ts';

/** https://hl7.org/fhir/R4/valueset-audit-event-action.html */
export const ACTIONS = { create: 'C', read: 'R', update: 'U', delete: 'D', execute: 'E' } as const;
/** https://hl7.org/fhir/R4/valueset-audit-event-outcome.html */
export const OUTCOMES = { success: '0', 'minor-failure': '4', 'serious-failure': '8', 'major-failure': '12' } as const;

export const ActionName = Type.Enum(Object.keys(ACTIONS) as (keyof typeof ACTIONS)[]);
export const OutcomeName = Type.Enum(Object.keys(OUTCOMES) as (keyof typeof OUTCOMES)[]);

const Text = Type.Optional(Type.String());
export const AuditEventView = closed({
  id: Type.String(),
  recorded: DateTime,
  type: Type.String({ description: 'A code of audit-event-type or DICOM, such as rest or 110114 (sign-in)' }),
  what: Type.String({ description: 'A FHIR interaction, an operation, or a route: read, $everything, GET /users' }),
  action: Type.Optional(ActionName),
  outcome: Type.Optional(OutcomeName),
  outcomeDescription: Text,
  actor: Type.Optional(closed({ reference: Text, name: Text, account: Text, role: Text })),
  client: Type.Optional(Type.String({ description: 'The app or system that asked' })),
  address: Type.Optional(Type.String({ description: 'Network address of the caller' })),
  target: Type.Optional(Type.String({ description: 'Observation/17, or a type' })),
  patient: Type.Optional(Type.String({ description: 'Patient/9' })),
  query: Type.Optional(Type.String({ description: 'Observation?patient=9' })),
  purpose: Type.Optional(Type.String({ description: 'A code of v3-ActReason: BTG is break-glass' })),
  reason: Type.Optional(Type.String({ description: 'As it was given' })),
  requestId: Type.Optional(Type.String({ description: 'The correlation id, as in X-Request-Id' })),
});
export type AuditEventView = Static<typeof AuditEventView>;

/** What the event doesn't say is left out. */
export function viewOf(event: JsonObject): object {
  const agents = items(event['agent']);
  const entities = items(event['entity']);
  const [reason] = items(event['purposeOfEvent']);
  const whats = items(event['subtype']).filter(({ system }) => system === INTERACTION);
  const actor = agents.find((agent) => agent['requestor'] === true);
  return present({
    id: event['id'],
    recorded: event['recorded'],
    type: member(event['type'], 'code'),
    what: member(whats.at(-1), 'code') ?? '',
    action: nameOf(ACTIONS, event['action']),
    outcome: nameOf(OUTCOMES, event['outcome']),
    outcomeDescription: event['outcomeDesc'],
    actor: actor && actorOf(actor),
    client: clientOf(agents.find((agent) => agent !== actor) ?? actor),
    address: agents.map((agent) => member(agent['network'], 'address')).find((address) => address !== undefined),
    ...targetsOf(entities),
    purpose: member(items(reason?.['coding'])[0], 'code'),
    reason: reason?.['text'],
  });
}

const items = (value: JsonValue | undefined): JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);
const member = (of: JsonValue | undefined, name: string): string | undefined => {
  const value = isJsonObject(of) ? of[name] : undefined;
  return typeof value === 'string' ? value : undefined;
};
const present = (fields: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const nameOf = (codes: Readonly<Record<string, string>>, code: JsonValue | undefined): string | undefined =>
  Object.keys(codes).find((name) => codes[name] === code);

const actorOf = ({ who, altId, role }: JsonObject): object =>
  present({
    reference: member(who, 'reference'),
    name: nameIn(who),
    account: altId,
    role: member(items(role)[0], 'text'),
  });

const nameIn = (who: JsonValue | undefined): string | undefined =>
  member(who, 'display') ?? member(isJsonObject(who) ? who['identifier'] : undefined, 'value');

const clientOf = (agent: JsonObject | undefined): string | undefined => member(agent?.['who'], 'reference') ?? nameIn(agent?.['who']);

/** The first of each kind. A patient is told by the role that the entity has. */
function targetsOf(entities: readonly JsonObject[]): Record<'target' | 'patient' | 'query' | 'requestId', unknown> {
  const isA = (entity: JsonObject, part: 'role' | 'type', code: string): boolean => member(entity[part], 'code') === code;
  const find = (part: 'role' | 'type', { code }: { readonly code: string }): JsonObject | undefined =>
    entities.find((entity) => isA(entity, part, code));
  const named = (entity: JsonObject | undefined): string | undefined => member(entity?.['what'], 'reference') ?? nameIn(entity?.['what']);
  const query = member(find('role', ENTITIES.query), 'query');
  return {
    target: named(find('role', ENTITIES.resource)),
    patient: named(find('role', ENTITIES.patient)),
    query: query === undefined ? undefined : Buffer.from(query, 'base64').toString(),
    requestId: named(find('type', ENTITIES.requestId)),
  };
}
