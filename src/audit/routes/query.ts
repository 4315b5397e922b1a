/** Which AuditEvents are asked for, as a FHIR search: https://hl7.org/fhir/R4/auditevent.html#search */
import { Type, type Static } from 'typebox';
import { closed, Cursor, Limit, text } from '../../api/schemas.ts';
import { searchLiteral } from '../../fhir/search/escape.ts';
import { BREAK_GLASS, INTERACTION, type Coding } from '../events/codes.ts';
import { ActionName, ACTIONS, OutcomeName, OUTCOMES } from './view.ts';

const Id = '[A-Za-z0-9\\-.]{1,64}';

export const AuditQuery = closed({
  patient: Type.Optional(Type.String({ pattern: `^(Patient/)?${Id}$`, description: 'Whose records: 9 or Patient/9' })),
  actor: Type.Optional(Type.String({ pattern: `^[A-Z][A-Za-z]{1,40}/${Id}$`, description: 'Who: Practitioner/1, Patient/9' })),
  account: Type.Optional(text(64, 'The id of an account; what only a version tells names the actor alone')),
  client: Type.Optional(text(200, 'The app or system that asked')),
  action: Type.Optional(ActionName),
  outcome: Type.Optional(OutcomeName),
  type: Type.Optional(text(64, 'A code such as rest, 110114 (sign-in), 110127 (break-glass begins)')),
  what: Type.Optional(text(200, 'An interaction, an operation or a route: read, $everything, GET /users')),
  purpose: Type.Optional(Type.Enum(['BTG'], { description: 'Only what was reached by break-glass' })),
  requestId: Type.Optional(text(200, 'The correlation id, as in X-Request-Id')),
  from: Type.Optional(Type.String({ format: 'date-time', description: 'Recorded then or later' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'Recorded before' })),
  sort: Type.Optional(Type.Enum(['-recorded', 'recorded'], { description: 'The latest first, unless it is recorded' })),
  limit: Limit,
  cursor: Type.Optional(Cursor),
});
export type AuditQuery = Static<typeof AuditQuery>;

/** The query of the FHIR search. */
export function searchOf(asked: AuditQuery): string {
  const { limit, cursor, sort = '-recorded', from, to } = asked;
  const query = new URLSearchParams({ _count: String(limit), _sort: sort === 'recorded' ? 'date' : '-date' });
  for (const [name, value] of criteriaOf(asked)) if (value !== undefined) query.append(name, value);
  if (from !== undefined) query.append('date', `ge${from}`);
  if (to !== undefined) query.append('date', `lt${to}`);
  if (cursor !== undefined) query.append('_cursor', cursor);
  return query.toString();
}

const criteriaOf = (asked: AuditQuery): readonly (readonly [parameter: string, value: string | undefined])[] => [
  ['patient', asked.patient?.replace(/^(Patient\/)?/, 'Patient/')],
  ['agent', asked.actor],
  ['altid', asked.account && searchLiteral(asked.account)],
  ['agent:identifier', asked.client && searchLiteral(asked.client)],
  ['action', asked.action && ACTIONS[asked.action]],
  ['outcome', asked.outcome && OUTCOMES[asked.outcome]],
  ['type', asked.type && searchLiteral(asked.type)],
  ['subtype', asked.what === undefined ? undefined : `${INTERACTION}|${searchLiteral(asked.what)}`],
  ['subtype', asked.purpose && token(BREAK_GLASS)],
  ['entity:identifier', asked.requestId && searchLiteral(asked.requestId)],
];

const token = ({ system, code }: Coding): string => `${system}|${code}`;
