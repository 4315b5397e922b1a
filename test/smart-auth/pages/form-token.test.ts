import { describe, expect, test } from '@jest/globals';
import { formSecretOf, formToken, isOwnForm } from '../../../src/smart-auth/pages/form-token.ts';

const URL = 'https://nadi.test';
const { secret, cookie = '' } = formSecretOf(URL, undefined);
const headers = { cookie: `x=y; ${cookie.split(';', 1)[0] ?? ''}` };
const about = ['consent', 'tx', 'account'];
const token = formToken(secret, about);

test('a browser gets a secret once', () => {
  expect(cookie).toMatch(/^__Host-nadi-form=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
  expect(formSecretOf(URL, headers.cookie)).toEqual({ secret });
  expect(formSecretOf(URL, '__Host-nadi-form=short').secret).not.toBe('short');
});

describe('a form', () => {
  test.each([
    ['of this browser', headers, about, token, true],
    ['sent by a page of ours, as browsers say', { ...headers, 'sec-fetch-site': 'same-origin', origin: 'null' }, about, token, true],
    ['of our origin', { ...headers, origin: URL }, about, token, true],
    ['without the cookie', {}, about, token, false],
    ['with the cookie that another host may set', { cookie: `nadi-form=${secret}` }, about, token, false],
    ['of another browser', { cookie: `__Host-nadi-form=${'a'.repeat(43)}` }, about, token, false],
    ['for another transaction', headers, ['consent', 'other', 'account'], token, false],
    ['for another person', headers, ['consent', 'tx', 'other'], token, false],
    ['whose parts are split elsewhere', headers, ['consent', 'txaccount'], token, false],
    ['without a token', headers, about, '', false],
    ['sent by another site', { ...headers, 'sec-fetch-site': 'cross-site' }, about, token, false],
    ['sent by a sister host', { ...headers, 'sec-fetch-site': 'same-site' }, about, token, false],
    ['of another origin', { ...headers, origin: 'https://evil.test' }, about, token, false],
  ])('%s', (_name, sent, of, shown, expected) => {
    expect(isOwnForm(URL, sent, of, shown)).toBe(expected);
  });
});
