/** In which form the answer goes out. https://hl7.org/fhir/R4/http.html#mime-type */
import { LRUCache } from 'lru-cache';
import { FhirError, issue } from '../outcome/error.ts';

export interface Rendering {
  readonly format: 'json' | 'xml';
  /** For `Content-Type`. */
  readonly contentType: string;
  readonly pretty: boolean;
}

export type Negotiate = (query: string, accept: string | undefined) => Rendering;

const JSON_TYPES: readonly string[] = ['application/fhir+json', 'application/json', 'text/json'];
const XML_TYPES: readonly string[] = ['application/fhir+xml', 'application/xml', 'text/xml'];
/** In the order of preference where the client has none. */
const SUPPORTED = [...JSON_TYPES, ...XML_TYPES];
/** Codes that `_format` takes beside media types. */
const SHORT: Readonly<Record<string, string>> = { json: 'application/fhir+json', xml: 'application/fhir+xml' };

const FORMAT = /(?:^|&)_format=([^&]*)/;
const PRETTY = /(?:^|&)_pretty=(true|1)(?:&|$)/;
const VERSION = /^"?4\.0(?:\.\d+)?"?$/;
const KEPT = 200;

export const PLAIN_JSON: Rendering = renderingOf('application/fhir+json', false);

/** `_format` counts over `Accept`. Throws `not-acceptable`. What clients accept is remembered: it repeats. */
export function createNegotiator(): Negotiate {
  const byAccept = new LRUCache<string, Rendering>({ max: KEPT });
  const acceptable = (accept: string): Rendering => {
    const known = byAccept.get(accept);
    if (known !== undefined) return known;
    const made = renderingOf(bestOf(accept), false);
    byAccept.set(accept, made);
    return made;
  };
  return (query, accept) => {
    if (!query.includes('_format=') && !query.includes('_pretty=')) return accept ? acceptable(accept) : PLAIN_JSON;
    const format = FORMAT.exec(query)?.[1];
    const pretty = PRETTY.test(query);
    if (format !== undefined) return renderingOf(typeOf(format), pretty);
    return { ...(accept ? acceptable(accept) : PLAIN_JSON), pretty };
  };
}

function renderingOf(type: string, pretty: boolean): Rendering {
  return { format: JSON_TYPES.includes(type) ? 'json' : 'xml', contentType: `${type}; charset=utf-8`, pretty };
}

/** A plus that wasn't encoded has become a blank on the way. */
function typeOf(format: string): string {
  const [name = '', ...parameters] = decoded(format).replaceAll(' ', '+').split(';');
  const type = SHORT[name] ?? name.toLowerCase();
  const isOurs = parameters.every((p) => !p.toLowerCase().startsWith('fhirversion=') || VERSION.test(p.slice('fhirversion='.length)));
  if (isOurs && SUPPORTED.includes(type)) return type;
  throw notAcceptable('_format');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return '';
  }
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

/** The supported type with the highest quality; https://www.rfc-editor.org/rfc/rfc9110#name-accept */
function bestOf(accept: string): string {
  const ranges = accept.split(',').flatMap(rangeOf);
  const rated = SUPPORTED.map((type) => ({ type, quality: qualityOf(type, ranges) }));
  const best = rated.reduce((a, b) => (b.quality > a.quality ? b : a));
  if (best.quality > 0) return best.type;
  throw notAcceptable('Accept');
}

/** None for another version of FHIR: it isn't served. https://hl7.org/fhir/R4/http.html#version-parameter */
function rangeOf(text: string): Range[] {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
  const value = (name: string): string | undefined => parameters.find((p) => p.toLowerCase().startsWith(name))?.slice(name.length);
  const version = value('fhirversion=');
  if (type === '' || (version !== undefined && !VERSION.test(version))) return [];
  const quality = Number(value('q=') ?? 1);
  return [{ type: type.toLowerCase(), quality: Number.isFinite(quality) ? quality : 0 }];
}

/** The most specific range that covers the type says its quality. */
function qualityOf(type: string, ranges: readonly Range[]): number {
  const group = `${type.slice(0, type.indexOf('/'))}/*`;
  const range = ranges.find((r) => r.type === type) ?? ranges.find((r) => r.type === group) ?? ranges.find((r) => r.type === '*/*');
  return range?.quality ?? 0;
}

const notAcceptable = (where: string): FhirError =>
  new FhirError([issue('not-acceptable', 'this format is not served', `Use one of ${SUPPORTED.join(', ')}.`, where)]);
