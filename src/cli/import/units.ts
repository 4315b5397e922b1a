/** What is sent of a file, piece by piece: each piece is accepted or refused as a whole. */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { BUNDLE_LIMITS, splitBundle, type BundleParts } from '../../fhir/model/json/bundle.ts';
import { parseJson } from '../../fhir/model/json.ts';
import { createSlice } from '../../fhir/model/slices.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { Limits } from '../../fhir/interactions/deps.ts';
import type { SurveyedFile } from './survey.ts';

export interface Unit {
  /** Its place in the file, from 0: of a line, of an entry; 0 for the whole file. */
  readonly position: number;
  readonly method: 'POST' | 'PUT';
  readonly path: readonly string[];
  readonly body: Uint8Array;
}

/** What a piece would be; refused before it is sent where `error` says why. */
export type UnitOrError = Unit | { readonly position: number; readonly error: unknown };

/** The pieces of a file, one after another; nothing but the current line of an NDJSON file is held in memory. */
export async function* unitsOf(file: SurveyedFile, limits: Limits): AsyncGenerator<UnitOrError> {
  if (/\.ndjson$/i.test(file.path)) yield* linesOf(file.path, limits);
  else yield* unitsOfDocument(file, limits);
}

async function* linesOf(path: string, limits: Limits): AsyncGenerator<UnitOrError> {
  let position = 0;
  for await (const line of splitLines(path, limits.maxBundleBytes)) {
    if (line.length > 0) yield unitOf(position, line, limits);
    position++;
  }
}

const NEWLINE = 0x0a;

/** Lines without their ends; one that is longer than `most` bytes comes cut, and is refused for that. */
async function* splitLines(path: string, most: number): AsyncGenerator<Uint8Array> {
  let parts: Buffer[] = [];
  let length = 0;
  const keep = (part: Buffer): void => {
    if (length <= most) parts.push(part);
    length += part.length;
  };
  const take = (): Uint8Array => {
    const line = trimmed(Buffer.concat(parts));
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    keep(chunk.subarray(start));
  }
  yield take();
}

const CARRIAGE_RETURN = 0x0d;
const trimmed = (line: Buffer): Buffer => (line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line);

async function* unitsOfDocument(file: SurveyedFile, limits: Limits): AsyncGenerator<UnitOrError> {
  if (file.bytes > limits.maxBundleBytes) {
    yield {
      position: 0,
      error: fhirError('too-large', `a file has at most ${limits.maxBundleBytes} bytes`, 'Split it, or make it NDJSON.'),
    };
    return;
  }
  const bytes = await readFile(file.path);
  if (!file.provides.has('Bundle')) {
    yield unitOf(0, bytes, limits);
    return;
  }
  try {
    yield* await unitsOfBundle(bytes, await splitBundle(bytes, BUNDLE_LIMITS), limits);
  } catch (error) {
    yield { position: 0, error };
  }
}

/** A transaction is one piece, a batch one for each entry; any other bundle becomes a transaction of all it holds. */
async function unitsOfBundle(bytes: Uint8Array, parts: BundleParts, limits: Limits): Promise<UnitOrError[]> {
  const { resourceType, type } = parts.head.value;
  if (resourceType !== 'Bundle') return [unitOf(0, bytes, limits)];
  if (type === 'batch') return parts.entries.map((entry, position) => postedBundle(position, bundleOf('batch', [entry])));
  const body = type === 'transaction' ? bytes : bundleOf('transaction', await withRequests(parts.entries, limits));
  return [postedBundle(0, body)];
}

const postedBundle = (position: number, body: Uint8Array): Unit => ({ position, method: 'POST', path: [], body });

async function withRequests(entries: readonly Uint8Array[], limits: Limits): Promise<Uint8Array[]> {
  const slice = createSlice();
  const requests: Uint8Array[] = [];
  for (const entry of entries) {
    requests.push(withRequest(entry, limits));
    const pause = slice.breathe();
    if (pause) await pause;
  }
  return requests;
}

const bundleOf = (type: string, entries: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([
    Buffer.from(`{"resourceType":"Bundle","type":"${type}","entry":[`),
    ...entries.flatMap((entry, i) => (i === 0 ? [entry] : [Buffer.from(','), entry])),
    Buffer.from(']}'),
  ]);

/** An entry that only holds a resource, with the request that stores it put in front. Number texts stay as they are. */
function withRequest(entry: Uint8Array, limits: Limits): Uint8Array {
  const { value } = parseJson(entry, { depth: limits.maxDepth, keys: limits.maxKeys });
  const resource = value['resource'] as { resourceType?: unknown; id?: unknown } | undefined;
  if (value['request'] !== undefined || typeof resource?.resourceType !== 'string') return entry;
  const [method, url] =
    typeof resource.id === 'string' ? ['PUT', `${resource.resourceType}/${resource.id}`] : ['POST', resource.resourceType];
  const text = Buffer.from(entry).toString();
  const inner = text.indexOf('{') + 1;
  return Buffer.from(`{"request":${JSON.stringify({ method, url })},${text.slice(inner)}`);
}

/** A resource with an id keeps it; one without gets one. */
function unitOf(position: number, body: Uint8Array, limits: Limits): UnitOrError {
  try {
    const { value } = parseJson(body, { depth: limits.maxDepth, keys: limits.maxKeys });
    const { resourceType, id, type } = value;
    if (typeof resourceType !== 'string')
      throw fhirError('invalid-structure', 'resourceType is missing', 'Name the type of the resource.', 'resourceType');
    if (resourceType === 'Bundle' && (type === 'transaction' || type === 'batch')) return postedBundle(position, body);
    return typeof id === 'string'
      ? { position, method: 'PUT', path: [resourceType, id], body }
      : { position, method: 'POST', path: [resourceType], body };
  } catch (error) {
    return { position, error };
  }
}
