/** What the parts of the store contract share: a store, a clock that is set by hand, and short ways to write and ask. */
import { asClinicId, asResourceId, asResourceType, asSeq, type ClinicId, type ResourceKey, type Seq } from '../../../src/fhir/model/ids.ts';
import { ALL, type Node } from '../../../src/fhir/search/ast.ts';
import { NO_ENTRIES, type IndexEntries } from '../../../src/fhir/search/entries.ts';
import type {
  Change,
  Expected,
  FhirStore,
  Guard,
  MatchQuery,
  Put,
  ResourceText,
  FoundVersion,
  StoredVersion,
  StoreQuery,
  Trace,
  WriteOutcome,
  WriteResult,
  WriteSet,
} from '../../../src/fhir/store/port.ts';
import type { Clock } from '../../../src/platform/clock.ts';

export interface StoreUnderTest {
  readonly store: FhirStore;
  /** Closes the store and opens the same data again. */
  reopen(): Promise<FhirStore>;
  /** Closes the store and removes its data. */
  dispose(): Promise<void>;
}

/** Opens a store on fresh, empty data; `clock` gives the times of its commits. */
export type StoreFactory = (clock: Clock) => Promise<StoreUnderTest>;

export interface TestClock extends Clock {
  set(at: number): void;
  tick(milliseconds?: number): number;
}

export interface Context {
  readonly clock: TestClock;
  readonly store: () => FhirStore;
  readonly reopen: () => Promise<void>;
  readonly dispose: () => Promise<void>;
  /** A clinic that nothing is stored for. */
  readonly clinic: () => ClinicId;
}

/** 2026-01-02T03:04:05.678Z */
export const START = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

export async function createContext(factory: StoreFactory): Promise<Context> {
  let now = START;
  let clinics = 0;
  const clock: TestClock = {
    now: () => now,
    set: (at) => {
      now = at;
    },
    tick: (milliseconds = 1) => (now += milliseconds),
  };
  const under = await factory(clock);
  let store = under.store;
  return {
    clock,
    store: () => store,
    reopen: async () => {
      store = await under.reopen();
    },
    dispose: () => under.dispose(),
    clinic: () => {
      clinics += 1;
      return asClinicId(`clinic-${clinics}`);
    },
  };
}

export const TRACE: Trace = { subject: 'Practitioner/1', requestId: 'request-1', interaction: 'create' };
export const INDEX_VERSION = 'index-1';

export const key = (type: string, id: string): ResourceKey => ({ type: asResourceType(type), id: asResourceId(id) });

/** Some of the entry kinds; the others are empty. */
export const entries = (some: Partial<IndexEntries>): IndexEntries => ({ ...NO_ENTRIES, ...some });

/** The text of a resource, with something of its own in it. */
export function text(type: string, id: string, content = ''): ResourceText {
  return { before: `{"resourceType":"${type}","id":"${id}","meta":{`, after: `},"language":"en${content}"}` };
}

/** The bytes that the store must keep for a text. */
export function bodyText(of: ResourceText, versionId: number, at: number): string {
  return `${of.before}"versionId":"${versionId}","lastUpdated":"${new Date(at).toISOString()}"${of.after}`;
}

export interface PutOptions {
  readonly expected?: Expected;
  readonly entries?: Partial<IndexEntries>;
  readonly text?: ResourceText;
  readonly trace?: Trace;
}

export function put(type: string, id: string, options: PutOptions = {}): Put {
  return {
    op: 'put',
    ...key(type, id),
    expected: options.expected ?? 'any',
    text: options.text ?? text(type, id),
    entries: entries(options.entries ?? {}),
    trace: options.trace ?? TRACE,
  };
}

export function del(type: string, id: string, expected: Expected = 'any'): Change {
  return { op: 'delete', ...key(type, id), expected, trace: { ...TRACE, interaction: 'delete' } };
}

export function setOf(changes: readonly Change[], guards: readonly Guard[] = []): WriteSet {
  return { changes, guards, indexVersion: INDEX_VERSION };
}

/** Writes a set that must succeed. */
export async function write(store: FhirStore, clinic: ClinicId, ...changes: readonly Change[]): Promise<readonly WriteResult[]> {
  return results(await store.write(clinic, setOf(changes)));
}

/** The results of an outcome that must be a success. */
export function results(outcome: WriteOutcome): readonly WriteResult[] {
  if (!outcome.ok) throw new Error(`The set failed: ${JSON.stringify(outcome)}`);
  return outcome.results;
}

const soon = (): number => Date.now() + 30_000;

export function match(type: string | readonly string[], where: Node = ALL, more: Partial<MatchQuery> = {}): MatchQuery {
  const types = typeof type === 'string' ? [type] : type;
  return { types: types.map(asResourceType), where, deadline: soon(), ...more };
}

export function query(type: string | readonly string[], where: Node = ALL, more: Partial<StoreQuery> = {}): StoreQuery {
  return { order: 'natural', limit: 1000, ...match(type, where), ...more };
}

export const ids = (items: readonly ResourceKey[]): string[] => items.map((item) => item.id);
export const names = (items: readonly FoundVersion[]): string[] => items.map((item) => `${item.type}/${item.id}/${item.versionId}`);
export const decode = (body: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(body);

/** The ids that a search finds, all on one page. */
export async function find(store: FhirStore, clinic: ClinicId, type: string | readonly string[], where?: Node): Promise<string[]> {
  return ids((await store.search(clinic, query(type, where))).items);
}

/** Walks all pages; fails on a walk that doesn't end. */
export async function walk(store: FhirStore, clinic: ClinicId, of: StoreQuery): Promise<FoundVersion[][]> {
  const pages: FoundVersion[][] = [];
  for (let after: string | undefined; pages.length < 1000;) {
    const page = await store.search(clinic, { ...of, ...(after === undefined ? {} : { after }) });
    pages.push([...page.items]);
    if (page.next === undefined) return pages;
    after = page.next;
  }
  throw new Error('The walk has no end.');
}

/** Reads the whole feed in steps. */
export async function feed(store: FhirStore, clinic: ClinicId, step = 100): Promise<StoredVersion[]> {
  const all: StoredVersion[] = [];
  for (let after: Seq = asSeq(0); ;) {
    const part = await store.changes(clinic, after, step);
    const last = part.at(-1);
    if (!last) return all;
    all.push(...part);
    after = last.seq;
  }
}
