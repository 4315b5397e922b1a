/** One entry of a batch or transaction, with its URL taken apart. https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.request */
import { isJsonObject, type JsonDocument, type JsonObject } from '../../model/json.ts';
import { fhirError, FhirError, type Issue } from '../../outcome/error.ts';
import type { Source } from '../../work/tools.ts';

export type EntryMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface BundleEntry {
  readonly index: number;
  readonly fullUrl: string | undefined;
  readonly method: EntryMethod;
  /** Segments below the base: `['Patient', '1']`. */
  readonly path: readonly string[];
  /** What follows `?`; `''` where nothing does. */
  readonly query: string;
  /** By the header's name: `if-match`, `if-none-match`, `if-none-exist`, `if-modified-since`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Source | undefined;
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
const HEADERS = [
  ['ifMatch', 'if-match'],
  ['ifNoneMatch', 'if-none-match'],
  ['ifNoneExist', 'if-none-exist'],
  ['ifModifiedSince', 'if-modified-since'],
] as const;

const ELEMENT = ['id', 'extension', 'modifierExtension'];
const named = (...names: readonly string[]): ReadonlySet<string> => new Set([...ELEMENT, ...names].flatMap((name) => [name, `_${name}`]));
const ENTRY = named('link', 'fullUrl', 'resource', 'search', 'request', 'response');
const REQUEST = named('method', 'url', 'ifNoneMatch', 'ifModifiedSince', 'ifMatch', 'ifNoneExist');

export const placeOf = (index: number): string => `Bundle.entry[${index}]`;

/** Reads an entry; `text` is that of a resource which was cut out, being large. Throws `invalid-structure` with the place. */
export function readEntry(document: JsonDocument, index: number, baseUrl: string, text?: Uint8Array): BundleEntry {
  const place = placeOf(index);
  const { fullUrl, request, resource } = document.value;
  checkNames(document.value, ENTRY, place);
  if (!isJsonObject(request)) {
    throw fhirError(
      'invalid-structure',
      'an entry of a batch or transaction needs a request',
      'Add request.method and request.url.',
      place,
    );
  }
  checkNames(request, REQUEST, `${place}.request`);
  if (fullUrl !== undefined && typeof fullUrl !== 'string') throw wrongForm(`${place}.fullUrl`, 'a string');
  if (resource !== undefined && !isJsonObject(resource)) throw wrongForm(`${place}.resource`, 'a resource');
  const url = localUrl(request['url'], baseUrl, place);
  const mark = url.indexOf('?');
  return {
    index,
    fullUrl,
    method: methodOf(request, place),
    path: segmentsOf(mark < 0 ? url : url.slice(0, mark), place),
    query: mark < 0 ? '' : url.slice(mark + 1),
    headers: headersOf(request, place),
    resource: text ? { bytes: text } : resource && { document: { value: resource, exact: document.exact['resource'] as JsonObject } },
  };
}

/** The same error, its places taken as within the entry's resource. */
export function atEntry(error: unknown, index: number): unknown {
  if (!(error instanceof FhirError)) return error;
  const issues = error.issues.map((i): Issue => ({ ...i, where: placeWithin(index, i.where) }));
  return new FhirError(issues, { cause: error, ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }) });
}

/** `Patient.name[0]` is `Bundle.entry[3].resource.name[0]`; what is no path into the resource stays beside the place. */
function placeWithin(index: number, where: string | undefined): string {
  if (where === undefined) return placeOf(index);
  if (where.startsWith('Bundle.entry[')) return where;
  const path = /^[A-Z][A-Za-z]+(\..*)$/.exec(where);
  return path === null ? placeOf(index) : `${placeOf(index)}.resource${path[1]}`;
}

function checkNames(object: JsonObject, known: ReadonlySet<string>, place: string): void {
  for (const name in object) {
    if (known.has(name)) continue;
    throw fhirError(
      'invalid-structure',
      'is not an element of a bundle entry in R4',
      'Remove it, or correct its name.',
      `${place}.${name}`,
    );
  }
}

function methodOf(request: JsonObject, place: string): EntryMethod {
  const method = request['method'];
  if (typeof method === 'string' && METHODS.has(method)) return method as EntryMethod;
  throw fhirError(
    'invalid-structure',
    `request.method must be one of ${[...METHODS].join(', ')}`,
    'Correct the method.',
    `${place}.request.method`,
  );
}

/** A URL of this server without its base. Others are refused: no part of a bundle reaches another server or clinic. */
function localUrl(url: unknown, baseUrl: string, place: string): string {
  const where = `${place}.request.url`;
  if (typeof url !== 'string') throw wrongForm(where, 'a URL relative to the FHIR base');
  const local = url.startsWith(`${baseUrl}/`) ? url.slice(baseUrl.length + 1) : url.replace(/^\//, '');
  if (!/^[a-z][a-z0-9+.-]*:/i.test(local.split('?', 1)[0] as string)) return local;
  throw fhirError('invalid-structure', 'request.url is not of this server', 'Give it relative to the FHIR base: Patient/123.', where);
}

function segmentsOf(path: string, place: string): string[] {
  try {
    return path === '' ? [] : path.split('/').map(decodeURIComponent);
  } catch {
    throw wrongForm(`${place}.request.url`, 'a URL with valid percent-encoding');
  }
}

function headersOf(request: JsonObject, place: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [element, header] of HEADERS) {
    const value = request[element];
    if (value === undefined) continue;
    if (typeof value !== 'string') throw wrongForm(`${place}.request.${element}`, 'a string');
    headers[header] = value;
  }
  return headers;
}

const wrongForm = (where: string, form: string): FhirError =>
  fhirError('invalid-structure', `must be ${form}`, 'Correct the form of this element.', where);
