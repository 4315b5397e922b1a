import { describe, expect, it } from '@jest/globals';
import { prefixEnd } from '../../../src/fhir/store/sqlite/compile/bounds.ts';

describe('the end of a prefix', () => {
  it.each([
    ['a', 'b'],
    ['az', 'a{'],
    ['a\u{10ffff}', 'b'],
    ['a\u{1f600}', 'a\u{1f601}'],
    ['\u{1f600}a', '\u{1f600}b'],
    ['\ud7ff', '\ue000'],
    ['\uffff', '\u{10000}'],
    ['\u{10ffff}', undefined],
    ['', undefined],
  ])('of %j is %j', (prefix, end) => expect(prefixEnd(prefix)).toBe(end));

  it('takes a prefix of any length', () => expect(prefixEnd('z'.repeat(300_000))).toBe(`${'z'.repeat(299_999)}{`));
});
