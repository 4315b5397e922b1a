/**
 * Where resources are kept. Two adapters, `sqlite/` and `mongo/`; both pass `test/contract/store.ts`.
 *
 * Promises:
 * - A write set is committed whole or not at all, and survives `kill -9` once acknowledged.
 * - Every change gets the clinic's next number (`seq`), in the order of commits. The log of versions is the outbox.
 * - Nothing of one clinic can be reached with another's id.
 * - What is down or cut off throws a `FhirError` of kind `unavailable` or `too-costly`; nothing half done.
 */
import { asResourceType, type ClinicId, type ResourceId, type ResourceKey, type ResourceType, type Seq } from '../model/ids.ts';
import type { ResourceText } from '../model/json.ts';
import type { Node } from '../search/ast.ts';
import type { IndexEntries } from '../search/entries.ts';
import type { PackedEntries } from '../search/packed.ts';

/** What the feed leaves out: they are made from it. */
export const NOT_IN_FEED: ResourceType = asResourceType('AuditEvent');

export interface FhirStore {
  /** The current version, a tombstone if it was deleted; undefined if it never was. */
  read(clinic: ClinicId, key: ResourceKey): Promise<StoredVersion | undefined>;
  readVersion(clinic: ClinicId, key: ResourceKey, versionId: number): Promise<StoredVersion | undefined>;
  /** Current versions, in no order; what is absent or deleted is left out. */
  readMany(clinic: ClinicId, keys: readonly ResourceKey[]): Promise<StoredVersion[]>;

  write(clinic: ClinicId, set: WriteSet): Promise<WriteOutcome>;

  /** `where` has no `chain` or `has`: they are resolved above. Deleted resources never match. */
  search(clinic: ClinicId, query: StoreQuery): Promise<StorePage>;
  count(clinic: ClinicId, query: MatchQuery): Promise<number>;
  /** Distinct resources that `param` of the matching ones refers to; at most `limit`, then `complete` is false. */
  searchTargets(clinic: ClinicId, query: MatchQuery, param: string, limit: number): Promise<{ targets: ResourceKey[]; complete: boolean }>;

  /** Versions, newest change first. */
  history(clinic: ClinicId, query: HistoryQuery): Promise<HistoryPage>;
  /**
   * The feed: all changes numbered above `after`, in order, without gaps. What was erased is left out, and so are
   * AuditEvents: who has read to the end goes on after the `lastSeq` asked for before, or it passes over them each time.
   */
  changes(clinic: ClinicId, after: Seq, limit: number): Promise<StoredVersion[]>;
  /**
   * The number of the last commit; 0 for a clinic that has none. With `maxAgeMs` what it was at some time within these
   * milliseconds is good enough: a store that would have to ask a server may answer from memory.
   */
  lastSeq(clinic: ClinicId, maxAgeMs?: number): Promise<Seq>;

  /** Live resources whose entries were made by another index version than `indexVersion`, ordered, after `after`. */
  staleEntries(
    clinic: ClinicId,
    indexVersion: string,
    after: string | undefined,
    limit: number,
  ): Promise<{ items: StoredVersion[]; next?: string }>;
  /** Replaces index entries of versions that are still current. No new version, no change in the feed. */
  replaceEntries(clinic: ClinicId, items: readonly EntryReplacement[]): Promise<void>;

  /**
   * Removes resources with all their versions and index entries: for lawful requests only. The feed and history have gaps
   * where they were; in files their bytes may stay until `scrub`. Answers what was there.
   */
  erase(clinic: ClinicId, targets: readonly ErasureTarget[]): Promise<ErasedResource[]>;
  /**
   * Leaves nothing in the files of what was removed or replaced before, be it resources, records or the audit trail: SQLite
   * writes its file anew, which takes as long and as much space as the whole. A database server's files are its own.
   */
  scrub(): Promise<void>;

  /** All clinics that have something stored. */
  clinics(): Promise<ClinicId[]>;
  /** Throws `unavailable` if the store can't serve now. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface StoredVersion extends ResourceKey {
  readonly versionId: number;
  readonly seq: Seq;
  /** Time of the commit, milliseconds; never less than an earlier commit's of the clinic. */
  readonly at: number;
  readonly deleted: boolean;
  /** The JSON text, UTF-8; empty for a tombstone. */
  readonly body: Uint8Array;
  readonly trace: Trace;
}

/** What a search finds: who wrote it isn't looked up. */
export type FoundVersion = Omit<StoredVersion, 'trace'>;

