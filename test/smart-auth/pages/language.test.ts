import { expect, test } from '@jest/globals';
import { languageCookie, languageOf } from '../../../src/smart-auth/pages/language.ts';

const URL = 'https://nadi.test';

test.each([
  ['nothing is known', {}, {}, 'en'],
  ['the browser prefers Hindi', {}, { 'accept-language': 'ta;q=0.9, hi-IN;q=0.8, en;q=0.5' }, 'hi'],
  ['the browser refuses Hindi', {}, { 'accept-language': 'hi;q=0, en' }, 'en'],
  ['the browser sends nonsense', {}, { 'accept-language': ';;q=x,,' }, 'en'],
  ['the app asks for Hindi', { ui_locales: 'fr hi-IN en' }, { 'accept-language': 'en' }, 'hi'],
  ['the app asks for what there is not', { ui_locales: 'fr de' }, { 'accept-language': 'hi' }, 'hi'],
  ['the person chose before', { ui_locales: 'en' }, { cookie: 'a=b; __Host-nadi-language=hi' }, 'hi'],
  ['another host set the cookie', {}, { cookie: 'nadi-language=hi' }, 'en'],
  ['the person chooses now', { lang: 'en', ui_locales: 'hi' }, { cookie: '__Host-nadi-language=hi' }, 'en'],
  ['the choice is none', { lang: 'toString' }, {}, 'en'],
])('%s', (_name, wishes, headers, expected) => {
  expect(languageOf(wishes, headers, URL)).toBe(expected);
});

test('a choice is kept, a wish of the app is not', () => {
  expect(languageCookie({ lang: 'hi' }, URL)).toMatch(/^__Host-nadi-language=hi; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+; Secure$/);
  expect(languageCookie({ ui_locales: 'hi' }, URL)).toBeUndefined();
  expect(languageCookie({ lang: 'hi; Domain=x' }, URL)).toBeUndefined();
});
