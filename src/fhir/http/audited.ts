/** What a request does, in the words of the audit trail; told from method and path, for also refused ones are recorded. */
import type { Action } from '../model/principal.ts';
import type { FhirRequest, FhirResponse } from '../interactions/message.ts';

type Method = FhirRequest['method'];

export const isRead = (method: Method, path: readonly string[]): boolean =>
  method === 'GET' || method === 'HEAD' || (method === 'POST' && /^(_search$|\$)/.test(path.at(-1) ?? ''));

export const isBundle = ({ method, path }: Pick<FhirRequest, 'method' | 'path'>): boolean => method === 'POST' && path.length === 0;

const WRITES: Readonly<Partial<Record<Method, string>>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** A code of https://hl7.org/fhir/R4/valueset-type-restful-interaction.html or its like for systems, or `$operation`. */
export function whatOf(method: Method, path: readonly string[], answer?: FhirResponse): string {
  const last = path.at(-1) ?? '';
  if (last.startsWith('$')) return last;
  if (isRead(method, path)) return readOf(path, last);
  if (path.length > 0 || method !== 'POST') return WRITES[method] ?? method;
  // A bundle that was refused may have had no type.
  return isTransaction(answer) ? 'transaction' : 'batch';
}

function readOf(path: readonly string[], last: string): string {
  if (last === 'metadata') return 'capabilities';
  const history = path.indexOf('_history');
  if (history >= 0)
    return history < path.length - 1 ? 'vread' : (['history-system', 'history-type', 'history-instance'][history] ?? 'history-instance');
  if (path.length === 0 || path[0] === '_search') return 'search-system';
  return path.length === 2 && last !== '_search' ? 'read' : 'search-type';
}

/** Our own bundle of answers begins with its id and type. */
const isTransaction = (answer: FhirResponse | undefined): boolean =>
  Buffer.from((answer?.body?.[0] ?? Buffer.alloc(0)).subarray(0, 200)).includes('"type":"transaction-response"');

const TYPE = /^[A-Z][A-Za-z]{1,40}$/;
const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** `Observation/17`, `Observation/17/_history/2`, a type; undefined for the system. */
export function targetOfPath(path: readonly string[]): string | undefined {
  const [type = '', id = ''] = path;
  if (!TYPE.test(type)) return undefined;
  if (!ID.test(id)) return type;
  return path[2] === '_history' && ID.test(path[3] ?? '') ? `${type}/${id}/_history/${path[3]}` : `${type}/${id}`;
}

/** `patient=9`, `patient=Patient/9`, `subject=Patient/9`, `subject:Patient=9`. */
const PATIENT_PARAMETER =
  /(?:^|&)(?:patient(?::Patient)?=(?:Patient(?:\/|%2F))?|subject=Patient(?:\/|%2F)|subject:Patient=)([A-Za-z0-9\-.]{1,64})(?=&|$)/i;

/** The patient that a request names: as the instance, its compartment, or a parameter. */
export function patientOf(path: readonly string[], query: string): string | undefined {
  const [type, id = ''] = path;
  if (type === 'Patient' && ID.test(id)) return `Patient/${id}`;
  const named = query === '' ? null : PATIENT_PARAMETER.exec(query);
  return named === null ? undefined : `Patient/${named[1]}`;
}

/** What a read, in the words of `whatOf`, may show: of one type, or (type undefined) of several. Undefined for writes, and for what shows no resource. */
export function reachOf(
  { method, path, query }: Pick<FhirRequest, 'method' | 'path' | 'query'>,
  what: string,
): { readonly type?: string; readonly action: Action } | undefined {
  const [type = '', , third = ''] = path;
  if (!isRead(method, path) || type === 'metadata') return undefined;
  const action = ONE.has(what) ? 'read' : 'search';
  const isOfOne = TYPE.test(type) && !what.startsWith('$') && !TYPE.test(third) && !/include=/.test(query);
  return isOfOne ? { type, action } : { action };
}

const ONE: ReadonlySet<string> = new Set(['read', 'vread', 'history-instance']);

/** The version that a write left is its record. AuditEvents leave none in the feed, and some writes find nothing to do. */
export function leavesVersion(
  { method, path }: Pick<FhirRequest, 'method' | 'path'>,
  { status, headers }: { readonly status: number; readonly headers?: Readonly<Record<string, string>> },
): boolean {
  if (isRead(method, path) || path[0] === 'AuditEvent') return false;
  if (method === 'POST') return status === 201;
  return method !== 'DELETE' || headers?.['ETag'] !== undefined;
}
