/** What `smart-auth` keeps of a patient, to be erased with them. A crash leaves less of it; the same call again takes the rest. */
import { forgetAnswers } from '../../api/idempotency.ts';
import type { Clock } from '../../platform/clock.ts';
import type { IdSource } from '../../platform/ids.ts';
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { PersonRecords, PersonTraces } from '../../fhir/model/person-records.ts';
import type { RecordStore, StoredRecord } from '../../records/port.ts';
import { messagesTo } from '../messages/outbox.ts';
import { createRevocations } from '../tokens/revocations.ts';
import { findPerson, isOnlyHere } from './find.ts';
import { ERASED_KINDS, type ErasedKind, type Whose } from './kinds.ts';

export interface PersonRecordsDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly newId: IdSource;
  /** The folder of the development outbox. */
  readonly outbox: string;
}

export function createPersonRecords(deps: PersonRecordsDeps): PersonRecords {
  return {
    async find(clinic, patient) {
      const { reference } = patient;
      const found = { patient: reference, ...(await findPerson(deps.records, clinic, patient)) };
      return { ...found, counts: await countAll(deps, clinic, { ...found, counts: {} }) };
    },
    erase: (clinic, traces) => eraseAll(deps, clinic, traces),
  };
}

async function countAll(deps: PersonRecordsDeps, clinic: ClinicId, traces: PersonTraces): Promise<Record<string, number>> {
  const whose = whoseOf(clinic, traces);
  const counts = new Map<string, number>();
  for (const one of ERASED_KINDS) counts.set(one.kind.name, (await listOf(deps.records, one, whose)).length);
  counts.set('answer', await forgetAnswers(deps.records, clinic, isAbout(traces), { forget: false }));
  counts.set('message', await messagesTo(deps.outbox, whose.addresses, { remove: false }));
  return Object.fromEntries([...counts].filter(([, count]) => count > 0));
}

async function eraseAll(deps: PersonRecordsDeps, clinic: ClinicId, traces: PersonTraces): Promise<void> {
  const { records } = deps;
  const { account } = traces;
  const revoker = createRevocations(deps);
  const isWhole = traces.isWhole && account !== undefined && (await isOnlyHere(records, clinic, account));
  const whose = whoseOf(clinic, { ...traces, isWhole });
  for (const one of ERASED_KINDS) {
    for (const { id } of await listOf(records, one, whose)) {
      // In this order: cut off in between, it is still there to be ended again.
      if (one.isSession) await revoker.revokeSession(id);
      await records.remove(one.kind, one.of(whose), id);
    }
  }
  if (account !== undefined) await revoker.revokeAccount(account, isWhole ? undefined : clinic);
  await forgetAnswers(records, clinic, isAbout(traces), { forget: true });
  await messagesTo(deps.outbox, whose.addresses, { remove: true });
}

const whoseOf = (clinic: ClinicId, { patient, account, isWhole, addresses }: PersonTraces): Whose => ({
  clinic,
  patient,
  account,
  isWhole,
  addresses: new Set(addresses),
});

const AT_ONCE = 500;

async function listOf(records: RecordStore, { kind, of, byAccount, isTheirs }: ErasedKind, whose: Whose): Promise<StoredRecord<unknown>[]> {
  if (byAccount && whose.account === undefined) return [];
  const by = byAccount ? { by: { name: 'account', value: whose.account ?? '' } } : {};
  const theirs: StoredRecord<unknown>[] = [];
  for (let after = ''; ;) {
    const found = await records.list(kind, of(whose), { ...by, after, limit: AT_ONCE });
    theirs.push(...found.filter(({ value, id }) => isTheirs(whose, value, id)));
    if (found.length < AT_ONCE) return theirs;
    after = found.at(-1)?.id ?? after;
  }
}

/** Names of few letters stand in answers about anyone. */
const SHORTEST_NAME = 3;

/** An answer that names them: by what they are called, reached or known as. */
function isAbout({ patient, account, addresses, names }: PersonTraces): (answer: string) => boolean {
  const called = names.filter((name) => name.length >= SHORTEST_NAME);
  const marks = [`"${patient.slice('Patient/'.length)}"`, patient, ...addresses, ...called, ...(account === undefined ? [] : [account])];
  const written = marks.map((mark) => (mark.startsWith('"') ? mark : JSON.stringify(mark).slice(1, -1)));
  return (answer) => written.some((mark) => answer.includes(mark));
}
