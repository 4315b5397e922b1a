import { describe, expect, it } from '@jest/globals';
import { PRIMITIVES } from '../../src/fhir/validation/forms/primitives.ts';
import { definitions } from './set-up.ts';

const LONGEST = 'x'.repeat(1024 * 1024);
const DATES = ['1980', '1980-02', '1980-02-29', '0001', '9999-12-31', '2000-02-29', '2024-02-29'];
const NO_DATES = [
  '',
  '0000',
  '980',
  '19800',
  '1980-',
  '1980-00',
  '1980-13',
  '1980-2',
  '1980-02-30',
  '1981-02-29',
  '1900-02-29',
  '1980-04-31',
  '1980-02-00',
  '1980/02/03',
  '1980-02-03 ',
  ' 1980',
  '-1980',
  '1980-02-3',
  '１９８０',
];
const TIMES = ['T00:00:00Z', 'T23:59:60Z', 'T10:30:00.123456789+05:30', 'T10:30:00-14:00', 'T10:30:00+00:00'];
const NO_TIMES = [
  'T10:30:00',
  'T10:30Z',
  'T10:30',
  'T24:00:00Z',
  'T10:60:00Z',
  'T10:30:61Z',
  'T10:30:00+14:01',
  'T10:30:00+15:00',
  'T10:30:00.Z',
  'T10:30:00z',
  't10:30:00Z',
  ' 10:30:00Z',
  'T10:30:00+0530',
  'T10:30:00Z ',
  'T1a:30:00Z',
];

const FORMS: Record<string, { good: unknown[]; bad: unknown[] }> = {
  boolean: { good: [true, false], bad: ['true', 1, 0, null, undefined] },
  integer: { good: [0, -1, 2_147_483_647, -2_147_483_648], bad: [2_147_483_648, -2_147_483_649, 1.5, '1', Infinity, null] },
  unsignedInt: { good: [0, 2_147_483_647], bad: [-1, 2_147_483_648, 0.5, '0'] },
  positiveInt: { good: [1, 2_147_483_647], bad: [0, -1, 2_147_483_648, '1'] },
  decimal: { good: [0, -1.5, 1e300, 1e-300], bad: [Infinity, NaN, '1.5', null] },
  string: { good: ['x', ' ', 'a\tb\r\nc', '😀', LONGEST], bad: ['', 'a\u0000', 'a\u001f', 'a\ud800', `${LONGEST}x`, 1, null] },
  markdown: { good: ['# x\n\ny'], bad: ['', 'a\u0008'] },
  code: { good: ['x', 'a b', 'entered-in-error'], bad: ['', ' x', 'x ', 'a  b', 'a\n\nb', ' ', 'a\u0001'] },
  id: { good: ['x', 'A-z.9', 'x'.repeat(64)], bad: ['', 'x'.repeat(65), 'a_b', 'a b', 'a/b', 'é'] },
  uri: { good: ['x', 'http://x.org/%20', 'urn:x:y', '#a'], bad: ['', 'a b', ' x', 'x\n', 'a\u00a0b'] },
  url: { good: ['https://x.org'], bad: ['', 'a b'] },
  canonical: { good: ['http://x.org/y|1.0#z'], bad: ['', 'a b'] },
  oid: {
    good: ['urn:oid:1.2.840.113619', 'urn:oid:2.0'],
    bad: ['1.2.3', 'urn:oid:3.1', 'urn:oid:1', 'urn:oid:1.02', 'urn:oid:1..2', 'urn:oid:1.2.', 'urn:oid:1.a', 'urn:oid:12.3'],
  },
  uuid: {
    good: ['urn:uuid:c757873d-ec9a-4326-a141-556f43239520'],
    bad: ['c757873d-ec9a-4326-a141-556f43239520', 'urn:uuid:C757873D-EC9A-4326-A141-556F43239520', 'urn:uuid:c757873d'],
  },
  base64Binary: {
    good: ['AAAA', 'AAA=', 'AA==', 'aGVs\nbG8=', ' +/09 ', 'A A A A'],
    bad: ['', ' ', 'A', 'AA', 'AAA', 'A===', 'AA=A', '====', 'AAAAA', '%%%%', 'AA_-', 'ÀAAA'],
  },
  date: { good: DATES, bad: [...NO_DATES, '1980-02-03T10:30:00Z'] },
  dateTime: {
    good: [...DATES, ...TIMES.map((t) => '1980-02-03' + t)],
    bad: [...NO_DATES, ...NO_TIMES.map((t) => '1980-02-03' + t), '1980-02T10:30:00Z', '1980-02-30T10:30:00Z'],
  },
  instant: { good: TIMES.map((t) => '1980-02-03' + t), bad: [...NO_TIMES.map((t) => '1980-02-03' + t), '1980-02-03', '1980'] },
  time: { good: ['00:00:00', '23:59:59.999', '12:30:60'], bad: ['', '24:00:00', '12:30', '12:30:00Z', '1:30:00', '12:30:00.'] },
  xhtml: { good: ['<div xmlns="http://www.w3.org/1999/xhtml">x</div>'], bad: ['', 'x', '<p>x</p>', 1] },
};

describe.each(Object.entries(FORMS))('%s', (type, { good, bad }) => {
  const accepts = PRIMITIVES[type]?.accepts;
  it('takes its values', () => expect(good.filter((v) => accepts?.(v) !== true)).toEqual([]));
  it('refuses others', () => expect(bad.filter((v) => accepts?.(v) !== false)).toEqual([]));
});

it('has a row for each primitive type of R4', () => {
  const types = Object.values(definitions.types).filter((t) => t.kind === 'primitive');
  expect(types.map((t) => t.name).sort()).toEqual(Object.keys(PRIMITIVES).sort());
  expect(Object.keys(FORMS).sort()).toEqual(Object.keys(PRIMITIVES).sort());
});

it.each(Object.keys(PRIMITIVES))('%s takes megabytes of nonsense in its stride', (type) => {
  const accepts = PRIMITIVES[type]?.accepts;
  for (const text of [
    'a '.repeat(4_000_000),
    '1.'.repeat(4_000_000),
    '<div '.repeat(1_000_000),
    'A'.repeat(8_000_000) + '!',
    `urn:oid:1${'.1'.repeat(4_000_000)}a`,
  ]) {
    expect([true, false]).toContain(accepts?.(text));
  }
});
