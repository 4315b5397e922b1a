/** Each entry for itself, in the order of a transaction: https://hl7.org/fhir/R4/http.html#batch */
import type { BundleParts } from '../../model/json/bundle.ts';
import { fhirError, type FhirError } from '../../outcome/error.ts';
import type { FhirResponse } from '../message.ts';
import type { Call } from '../router.ts';
import { atEntry, placeOf, type BundleEntry } from './entry.ts';
import { isWrite } from './plan.ts';
import { readEntries } from './read-bundle.ts';
import { createEntryReader, issuesOf } from './read-entry.ts';
import { dispatchEntry, failedAnswer, renderResponse, type EntryAnswer } from './response.ts';

/** Entries of one phase run side by side, so that their writes share commits. */
const CONCURRENT = 32;
const PHASES: readonly ((entry: BundleEntry) => boolean)[] = [
  ({ method }) => method === 'DELETE',
  (entry) => entry.method === 'POST' && isWrite(entry),
  ({ method }) => method === 'PUT' || method === 'PATCH',
  (entry) => !isWrite(entry),
];

/** Runs a batch Bundle: an entry that fails carries its own status and outcome. */
export async function batch(call: Call, parts: BundleParts): Promise<FhirResponse> {
  const entries = await readEntries(call, parts);
  const answers = new Array<EntryAnswer>(entries.length);
  const reader = createEntryReader(call);
  for (const isIn of PHASES) {
    const phase = entries.filter(isIn);
    for (let i = 0; i < phase.length; i += CONCURRENT) {
      await Promise.all(
        phase.slice(i, i + CONCURRENT).map(async (entry) => {
          answers[entry.index] = isWrite(entry) ? await answerOf(call, entry) : await reader.readOrReport(entry);
        }),
      );
    }
  }
  return renderResponse(call, 'batch-response', answers);
}

async function answerOf(call: Call, entry: BundleEntry): Promise<EntryAnswer> {
  try {
    if (entry.path.length === 0) throw nested(entry);
    return await dispatchEntry(call, entry);
  } catch (error) {
    return failedAnswer(issuesOf(atEntry(error, entry.index)));
  }
}

/** A bundle within a bundle would multiply what one request may cost. */
const nested = (entry: BundleEntry): FhirError =>
  fhirError('not-supported', 'an entry may not address the base', 'Send the inner bundle on its own.', placeOf(entry.index));
