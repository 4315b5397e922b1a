/** Where a walk through everything stands, sealed for one clinic, one caller and one question. */
import type { Call } from '../../interactions/router.ts';
import { fhirError } from '../../outcome/error.ts';
import { padded, type WalkState } from '../../search/cursor.ts';
import { subjectOf } from '../../search/run.ts';
import type { EverythingQuery } from './query.ts';

export interface EverythingState {
  /** The type that comes next. */
  readonly type: string;
  /** Within it; absent at its start. */
  readonly walk?: WalkState;
}

export const sealState = (call: Call, query: EverythingQuery, state: EverythingState): string =>
  call.deps.sealer.seal(padded(JSON.stringify(state)), bindingOf(call, query));

/** Undefined at the start. Throws `invalid-cursor`. */
export function openState(call: Call, query: EverythingQuery): EverythingState | undefined {
  if (query.cursor === undefined) return undefined;
  const text = call.deps.sealer.open(query.cursor, bindingOf(call, query));
  if (text !== undefined) return JSON.parse(text) as EverythingState;
  throw fhirError(
    'invalid-cursor',
    'is not a cursor of this question',
    'Follow the links of a page as they are, or start again.',
    '_cursor',
  );
}

function bindingOf(call: Call, { values }: EverythingQuery): string {
  const { principal } = call.request.context;
  const asked = ['start', 'end', '_since', '_type'].map((name) => values.get(name) ?? '');
  return JSON.stringify(['everything', principal.clinic, subjectOf(principal), call.type, call.id, ...asked]);
}
