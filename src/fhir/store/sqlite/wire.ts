/** How a set of changes goes to the writer thread: flat, since structured clones of trees are dear. */
import type { Change, Expected, Guard, Trace, WriteOutcome, WriteResult, WriteSet } from '../port.ts';
import { asSeq, type ClinicId } from '../../model/ids.ts';
import { isPacked, packEntries, readPart, type Packed, type PackedEntries } from '../../search/packed.ts';
import type { IndexEntries } from '../../search/entries.ts';

/** For each change: type, id, expected, trace; for a put also the text before and after the gap, and the entries. */
export type WireChanges = readonly WireCell[];
/** Entries are a text, or where they are many, parts of one. */
type WireCell = string | number | readonly Uint8Array[];

export interface WireSet {
  readonly clinic: ClinicId;
  readonly guards: readonly Guard[];
  readonly indexVersion: string;
  /** The changes, or where those that were sent ahead are kept. */
  readonly changes: WireChanges | { readonly staged: number };
}

/** Results flat: for each change code, version, seq, time. */
export type WireOutcome =
  | { readonly ok: true; readonly results: readonly number[] }
  | Exclude<WriteOutcome, { readonly ok: true }>
  | { readonly ok: 'error'; readonly message: string; readonly detail: Readonly<Record<string, unknown>> };

const OUTCOMES = ['created', 'updated', 'deleted', 'unchanged'] as const;
export type ResultCode = WriteResult['outcome'];
export const codeOf = (outcome: ResultCode): number => OUTCOMES.indexOf(outcome);

/** A change as the writer uses it. */
export interface DecodedChange {
  readonly type: string;
  readonly id: string;
  readonly expected: Expected;
  readonly trace: string;
  readonly put: { readonly before: string; readonly after: string; readonly entries: Packed } | undefined;
}

/** Makes the wire form of changes. A trace that several changes share is printed once. */
export function createChangeEncoder(): (changes: readonly Change[]) => WireChanges {
  let lastTrace: Trace | undefined;
  let lastText = '';
  return (changes) => {
    const wire: WireCell[] = [];
    for (const change of changes) {
      if (change.trace !== lastTrace) [lastTrace, lastText] = [change.trace, JSON.stringify(change.trace)];
      wire.push(change.op, change.type, change.id, encodeExpected(change.expected), lastText);
      if (change.op === 'put') wire.push(change.text.before, change.text.after, cellOf(change.entries));
    }
    return wire;
  };
}

export function decodeChanges(wire: WireChanges): DecodedChange[] {
  const changes: DecodedChange[] = [];
  for (let i = 0; i < wire.length;) {
    const [op, type, id, expected, trace] = [
      wire[i],
      wire[i + 1] as string,
      wire[i + 2] as string,
      decodeExpected(wire[i + 3] as string | number),
      wire[i + 4] as string,
    ];
    const put = op === 'put' ? { before: wire[i + 5] as string, after: wire[i + 6] as string, entries: parsed(wire[i + 7]) } : undefined;
    changes.push({ type, id, expected, trace, put });
    i += put ? 8 : 5;
  }
  return changes;
}

const cellOf = (entries: IndexEntries | PackedEntries): WireCell => (isPacked(entries) ? entries.packed : packEntries(entries));

function parsed(cell: WireCell | undefined): Packed {
  if (!Array.isArray(cell)) return JSON.parse(cell as string) as Packed;
  const parts = (cell as readonly Uint8Array[]).map(readPart);
  return (parts[0] ?? []).map((_, kind) => parts.flatMap((part) => part[kind] ?? []));
}

const encodeExpected = (expected: Expected): string | number => (typeof expected === 'object' ? JSON.stringify(expected) : expected);

const decodeExpected = (wire: string | number): Expected =>
  typeof wire === 'string' && wire.startsWith('[') ? (JSON.parse(wire) as number[]) : (wire as Expected);

export function toResults(set: WriteSet, results: readonly number[]): WriteResult[] {
  return set.changes.map(({ type, id }, i) => ({
    type,
    id,
    outcome: OUTCOMES[results[i * 4] ?? 3] ?? 'unchanged',
    versionId: results[i * 4 + 1] ?? 0,
    seq: asSeq(results[i * 4 + 2] ?? 0),
    at: results[i * 4 + 3] ?? 0,
  }));
}

/** Characters of the texts of a change: about what it weighs. */
export function weightOf(change: Change): number {
  if (change.op !== 'put') return 200;
  const { text, entries } = change;
  const packed = isPacked(entries) ? entries.packed.reduce((sum, part) => sum + part.length, 0) : 1000;
  return text.before.length + text.after.length + packed;
}
