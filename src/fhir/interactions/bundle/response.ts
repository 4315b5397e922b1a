/** Answers of entries, and the bundle they make: https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.response */
import { STATUS_CODES } from 'node:http';
import { createSlice } from '../../model/slices.ts';
import { bodyOf } from '../../model/json.ts';
import { ERROR_KINDS } from '../../outcome/kinds.ts';
import { FhirError, type Issue } from '../../outcome/error.ts';
import { toOperationOutcome } from '../../representation/outcome.ts';
import type { Change, WriteResult } from '../../store/port.ts';
import { etagOf } from '../etag.ts';
import type { FhirRequest, FhirResponse } from '../message.ts';
import type { Call } from '../router.ts';
import { preferenceOf } from '../prefer.ts';
import { bodyFor } from '../view.ts';
import { patchBody } from './patch-entry.ts';
import type { BundleEntry } from './entry.ts';
import type { Step } from './plan.ts';

export interface EntryAnswer {
  readonly status: number;
  readonly fullUrl?: string;
  readonly location?: string;
  readonly etag?: string;
  /** An instant. */
  readonly lastModified?: string;
  readonly resource?: readonly Uint8Array[];
  readonly outcome?: string;
}

/** Entries of writes carry no resource unless the client asks: it has what it sent. */
const wantsRepresentation = (call: Call): boolean =>
  call.request.headers['prefer'] !== undefined &&
  preferenceOf(call.request).returns === 'representation' &&
  /return/i.test(call.request.headers['prefer']);

/** What a committed step answers. `change` is undefined where nothing had to be written. */
export function writtenAnswer(call: Call, step: Step, change: Change | undefined, result: WriteResult | undefined): EntryAnswer {
  const fullUrl = `${call.request.context.baseUrl}/${step.type}/${step.id}`;
  if (step.does === 'none') return { status: 204 };
  if (result === undefined) return { status: 200, fullUrl, location: `${step.type}/${step.id}` };
  if (step.does === 'delete') return { status: 204, ...(result.outcome === 'deleted' ? { etag: etagOf(result.versionId) } : {}) };
  const represented = change?.op === 'put' && wantsRepresentation(call);
  return {
    status: result.outcome === 'created' ? 201 : 200,
    fullUrl,
    location: `${step.type}/${step.id}/_history/${result.versionId}`,
    etag: etagOf(result.versionId),
    lastModified: new Date(result.at).toISOString(),
    ...(represented ? { resource: [bodyFor(call, step.type, bodyOf(change.text, result.versionId, result.at))] } : {}),
  };
}

export function failedAnswer(issues: readonly Issue[]): EntryAnswer {
  const kind = issues[0]?.kind ?? 'internal';
  return { status: ERROR_KINDS[kind].status, outcome: JSON.stringify(toOperationOutcome(issues)) };
}

/** Runs an entry through the router, as if it had come alone. Throws what the interaction throws. */
export async function dispatchEntry(call: Call, entry: BundleEntry): Promise<EntryAnswer> {
  const response = await noted(call, entry, call.dispatch(requestOf(call, entry)));
  const { location, etag, 'last-modified': modified } = lowerCased(response.headers);
  const hasBody = response.body !== undefined && response.body.length > 0;
  return {
    status: response.status,
    ...(location === undefined ? {} : { location: relativeTo(call, location) }),
    ...(etag === undefined ? {} : { etag }),
    ...(modified === undefined ? {} : { lastModified: new Date(modified).toISOString() }),
    ...(hasBody ? { resource: response.body } : {}),
  };
}

/** Hands on what became of an entry, and says it to whoever keeps the records. */
async function noted(call: Call, { index, method, path, query }: BundleEntry, dispatched: Promise<FhirResponse>): Promise<FhirResponse> {
  const { note } = call.request.context;
  if (!note) return dispatched;
  try {
    const response = await dispatched;
    note(index, { method, path, query, status: response.status, headers: response.headers });
    return response;
  } catch (error) {
    note(index, { method, path, query, status: error instanceof FhirError ? error.status : 500 });
    throw error;
  }
}

function requestOf(call: Call, entry: BundleEntry): FhirRequest {
  const { request } = call;
  const writes = entry.method !== 'GET' && entry.method !== 'HEAD';
  const content = writes ? patchBody(entry) : undefined;
  const prefer = request.headers['prefer'] ?? (writes ? 'return=minimal' : undefined);
  return {
    method: entry.method,
    path: entry.path,
    query: entry.query,
    headers: { ...entry.headers, ...(prefer === undefined ? {} : { prefer }), ...(content ? { 'content-type': content.type } : {}) },
    ...(content ? { body: content.bytes } : {}),
    context: request.context,
  };
}

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function relativeTo(call: Call, url: string): string {
  const { baseUrl } = call.request.context;
  return url.startsWith(`${baseUrl}/`) ? url.slice(baseUrl.length + 1) : url;
}

/** The bundle of answers, in pieces; made in slices, since ten thousand entries are some megabytes of text. */
export async function renderResponse(
  call: Call,
  type: 'batch-response' | 'transaction-response',
  answers: readonly EntryAnswer[],
): Promise<FhirResponse> {
  const slice = createSlice();
  const pieces: Uint8Array[] = [];
  let text = `{"resourceType":"Bundle","id":${JSON.stringify(call.deps.newId())},"type":"${type}","entry":[`;
  for (const [i, answer] of answers.entries()) {
    text += (i === 0 ? '' : ',') + openEntry(answer);
    if (answer.resource) {
      pieces.push(Buffer.from(`${text},"resource":`), ...answer.resource);
      text = '';
    }
    text += '}';
    const pause = slice.breathe();
    if (pause) await pause;
  }
  pieces.push(Buffer.from(`${text}]}`));
  return { status: 200, headers: {}, body: pieces };
}

function openEntry(answer: EntryAnswer): string {
  const status = `${answer.status} ${STATUS_CODES[answer.status] ?? ''}`.trim();
  const { location, etag, lastModified } = answer;
  const response = JSON.stringify({ status, location, etag, lastModified });
  const withOutcome = answer.outcome === undefined ? response : `${response.slice(0, -1)},"outcome":${answer.outcome}}`;
  const fullUrl = answer.fullUrl === undefined ? '' : `"fullUrl":${JSON.stringify(answer.fullUrl)},`;
  return `{${fullUrl}"response":${withOutcome}`;
}
