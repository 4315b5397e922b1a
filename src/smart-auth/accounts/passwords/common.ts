/** The passwords that are refused, whatever their length. */
import { ENDINGS, WHOLE, WORDS } from './common-words.ts';

const listed = (text: string): string[] => text.trim().split(/\s+/);

const COMMON: ReadonlySet<string> = new Set([
  ...listed(WHOLE),
  ...listed(WORDS).flatMap((word) => [word, word + word, ...listed(ENDINGS).map((ending) => word + ending)]),
]);

/** Signs that stand for letters. */
const DISGUISES: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't',
};

const MANY = 4;

/** Whether it is on the list, in whatever case, with signs for letters or spaces; or made of fewer than four different characters. */
export function isCommon(password: string): boolean {
  const text = password.normalize('NFKC').toLowerCase().replace(/\s+/g, '');
  return new Set(text).size < MANY || COMMON.has(text) || COMMON.has(undisguised(text));
}

/** Of the word in front, not of the figures behind it. */
function undisguised(text: string): string {
  const [, word = '', rest = ''] = /^(.*[a-z])([^a-z]*)$/.exec(text) ?? [];
  return word.replace(/./gu, (c) => DISGUISES[c] ?? c) + rest;
}
