/** Scopes as lines that a person can decide on, from the words that the scopes have for themselves. */
import { parseScope } from '../scopes/parse.ts';
import type { Scope, ScopeName } from '../scopes/scope.ts';
import { wordsOf, type Phrase } from '../scopes/words.ts';

/** Whose records it is about, or what else. */
export type Heading = 'of-patient' | 'of-everyone' | 'identity' | 'how-long' | 'unknown';

export interface ScopeLine {
  /** As it is granted. */
  readonly scope: string;
  readonly heading: Heading;
  readonly abilities: readonly Phrase[];
  /** What it is about; nothing for scopes that name no records. */
  readonly about: readonly Phrase[];
  /** Only a part of these records: search criteria as the app sent them. */
  readonly criteria?: string;
  readonly warns: readonly ('write' | 'everything')[];
}

const HOW_LONG: ReadonlySet<ScopeName> = new Set(['offline_access', 'online_access']);
const WRITES = ['create', 'update', 'delete'] as const;

/** `types`: the resource types of R4. What isn't understood is shown as it is: it must not be allowed unseen. */
export function scopeLine(scope: string, types: ReadonlySet<string>): ScopeLine {
  const parsed = parseScope(scope, types);
  if (!parsed.ok) return { scope, heading: 'unknown', abilities: [], about: [], warns: [] };
  const { abilities, about, criteria } = wordsOf(parsed.scope);
  return {
    ...{ scope, heading: headingOf(parsed.scope), abilities, about, warns: warningsOf(parsed.scope) },
    ...(criteria === undefined ? {} : { criteria }),
  };
}

function headingOf(scope: Scope): Heading {
  if (scope.kind === 'resource') return scope.level === 'patient' ? 'of-patient' : 'of-everyone';
  return HOW_LONG.has(scope.name) ? 'how-long' : 'identity';
}

function warningsOf(scope: Scope): ScopeLine['warns'] {
  if (scope.kind === 'named') return [];
  const writes = WRITES.some((action) => scope.actions.includes(action));
  return [...(scope.type === '*' ? (['everything'] as const) : []), ...(writes ? (['write'] as const) : [])];
}