/** Who wrote a version, from which request, and why. */
export interface Trace {
  readonly subject: string;
  readonly client?: string;
  readonly requestId: string;
  readonly interaction: 'create' | 'update' | 'patch' | 'delete';
  readonly reason?: string;
}

export interface WriteSet {
  /** Each of another resource: a set that names one twice is refused with `conflict`. */
  readonly changes: readonly Change[];
  /** Conditions that must hold inside the commit; otherwise nothing of the set is written. */
  readonly guards: readonly Guard[];
  readonly indexVersion: string;
}

export type Change = Put | Delete;
export interface Put extends ResourceKey {
  readonly op: 'put';
  readonly expected: Expected;
  readonly text: ResourceText;
  /** Packed where they are many. */
  readonly entries: IndexEntries | PackedEntries;
  readonly trace: Trace;
}
export interface Delete extends ResourceKey {
  readonly op: 'delete';
  readonly expected: Expected;
  readonly trace: Trace;
}

/**
 * `any`: whatever is there. `absent`: no live version (a tombstone is absent). `present`: a live version, whichever. A
 * number: that version is current and not deleted; of several, one of them. A delete of what is absent under `any` is `unchanged` and writes nothing.
 */
export type Expected = 'any' | 'absent' | 'present' | number | readonly number[];

/** Whether the live version, `undefined` if there is none, is as expected. */
export function isExpected(expected: Expected, live: number | undefined): boolean {
  if (expected === 'any') return true;
  if (expected === 'absent') return live === undefined;
  if (live === undefined || expected === 'present') return live !== undefined;
  return typeof expected === 'number' ? live === expected : expected.includes(live);
}

export type { ResourceText };

/** Inside the commit, and with the group's earlier changes in view, exactly the resources `ids` of `type` match `where`. */
export interface Guard {
  readonly type: ResourceType;
  readonly where: Node;
  readonly ids: readonly ResourceId[];
}

export type WriteOutcome =
  | { readonly ok: true; readonly results: readonly WriteResult[] }
  /** `index` is that of the change or guard that failed. */
  | { readonly ok: false; readonly failed: 'version'; readonly index: number; readonly actual: number | undefined }
  | { readonly ok: false; readonly failed: 'guard'; readonly index: number };

export interface WriteResult extends ResourceKey {
  readonly outcome: 'created' | 'updated' | 'deleted' | 'unchanged';
  readonly versionId: number;
  readonly at: number;
  readonly seq: Seq;
}

export interface MatchQuery {
  readonly types: readonly ResourceType[];
  readonly where: Node;
  /** Only versions committed in this range of numbers. */
  readonly seq?: { readonly above?: Seq; readonly upTo?: Seq };
  /** When to give up with `too-costly`, milliseconds since 1970. */
  readonly deadline: number;
}

export interface StoreQuery extends MatchQuery {
  /** `natural`: the store's own stable order, that of creation. `seq`: that of the last change. Ties follow in natural order. */
  readonly order: 'natural' | 'seq' | readonly SortTerm[];
  readonly limit: number;
  /** False: only the keys matter, the items' bodies may be left empty. */
  readonly bodies?: false;
  /** A page's `next`, from the same query. Opaque; sealed by the caller before it goes out. */
  readonly after?: string;
}

/**
 * Ascending by the entry's `lo`, descending by its `hi`; resources without a value come last, either way.
 * `_lastUpdated` and `_id` are sorted by column.
 */
export interface SortTerm {
  readonly param: string;
  readonly descending: boolean;
}

export interface StorePage {
  readonly items: readonly FoundVersion[];
  /** Present when more follow. */
  readonly next?: string;
}

export interface HistoryQuery {
  readonly scope: { readonly type?: ResourceType; readonly id?: ResourceId; readonly types?: readonly ResourceType[] };
  /** Versions committed at or after; milliseconds. */
  readonly since?: number;
  /** Versions that were current at some time within. */
  readonly currentWithin?: { readonly from: number; readonly to: number };
  /** Only changes numbered below: the cursor, `next` of the page before. */
  readonly below?: Seq;
  readonly limit: number;
}

export interface HistoryPage {
  readonly items: readonly StoredVersion[];
  readonly next?: Seq;
  /** How many versions there are in scope, whatever the page. */
  readonly total: number;
}

export interface ErasureTarget extends ResourceKey {
  /** Only superseded versions go. */
  readonly keep?: 'current';
}

export interface ErasedResource extends ResourceKey {
  /** How many were there. */
  readonly versions: number;
}

export interface EntryReplacement extends ResourceKey {
  readonly versionId: number;
  readonly entries: IndexEntries;
  readonly indexVersion: string;
}
