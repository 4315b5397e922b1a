/** What pages say, for what browsers rarely get to. */
import { describe, expect, test } from '@jest/globals';
import { dateInWords } from '../../../src/smart-auth/pages/dates.ts';
import { scopeLine } from '../../../src/smart-auth/pages/scope-lines.ts';
import { scopeText } from '../../../src/smart-auth/pages/scope-text.ts';
import { consentPage, type ConsentView } from '../../../src/smart-auth/pages/views/consent.ts';
import { leavePage } from '../../../src/smart-auth/pages/views/leave.ts';
import { visit } from './set-up.ts';

const TYPES = new Set(['Patient', 'Observation', 'Appointment', 'AllergyIntolerance']);
const VIEW: ConsentView = {
  tx: 'tx',
  app: 'App',
  clinic: 'Clinic',
  returnsTo: 'app.example',
  account: 'a',
  person: { name: 'Asha', email: 'a@b.in' },
  lines: [],
  isOwn: true,
};

describe('a scope', () => {
  test.each([
    ['patient/AllergyIntolerance.rs', 'of-patient', [], 'See allergies'],
    ['user/Appointment.cruds', 'of-everyone', ['write'], 'See, add, change and delete appointments'],
    ['user/Appointment.write', 'of-everyone', ['write'], 'Add, change and delete appointments'],
    ['patient/*.rs', 'of-patient', ['everything'], 'See all records'],
    ['patient/*.*', 'of-patient', ['everything', 'write'], 'See, add, change and delete all records'],
    ['openid', 'identity', [], 'Know that it is you'],
    ['offline_access', 'how-long', [], 'Keep access while you are away'],
    ['what/ever', 'unknown', [], 'Use “what/ever”'],
  ])('%s', (scope, heading, warns, text) => {
    const line = scopeLine(scope, TYPES);
    expect(line).toMatchObject({ scope, heading, warns });
    expect(scopeText('en', visit().say, line).text).toBe(text);
  });

  test('of a part of the records says which part', () => {
    const line = scopeLine('user/Observation.rs?code=1234', TYPES);
    expect(scopeText('en', visit().say, line).detail).toBe('only where code=1234');
  });
});

test('where nothing may be allowed, the person can only refuse', () => {
  const page = consentPage(visit(), VIEW).main.toString();
  expect(page).toContain('Your role allows nothing of what this app asks for.');
  expect(page).toContain('value="deny"');
  expect(page).not.toContain('value="allow"');
});

describe('the way back to the app', () => {
  const leave = (location: string) => leavePage(visit(), { app: 'App', returnsTo: 'app', location, isAllowed: true });
  test.each(['https://app.example/cb?code=1&state=%22', 'com.example.app:/cb?code=1'])('%s', (location) => {
    expect(leave(location).onward).toBe(location);
  });
  test.each(['javascript:alert(1)', 'JAVASCRIPT:alert(1)', ' data:text/html,x', 'java\nscript:alert(1)', 'no address'])(
    '%j is none',
    (location) => {
      expect(() => leave(location)).toThrow();
    },
  );
});

test.each([
  ['1984', '1984'],
  ['1984-03', 'March 1984'],
  ['1984-03-27', '27 March 1984'],
  ['unknown', 'unknown'],
])('a birth date of %s reads %s', (date, words) => {
  expect(dateInWords('en', date)).toBe(words);
});
