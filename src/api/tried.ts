/** A refusal that tells the trail on whose account something was tried, and the caller nothing of it. */
import { FhirError } from '../fhir/outcome/error.ts';
import type { ApiAnswer } from './route.ts';

export type Tried = Pick<NonNullable<ApiAnswer['audit']>, 'account' | 'clinic'>;

class TriedError extends FhirError {
  readonly tried: Tried;

  /** Answered like `error` itself. */
  constructor(error: FhirError, tried: Tried) {
    const { retryAfter } = error;
    super(error.issues, { cause: error.cause, headers: error.headers, ...(retryAfter === undefined ? {} : { retryAfter }) });
    this.tried = tried;
  }
}

export const triedIn = (error: unknown): Tried => (error instanceof TriedError ? error.tried : {});

/** Does the work, and notes on whose account it was tried where it is refused: of whoever is known by then. */
export async function noting<T>(tried: Partial<Tried>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FhirError) || error instanceof TriedError || error.status >= 500) throw error;
    throw new TriedError(error, tried);
  }
}
