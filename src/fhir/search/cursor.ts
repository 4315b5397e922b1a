/** Cursors: where a walk through the pages of a search stands, sealed for one clinic, one subject and one query. */
import { fhirError } from '../outcome/error.ts';
import type { Sealer } from '../../platform/seal.ts';
import type { Seq } from '../model/ids.ts';

export type { Sealer };

/**
 * `keys`: pages by key, only versions numbered up to `seq`; `after` is the store's position, absent at the start.
 * `tail`: what has been changed since, numbered above `seq`, in the order of changes.
 */
export interface WalkState {
  readonly phase: 'keys' | 'tail';
  readonly seq: Seq;
  readonly after?: string;
  /** When the walk began, milliseconds: what "now" means on all its pages. */
  readonly now: number;
  /** Counted on the first page, where a total was asked for. */
  readonly total?: number;
}

/** What a cursor is good for. */
export interface CursorBinding {
  readonly clinic: string;
  readonly subject: string;
  /** The search, decoded and without the cursor. */
  readonly query: string;
}

type Packed = readonly [phase: 'k' | 't', seq: number, now: number, after: string | null, total: number | null];

export function sealCursor(sealer: Sealer, state: WalkState, binding: CursorBinding): string {
  const packed: Packed = [state.phase === 'keys' ? 'k' : 't', state.seq, state.now, state.after ?? null, state.total ?? null];
  return sealer.seal(padded(JSON.stringify(packed)), contextOf(binding));
}

const BLOCK = 64;

/** A position counts what the whole store holds: the length of a cursor would tell a clinic how much others have. JSON may end with blanks. */
export const padded = (json: string): string => json.padEnd(Math.ceil(json.length / BLOCK) * BLOCK);

/** Throws `invalid-cursor` for a forged one, or one of another clinic, subject or query. */
export function openCursor(sealer: Sealer, cursor: string, binding: CursorBinding): WalkState {
  const text = sealer.open(cursor, contextOf(binding));
  if (text === undefined) {
    throw fhirError(
      'invalid-cursor',
      'is not a cursor of this search',
      'Follow the links of a page as they are, or start the search again.',
      '_cursor',
    );
  }
  const [phase, seq, now, after, total] = JSON.parse(text) as Packed;
  return {
    phase: phase === 'k' ? 'keys' : 'tail',
    seq: seq as Seq,
    now,
    ...(after === null ? {} : { after }),
    ...(total === null ? {} : { total }),
  };
}

/** Unambiguous, whatever the parts contain. */
const contextOf = (binding: CursorBinding): string => JSON.stringify([binding.clinic, binding.subject, binding.query]);
