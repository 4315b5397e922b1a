/** Work that must not run at once for the same key, in this process. */
import { FhirError, issue } from '../../fhir/outcome/error.ts';

export type InTurn = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** One after another by key; throws `rate-limited` where more than `most` are in line for one. */
export function createTurns(most: number): InTurn {
  const lines = new Map<string, { last: Promise<unknown>; length: number }>();
  return async (key, work) => {
    const line = lines.get(key) ?? { last: Promise.resolve(), length: 0 };
    if (line.length >= most) throw tooMany(1);
    lines.set(key, line);
    line.length += 1;
    const mine = line.last.then(work);
    line.last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      line.length -= 1;
      if (line.length === 0) lines.delete(key);
    }
  };
}

/** `seconds` until it makes sense to come back. */
export function tooMany(seconds: number): FhirError {
  const problem = issue('rate-limited', 'too many attempts from this address or for this account', 'Wait as long as Retry-After says.');
  return new FhirError([problem], { retryAfter: seconds });
}
