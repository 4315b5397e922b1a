/** Types that this server alone writes. */
import { FhirError, issue } from '../outcome/error.ts';
import type { FhirRequest } from './message.ts';

/** https://profiles.ihe.net/ITI/BALP/: an audit trail is read, never changed. */
const READ_ONLY: ReadonlySet<string> = new Set(['AuditEvent']);
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD']);

export const isReadOnly = (type: string): boolean => READ_ONLY.has(type);

/** Throws `not-supported` (405) for a type that nobody changes over the API. */
export function assertChangeable(type: string, where: string): void {
  if (!isReadOnly(type)) return;
  const problem = issue('not-supported', `${type} is written by the server alone`, 'Read or search it.', where);
  throw new FhirError([problem], { headers: { Allow: 'GET, HEAD' } });
}

/** Whether the request could change something: a search that is posted couldn't. */
export const mayChange = ({ method, path }: FhirRequest): boolean => !READING.has(method) && path.at(-1) !== '_search';
