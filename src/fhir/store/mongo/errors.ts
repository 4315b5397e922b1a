/** What the driver's errors mean to callers of the store. */
import { FhirError, fhirError } from '../../outcome/error.ts';
import { isMongoAway } from '../../../platform/mongo.ts';

const MAX_TIME_EXPIRED = 50;
/** The last: a transaction is more than the server's cache takes. */
const TOO_LARGE = new Set([257, 10334, 17280, 17419, 17420, 388]);

export const tooCostly = (): FhirError =>
  fhirError(
    'too-costly',
    'takes more than a search may',
    'Ask for less at once: add a parameter that few resources match, or leave out the sort.',
  );

/** Calls, and throws what callers of the store know: `unavailable`, `too-costly`, `too-large`. */
export async function calling<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw translate(error);
  }
}

function translate(error: unknown): unknown {
  if (error instanceof FhirError) return error;
  const known = kindOf(error);
  if (known) known.cause = error;
  return known ?? error;
}

function kindOf(error: unknown): FhirError | undefined {
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (isMongoAway(error) || isTransient(error) || isCommitUnknown(error)) return unavailable();
  if (code === MAX_TIME_EXPIRED) return tooCostly();
  if (TOO_LARGE.has(code as number) || name === 'BSONRangeError') {
    return tooLarge();
  }
  return undefined;
}

export const tooLarge = (): FhirError => fhirError('too-large', 'is more than the store can commit at once', 'Send it in smaller parts.');

export const unavailable = (): FhirError => fhirError('unavailable', 'the store cannot be reached', 'Try again in a few seconds.');

/** A transaction that failed for what may be over soon: https://www.mongodb.com/docs/manual/core/transactions-in-applications/ */
export const isTransient = (error: unknown): boolean => hasLabel(error, 'TransientTransactionError') || TRANSIENT.has(codeOf(error));
/** A commit of which nobody knows whether it was done. */
export const isCommitUnknown = (error: unknown): boolean => hasLabel(error, 'UnknownTransactionCommitResult');

/** A write conflict, and an operation that was interrupted: its session was ended. */
const TRANSIENT: ReadonlySet<unknown> = new Set([112, 11601]);
const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code;

function hasLabel(error: unknown, label: string): boolean {
  const has = (error as { hasErrorLabel?: (label: string) => boolean } | undefined)?.hasErrorLabel;
  return typeof has === 'function' && has.call(error, label);
}
