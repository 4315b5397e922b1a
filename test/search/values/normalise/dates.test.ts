import { describe, expect, it } from '@jest/globals';
import { createDateRange } from '../../../../src/fhir/search/values/normalise/dates.ts';

const range = createDateRange();
const iso = (text: string, zone: string): string | undefined => {
  const span = range(text, zone);
  return span && `${new Date(span.lo).toISOString()} ${new Date(span.hi).toISOString()}`;
};

const CASES: readonly (readonly [text: string, zone: string, lo: string, hi: string])[] = [
  ['1980', 'UTC', '1980-01-01T00:00:00.000Z', '1980-12-31T23:59:59.999Z'],
  ['1980-02', 'UTC', '1980-02-01T00:00:00.000Z', '1980-02-29T23:59:59.999Z'],
  ['0001', 'UTC', '0001-01-01T00:00:00.000Z', '0001-12-31T23:59:59.999Z'],
  ['9999-12-31', 'UTC', '9999-12-31T00:00:00.000Z', '9999-12-31T23:59:59.999Z'],
  ['2000-02-29', 'Asia/Kolkata', '2000-02-28T18:30:00.000Z', '2000-02-29T18:29:59.999Z'],
  ['2024-03-10T10:15', 'Asia/Kolkata', '2024-03-10T04:45:00.000Z', '2024-03-10T04:45:59.999Z'],
  ['2024-03-10T10:15Z', 'Asia/Kolkata', '2024-03-10T10:15:00.000Z', '2024-03-10T10:15:59.999Z'],
  ['2024-03-10T10:15:30+05:30', 'UTC', '2024-03-10T04:45:30.000Z', '2024-03-10T04:45:30.999Z'],
  ['2024-03-10T10:15:30 05:30', 'UTC', '2024-03-10T04:45:30.000Z', '2024-03-10T04:45:30.999Z'],
  ['2024-03-10T10:15:30-08:00', 'UTC', '2024-03-10T18:15:30.000Z', '2024-03-10T18:15:30.999Z'],
  ['2024-03-10T10:15:30.5Z', 'UTC', '2024-03-10T10:15:30.500Z', '2024-03-10T10:15:30.599Z'],
  ['2024-03-10T10:15:30.123Z', 'UTC', '2024-03-10T10:15:30.123Z', '2024-03-10T10:15:30.123Z'],
  ['2024-03-10T10:15:30.123987654Z', 'UTC', '2024-03-10T10:15:30.123Z', '2024-03-10T10:15:30.123Z'],
  ['2016-12-31T23:59:60Z', 'UTC', '2017-01-01T00:00:00.000Z', '2017-01-01T00:00:00.999Z'],
  // New York: the day of the change has 23 hours in spring, 25 in autumn.
  ['2024-03-10', 'America/New_York', '2024-03-10T05:00:00.000Z', '2024-03-11T03:59:59.999Z'],
  ['2024-11-03', 'America/New_York', '2024-11-03T04:00:00.000Z', '2024-11-04T04:59:59.999Z'],
  ['2024', 'America/New_York', '2024-01-01T05:00:00.000Z', '2025-01-01T04:59:59.999Z'],
  // An hour that the clock skips collapses onto the change; one that it repeats is taken the first time.
  ['2024-03-10T02:30', 'America/New_York', '2024-03-10T07:00:00.000Z', '2024-03-10T07:00:00.000Z'],
  ['2024-11-03T01:30', 'America/New_York', '2024-11-03T05:30:00.000Z', '2024-11-03T05:30:59.999Z'],
  // Midnight itself is skipped in Cairo and was in São Paulo.
  ['2024-04-26', 'Africa/Cairo', '2024-04-25T22:00:00.000Z', '2024-04-26T20:59:59.999Z'],
  ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z', '2018-11-05T01:59:59.999Z'],
  // Samoa left out a whole day; Nepal and old local mean times have odd offsets.
  ['2011-12-31', 'Pacific/Apia', '2011-12-30T10:00:00.000Z', '2011-12-31T09:59:59.999Z'],
  ['2020-01-01', 'Asia/Kathmandu', '2019-12-31T18:15:00.000Z', '2020-01-01T18:14:59.999Z'],
  ['1850-01-01', 'Asia/Kolkata', '1849-12-31T18:06:32.000Z', '1850-01-01T18:06:31.999Z'],
];

const BAD = [
  '',
  '80',
  '198',
  '1980-',
  '1980-13',
  '1980-00',
  '1980-2',
  '1980-02-30',
  '1900-02-29',
  '2023-04-31',
  '1980-01-01T',
  '1980-01-01T10',
  '1980-01-01T24:00',
  '1980-01-01T10:60',
  '1980-01-01T10:00:61',
  '1980-01-01T10:00:00.',
  '1980-01-01T10:00:00.Z',
  '1980-01-01T10:00:00z',
  '1980-01-01T10:00:00+5',
  '1980-01-01T10:00:00+15:00',
  '1980-01-01T10:00:00Z ',
  '1980-01-01 10:00',
  '0000',
  '12345',
  '-100',
  'today',
  '2020-01-01Z',
  '２０２０',
  `2020-01-01T10:00:00.${'1'.repeat(100)}Z`,
];

describe('dateRange', () => {
  it.each(CASES)('%s in %s', (text, zone, lo, hi) => {
    expect(iso(text, zone)).toBe(`${lo} ${hi}`);
  });

  it.each(BAD)('refuses %p', (text) => {
    expect(range(text, 'America/New_York')).toBeUndefined();
  });

  it('throws for a zone that does not exist', () => {
    expect(() => range('1980', 'Mars/Olympus')).toThrow(RangeError);
  });

  it.each([
    'America/New_York',
    'Europe/London',
    'Australia/Lord_Howe',
    'Africa/Casablanca',
    'Pacific/Apia',
    'America/Sao_Paulo',
    'Asia/Kolkata',
  ])('days of %s follow each other without gap or overlap', (zone) => {
    let last: number | undefined;
    for (let day = Date.UTC(2012, 0, 1); day < Date.UTC(2022, 0, 1); day += 86_400_000) {
      const span = range(new Date(day).toISOString().slice(0, 10), zone);
      expect(last === undefined ? span?.lo : last + 1).toBe(span?.lo);
      last = span?.hi;
    }
  });
});
