/** Where a page ended, as text: `[created]`, `[seq]`, or `[created, value, …]` for a sort. */
import { fhirError, type FhirError } from '../../outcome/error.ts';

/** What a resource is sorted by; null where it has no value. */
export type SortValue = string | number | null;

export interface Position {
  readonly created: number;
  readonly values: readonly SortValue[];
}

export const printCursor = ({ created, values }: Position): string => JSON.stringify([created, ...values]);

/** Throws `invalid-cursor` for anything but a cursor of a search by so many values. */
export function parseCursor(text: string | undefined, values: number): Position | undefined {
  if (text === undefined) return undefined;
  const parsed = parse(text);
  if (!Array.isArray(parsed) || parsed.length !== values + 1) throw invalid();
  const [created, ...rest] = parsed as unknown[];
  if (typeof created !== 'number' || !Number.isSafeInteger(created) || created < 0 || !rest.every(isSortValue)) throw invalid();
  return { created, values: rest };
}

const isSortValue = (value: unknown): value is SortValue => value === null || typeof value === 'string' || typeof value === 'number';

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid();
  }
}

const invalid = (): FhirError =>
  fhirError(
    'invalid-cursor',
    'is not a cursor of this search',
    'Follow the links of a page as they are, or start the search again.',
    '_cursor',
  );
