/** Entries that read, each in its turn, and together no more than a bundle may have. */
import { createTurns } from '../../model/slices.ts';
import { FhirError, fhirError, type Issue } from '../../outcome/error.ts';
import type { Call } from '../router.ts';
import { atEntry, placeOf, type BundleEntry } from './entry.ts';
import { dispatchEntry, failedAnswer, type EntryAnswer } from './response.ts';

export interface EntryReader {
  /** Throws what the interaction throws, with the place; `too-costly` once the answers are too large together. */
  read(entry: BundleEntry): Promise<EntryAnswer>;
  /** The same, but a failure is the entry's answer. Throws only for a fault of ours. */
  readOrReport(entry: BundleEntry): Promise<EntryAnswer>;
}

/** For the entries of one bundle. */
export function createEntryReader(call: Call): EntryReader {
  const turn = createTurns();
  const limit = call.deps.limits.maxBundleBytes;
  let used = 0;
  const answer = async (entry: BundleEntry): Promise<EntryAnswer> => {
    await turn();
    if (used > limit) throw tooMuch(entry, limit);
    const read = await dispatchEntry(call, entry);
    used += sizeOf(read);
    if (used > limit) throw tooMuch(entry, limit);
    return read;
  };
  const read = (entry: BundleEntry): Promise<EntryAnswer> =>
    answer(entry).catch((error: unknown) => {
      throw atEntry(error, entry.index);
    });
  return { read, readOrReport: (entry) => read(entry).catch((error: unknown) => failedAnswer(issuesOf(error))) };
}

/** What isn't a FhirError is a fault of ours: it is thrown on, and logged. */
export function issuesOf(error: unknown): readonly Issue[] {
  if (error instanceof FhirError) return error.issues;
  throw error;
}

const sizeOf = ({ resource = [] }: EntryAnswer): number => resource.reduce((size, piece) => size + piece.length, 0);

const tooMuch = (entry: BundleEntry, limit: number): FhirError =>
  fhirError(
    'too-costly',
    `what the entries read has more than ${limit} bytes together`,
    'Read less at once: a smaller _count, or several bundles.',
    placeOf(entry.index),
  );
