/** What goes wrong in SQLite, in the words of the port. */
import { isSqliteAway } from '../../../platform/sqlite/errors.ts';
import { FhirError, fhirError, type Issue } from '../../outcome/error.ts';

export const tooCostly = (): FhirError =>
  fhirError('too-costly', 'the search took longer than it may', 'Narrow it by a further parameter, such as patient or a date.');

export const unavailable = (cause?: unknown): FhirError => {
  const error = fhirError('unavailable', 'the store cannot be used now', 'Try again in a few seconds.');
  error.cause = cause;
  return error;
};

/** Errors of the port as they are, also those that come from another thread; a file that can't serve is `unavailable`. */
export function toPortError(error: unknown): unknown {
  if (error instanceof FhirError) return error;
  const issues = (error as { issues?: readonly Issue[] } | undefined)?.issues;
  if (issues) return new FhirError(issues, { cause: error });
  return isSqliteAway(error) ? unavailable(error) : error;
}
