/**
 * `Idempotency-Key`: the same key and body gets the first answer again, for a day; another body under the same key is a
 * conflict. Keys belong to a clinic, a person and a route.
 */
import { createHash } from 'node:crypto';
import type { ClinicId } from '../fhir/model/ids.ts';
import { FhirError, fhirError, issue } from '../fhir/outcome/error.ts';
import type { Clock } from '../platform/clock.ts';
import type { RecordKind, RecordStore, StoredRecord } from '../records/port.ts';
import type { ApiAnswer } from './route.ts';

interface KeptAnswer {
  /** Of the body that came with the key. */
  readonly bodyHash: string;
  readonly startedAt: number;
  /** Absent while the first request is under way. */
  readonly answer?: Pick<ApiAnswer, 'status' | 'headers' | 'body'>;
}

const KEPT_ANSWER: RecordKind<KeptAnswer> = { name: 'idempotency' };
const DAY_MS = 86_400_000;
/** A request that has not ended by then died with its process: whoever comes again takes over. */
const ABANDONED_MS = 60_000;
const KEY_FORM = /^[\x21-\x7e]{1,255}$/;

export interface IdempotentRequest {
  readonly clinic: ClinicId;
  readonly subject: string;
  /** Method and path as sent. */
  readonly route: string;
  readonly key: string;
  readonly body: Uint8Array;
}

export interface Idempotency {
  /**
   * The answer that the key had, or what `work` answers now. Answers of errors aren't kept. Throws `conflict` for another
   * body, and while the first is under way; `invalid-parameter` for a key that is none.
   */
  once(request: IdempotentRequest, work: (token: string) => Promise<ApiAnswer>): Promise<ApiAnswer>;
}

export function createIdempotency(records: RecordStore, clock: Clock): Idempotency {
  return {
    async once(request, work) {
      if (!KEY_FORM.test(request.key)) throw badKey();
      const id = hash([request.subject, request.route, request.key].join('\n'));
      const claimed = await claim(records, clock, request, id);
      if (claimed.value.answer) return replayed(claimed.value.answer);
      return finish(records, request.clinic, claimed, () => work(id.slice(0, 32)));
    },
  };
}

/** Stands for an answer that was forgotten, and for the hash of what was asked: no body has it. */
const FORGOTTEN = 'forgotten';
const AT_ONCE = 200;

/**
 * Forgets answers whose JSON `isAbout` is true of, and what was asked for them; resolves to how many. The keys stay taken, and
 * are a conflict from then on: a request that comes again would do again what was done. Unless `forget`, they are counted alone.
 */
export async function forgetAnswers(
  records: RecordStore,
  clinic: ClinicId,
  isAbout: (answer: string) => boolean,
  { forget }: { readonly forget: boolean },
): Promise<number> {
  let count = 0;
  for (let after = ''; ;) {
    const found = await records.list(KEPT_ANSWER, clinic, { after, limit: AT_ONCE });
    for (const { id, revision, value, expiresAt } of found) {
      if (!value.answer || !isAbout(JSON.stringify(value.answer))) continue;
      count += 1;
      const kept: KeptAnswer = { bodyHash: FORGOTTEN, startedAt: value.startedAt, answer: { status: 410 } };
      if (forget) await records.replace(KEPT_ANSWER, clinic, id, revision, kept, expiresAt === undefined ? {} : { expiresAt });
    }
    if (found.length < AT_ONCE) return count;
    after = found.at(-1)?.id ?? after;
  }
}

const hash = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** The record under this key: ours to fill, or one that has its answer. */
async function claim(
  records: RecordStore,
  clock: Clock,
  { clinic, body }: IdempotentRequest,
  id: string,
): Promise<StoredRecord<KeptAnswer>> {
  const now = clock.now();
  const value: KeptAnswer = { bodyHash: hash(body), startedAt: now };
  const expires = { expiresAt: now + DAY_MS };
  const inserted = await records.insert(KEPT_ANSWER, clinic, id, value, expires);
  if (inserted.ok) return inserted.record;
  const there = await records.get(KEPT_ANSWER, clinic, id);
  if (!there) throw underWay();
  if (there.value.bodyHash !== value.bodyHash) throw otherBody();
  if (there.value.answer) return there;
  if (now - there.value.startedAt < ABANDONED_MS) throw underWay();
  const taken = await records.replace(KEPT_ANSWER, clinic, id, there.revision, value, expires);
  if (!taken.ok) throw underWay();
  return taken.record;
}

async function finish(
  records: RecordStore,
  clinic: ClinicId,
  claimed: StoredRecord<KeptAnswer>,
  work: () => Promise<ApiAnswer>,
): Promise<ApiAnswer> {
  const { id, revision, value, expiresAt } = claimed;
  try {
    const answer = await work();
    const { status, headers, body } = answer;
    const kept: KeptAnswer = { ...value, answer: { status, ...(headers ? { headers } : {}), ...(body === undefined ? {} : { body }) } };
    if (status < 400) await records.replace(KEPT_ANSWER, clinic, id, revision, kept, expiresAt === undefined ? {} : { expiresAt });
    else await records.remove(KEPT_ANSWER, clinic, id, revision);
    return answer;
  } catch (error) {
    await records.remove(KEPT_ANSWER, clinic, id, revision);
    throw error;
  }
}

const replayed = (answer: ApiAnswer): ApiAnswer => ({ ...answer, headers: { ...answer.headers, 'Idempotency-Replayed': 'true' } });

const badKey = (): FhirError =>
  fhirError('invalid-parameter', 'an idempotency key has 1 to 255 visible ASCII characters', 'Use a UUID.', 'Idempotency-Key');
const otherBody = (): FhirError =>
  fhirError('conflict', 'this key came with another body before', 'Use a new key for a new request.', 'Idempotency-Key');

function underWay(): FhirError {
  const problem = issue('conflict', 'the first request with this key is still under way', 'Ask again in a moment.', 'Idempotency-Key');
  return new FhirError([problem], { retryAfter: 1 });
}
