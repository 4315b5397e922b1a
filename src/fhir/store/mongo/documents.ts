/** What is kept: one document for each resource's newest version, one for each that was superseded. */
import type { Binary } from 'mongodb';
import { asResourceId, asResourceType, asSeq } from '../../model/ids.ts';
import type { StoredVersion, Trace } from '../port.ts';

/** Bytes on their way in; read as bytes again (`promoteBuffers`). */
export type Bytes = Binary | Uint8Array;

export interface TraceDocument {
  readonly s: string;
  readonly q: string;
  readonly i: Trace['interaction'];
  readonly c?: string;
  readonly r?: string;
}

export interface VersionFields {
  /** `clinic/type/id`; in the versions followed by `/` and the version in ten digits. */
  readonly _id: string;
  readonly c: string;
  /** `clinic/type`; of a tombstone among the current ones `clinic/type!`. */
  readonly t: string;
  readonly v: number;
  readonly seq: number;
  readonly at: number;
  readonly by: TraceDocument;
  /** Deleted. */
  readonly d?: true;
  readonly body?: Bytes;
}

export interface CurrentDocument extends VersionFields, Partial<IndexFields> {
  /** The number of the resource's first version: natural order. */
  readonly o: number;
  /** The index version of its entries. */
  readonly iv?: string;
}

export interface VersionDocument extends VersionFields {
  /** When it was superseded. */
  readonly until: number;
}

/** The index entries of a resource. What an index drives a search by is in `k` and `s`; the others are compared. */
export interface IndexFields {
  /** Keys (`keys.ts`), indexed with `o`. May find too much, never too little. */
  readonly k: readonly string[];
  /** Tokens, strings, references and URIs, exact. */
  readonly n?: readonly string[];
  /** Dates, numbers and quantities. */
  readonly r?: readonly RangeDocument[];
  readonly x?: readonly CompositeDocument[];
  /** Sort keys and ends of ranges by parameter, under one wildcard index. */
  readonly s?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Sort values that have no index, those of tokens, references, URIs and quantities: one, or the least and the greatest. */
  readonly u?: Readonly<Record<string, PlainSort>>;
}

export type PlainSort = string | number | readonly [lo: string | number, hi: string | number];

export interface RangeDocument {
  readonly p: string;
  readonly lo: number;
  readonly hi: number;
  /** System and code of a quantity's unit. The system is left out where it is UCUM: nearly always. */
  readonly y?: string;
  readonly c?: string;
}

export const UCUM = 'http://unitsofmeasure.org';

export interface CompositeDocument {
  readonly p: string;
  readonly n?: readonly string[];
  readonly r?: readonly RangeDocument[];
}

/** What a version is made of when it is read: all but the index entries. */
export const VERSION_FIELDS = { _id: 1, v: 1, seq: 1, at: 1, d: 1, by: 1, body: 1 } as const;
export const KEY_FIELDS = { _id: 1, v: 1, seq: 1, at: 1, d: 1, by: 1 } as const;

const EMPTY = new Uint8Array(0);

export function toStored(document: VersionFields): StoredVersion {
  const [, type, id] = document._id.split('/') as [string, string, string];
  return {
    type: asResourceType(type),
    id: asResourceId(id),
    versionId: document.v,
    seq: asSeq(document.seq),
    at: document.at,
    deleted: document.d === true,
    body: bytesOf(document.body),
    trace: toTrace(document.by),
  };
}

function bytesOf(body: Bytes | undefined): Uint8Array {
  if (body === undefined) return EMPTY;
  return body instanceof Uint8Array ? body : body.buffer;
}

export const fromTrace = ({ subject, requestId, interaction, client, reason }: Trace): TraceDocument => ({
  s: subject,
  q: requestId,
  i: interaction,
  ...(client === undefined ? {} : { c: client }),
  ...(reason === undefined ? {} : { r: reason }),
});

const toTrace = ({ s, q, i, c, r }: TraceDocument): Trace => ({
  subject: s,
  requestId: q,
  interaction: i,
  ...(c === undefined ? {} : { client: c }),
  ...(r === undefined ? {} : { reason: r }),
});
