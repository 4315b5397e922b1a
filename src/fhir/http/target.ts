/** Where a URL points on the FHIR surfaces: `/fhir/R4/…` and `/clinics/:clinicId/fhir/R4/…`. */
import { isClinicId, type ClinicId } from '../model/ids.ts';
import { fhirError } from '../outcome/error.ts';

export interface Target {
  /** The clinic that the path names. */
  readonly clinic: ClinicId | undefined;
  /** The path of the FHIR base: what follows the server's address in `Location` and links. */
  readonly base: string;
  /** What follows the base, as sent. */
  readonly rest: string;
  /** Without `?`. */
  readonly query: string;
}

const FHIR = '/fhir/R4';
const CLINICS = '/clinics/';

/** Undefined for paths of other surfaces. A clinic's name that can't be one is left to them, too. */
export function targetOf(url: string): Target | undefined {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? '' : url.slice(mark + 1);
  if (isBelow(path, 0)) return { clinic: undefined, base: FHIR, rest: path.slice(FHIR.length), query };
  if (!path.startsWith(CLINICS)) return undefined;
  const end = path.indexOf('/', CLINICS.length);
  const clinic = path.slice(CLINICS.length, end < 0 ? undefined : end);
  if (end < 0 || !isBelow(path, end) || !isClinicId(clinic)) return undefined;
  const start = end + FHIR.length;
  return { clinic, base: path.slice(0, start), rest: path.slice(start), query };
}

/** The segments below the base, decoded; a slash at the end counts for nothing. Throws `invalid-value` for bad percent-encoding. */
export function segmentsOf(rest: string): readonly string[] {
  if (rest === '' || rest === '/') return [];
  const segments = (rest.endsWith('/') ? rest.slice(1, -1) : rest.slice(1)).split('/');
  return rest.includes('%') ? segments.map(decoded) : segments;
}

function isBelow(path: string, at: number): boolean {
  const end = at + FHIR.length;
  return path.startsWith(FHIR, at) && (path.length === end || path[end] === '/');
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw fhirError('invalid-value', 'the path is not percent-encoded UTF-8', 'Write a literal % as %25.', 'URL');
  }
}
