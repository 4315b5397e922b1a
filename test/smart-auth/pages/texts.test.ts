import { describe, expect, test } from '@jest/globals';
import { en } from '../../../src/smart-auth/pages/texts/en.ts';
import { hi } from '../../../src/smart-auth/pages/texts/hi.ts';
import { listed, sayer, type TextKey } from '../../../src/smart-auth/pages/texts/index.ts';

const namesIn = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();

test('both languages have the same keys', () => {
  expect(Object.keys(hi).toSorted()).toEqual(Object.keys(en).toSorted());
});

describe.each(Object.keys(en) as TextKey[])('%s', (key) => {
  test('says something in both languages, with the same names to fill in', () => {
    expect(en[key].length).toBeGreaterThan(0);
    expect(hi[key].length).toBeGreaterThan(0);
    expect(namesIn(hi[key])).toEqual(namesIn(en[key]));
  });
});

test('what is filled in is not filled in again', () => {
  expect(sayer('en')('consent.who', { name: '{email}', email: 'a@b.in' })).toBe('Signed in as {email} (a@b.in)');
});

test('lists read as people say them', () => {
  expect(listed(sayer('en'), ['see', 'add', 'change'])).toBe('see, add and change');
  expect(listed(sayer('hi'), ['देखना', 'बदलना'])).toBe('देखना और बदलना');
  expect(listed(sayer('en'), ['see'])).toBe('see');
  expect(listed(sayer('en'), [])).toBe('');
});
