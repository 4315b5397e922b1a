/** Scopes as lines that a person can decide on. */
import type { Language } from './texts/index.ts';

export type Phrase = Readonly<Record<Language, string>>;

export interface ScopeLine {
  /** As it is granted. */
  readonly scope: string;
  readonly heading: 'records' | 'identity' | 'how-long';
  readonly abilities: readonly Phrase[];
  /** What it is about; nothing for scopes that name no records. */
  readonly about: readonly Phrase[];
  readonly level?: 'patient' | 'user' | 'system';
  /** Only a part of these records: search criteria as the app sent them. */
  readonly criteria?: string;
  readonly warns: readonly ('write' | 'everything')[];
}
