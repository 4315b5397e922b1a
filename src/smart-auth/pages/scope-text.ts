/** Lines about scopes in the language of the page. */
import type { Phrase } from '../scopes/words.ts';
import type { ScopeLine } from './scope-lines.ts';
import { listed, type Language, type Say } from './texts/index.ts';

export interface ScopeText {
  readonly text: string;
  /** Which part of the records, where it isn't all of them. */
  readonly detail?: string;
}

export interface Whose {
  /** The person is the patient. */
  readonly isOwn: boolean;
  /** The patient's name, where it is known. */
  readonly patient?: string | undefined;
}

export function scopeText(language: Language, say: Say, line: ScopeLine, whose: Whose): ScopeText {
  const inWords = (phrases: readonly Phrase[]): string =>
    listed(
      say,
      phrases.map((p) => p[language]),
    );
  const abilities = inWords(line.abilities);
  if (abilities === '') return { text: say('scope.unknown', { scope: line.scope }) };
  if (line.about.length === 0) return { text: capital(abilities) };
  const patient = whose.patient ?? say('scope.the-patient');
  const text = say(keyOf(line, whose), { abilities, about: inWords(line.about), patient });
  return { text: capital(text), ...(line.criteria === undefined ? {} : { detail: say('scope.criteria', { criteria: line.criteria }) }) };
}

const keyOf = ({ level }: ScopeLine, { isOwn }: Whose): 'scope.own' | 'scope.patient' | 'scope.user' =>
  isOwn ? 'scope.own' : level === 'patient' ? 'scope.patient' : 'scope.user';

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
