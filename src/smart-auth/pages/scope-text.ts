/** Lines about scopes in the language of the page. */
import type { Phrase } from '../scopes/words.ts';
import type { ScopeLine } from './scope-lines.ts';
import { listed, type Language, type Say } from './texts/index.ts';

export interface ScopeText {
  readonly text: string;
  /** Which part of the records, where it isn't all of them. */
  readonly detail?: string;
}

export function scopeText(language: Language, say: Say, line: ScopeLine): ScopeText {
  const inWords = (phrases: readonly Phrase[]): string =>
    listed(
      say,
      phrases.map((p) => p[language]),
    );
  const abilities = inWords(line.abilities);
  if (abilities === '') return { text: say('scope.unknown', { scope: line.scope }) };
  if (line.about.length === 0) return { text: capital(abilities) };
  const text = capital(say('scope.line', { abilities, about: inWords(line.about) }));
  return { text, ...(line.criteria === undefined ? {} : { detail: say('scope.criteria', { criteria: line.criteria }) }) };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
