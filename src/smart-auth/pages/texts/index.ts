/** The texts of the pages: one table a language, all with the same keys. */
import { en, type TextKey, type Texts } from './en.ts';
import { hi } from './hi.ts';

export type { TextKey, Texts };

const TEXTS = { en, hi } as const satisfies Record<string, Texts>;
export type Language = keyof typeof TEXTS;

export const isLanguage = (text: string | undefined): text is Language => text !== undefined && Object.hasOwn(TEXTS, text);
export const otherThan = (language: Language): Language => (language === 'en' ? 'hi' : 'en');

/** Says a text in the language of the page. */
export type Say = (key: TextKey, filling?: Readonly<Record<string, string | number>>) => string;

/** Throws nothing for a name without filling: the braces then stay, and a test would show them. */
export const sayer =
  (language: Language): Say =>
  (key, filling = {}) =>
    TEXTS[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(filling[name] ?? whole));

/** `a, b and c`. */
export function listed(say: Say, items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  const first = items.slice(0, -1).join(say('list.comma'));
  return first === '' ? last : say('list.and', { first, last });
}
