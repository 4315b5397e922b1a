/** Records as they are kept: what never changes, with a commitment to what may be erased. */
import { randomUUID } from 'node:crypto';
import type { AuditCategory, AuditRecord } from '../../fhir/model/audit.ts';
import { asClinicId } from '../../fhir/model/ids.ts';
import type { Block } from '../port.ts';
import { commitmentTo } from './keys.ts';

/** A record that was appended. */
export interface LoggedRecord extends AuditRecord {
  readonly id: string;
  /** When, milliseconds. */
  readonly at: number;
}

export interface Appending {
  readonly record: AuditRecord;
  readonly at: number;
}

type Maybe = string | 0;
/** JSON of it is short, and its order is fixed. */
type Fixed = readonly [
  at: number,
  category: AuditCategory,
  what: string,
  outcome: AuditRecord['outcome'],
  status: number,
  requestId: string,
  role: Maybe,
  client: Maybe,
  id: Maybe,
  corrects: Maybe,
  commitment: string,
];
type Fields = readonly [subject: Maybe, account: Maybe, address: Maybe, target: Maybe, patient: Maybe, query: Maybe, reason: Maybe];
/** With the salt, or behind `!` the seal of what took the fields' place. */
export type Personal = readonly [salt: string, ...Fields];

/** Marks personal fields that were replaced. */
export const ERASED = '!';

export const fieldsText = ([, ...fields]: Personal): string => JSON.stringify(fields);

/** The two texts of a block. */
export function encodeBlock(items: readonly Appending[]): Pick<Block, 'text' | 'personal'> {
  const fixed: Fixed[] = [];
  const personal: string[] = [];
  for (const { record: r, at } of items) {
    const salt = randomUUID();
    const own: Fields = [r.subject ?? 0, r.account ?? 0, r.address ?? 0, r.target ?? 0, r.patient ?? 0, r.query ?? 0, r.reason ?? 0];
    const fields = JSON.stringify(own);
    const commitment = commitmentTo(salt, fields);
    const { category, what, outcome, status, requestId, role = 0, client = 0, id = 0, corrects = 0 } = r;
    fixed.push([at, category, what, outcome, status, requestId, role, client, id, corrects, commitment]);
    personal.push(`["${salt}",${fields.slice(1)}`);
  }
  return { text: JSON.stringify(fixed), personal: `[${personal.join()}]` };
}

export const personalOf = ({ personal }: Pick<Block, 'personal'>): Personal[] => JSON.parse(personal) as Personal[];
export const commitmentsOf = ({ text }: Pick<Block, 'text'>): string[] => (JSON.parse(text) as Fixed[]).map((fixed) => fixed[10]);

/** A record that brought no id has that of its place. */
export const idOf = (own: string | undefined, { chain, n }: Pick<Block, 'chain' | 'n'>, index: number): string =>
  own ?? `audit-${chain}-${n}-${index}`;

export function decodeBlock(block: Block): LoggedRecord[] {
  const personal = personalOf(block);
  return (JSON.parse(block.text) as Fixed[]).map((fixed, i) => {
    const [at, category, what, outcome, status, requestId, role, client, id, corrects] = fixed;
    const [, subject, account, address, target, patient, query, reason] = personal[i] as Personal;
    return {
      clinic: asClinicId(block.clinic),
      id: idOf(id === 0 ? undefined : id, block, i),
      at,
      category,
      what,
      outcome,
      status,
      requestId,
      ...given({ role, client, corrects, subject, account, address, target, patient, query, reason }),
    };
  });
}

function given<Name extends string>(fields: Readonly<Record<Name, Maybe>>): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  for (const name in fields) {
    const value = fields[name];
    if (typeof value === 'string') found[name] = value;
  }
  return found;
}
