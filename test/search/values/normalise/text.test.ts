import { describe, expect, it } from '@jest/globals';
import { fold } from '../../../../src/fhir/search/values/normalise/fold.ts';
import { numberRange } from '../../../../src/fhir/search/values/normalise/numbers.ts';

describe('fold', () => {
  it.each([
    ['', ''],
    ['peter', 'peter'],
    ['Peter', 'peter'],
    ['  Peter \t James\n', 'peter james'],
    ['   ', ''],
    ['Müller', 'muller'],
    ['Mu\u0308ller', 'muller'],
    ['François-Désirée', 'francois-desiree'],
    ['Ångström', 'angstrom'],
    ['İstanbul IŞIK ışık', 'istanbul isik isik'],
    ['Straße', 'strasse'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['οδός', 'οδοσ'],
    ['Ёлка', 'елка'],
    ['Łódź', 'lodz'],
    ['ﬁne', 'fine'],
    ['Ｆｕｌｌ\u00a0width', 'full width'],
    ['क्षत्रिय', 'क्षत्रिय'],
    ['नाडी परीक्षा', 'नाडी परीक्षा'],
    ['श्री\u200dराम', 'श्रीराम'],
    ['ஆயுர்வேதம்', 'ஆயுர்வேதம்'],
    ['李小龙', '李小龙'],
    ['a\u0000b', 'a\u0000b'],
  ])('%p → %p', (text, folded) => {
    expect(fold(text)).toBe(folded);
  });

  it.each(['Café  NOIR', 'क़लम', 'ÞÓR', 'Ǆ ŉ', '한국'])('is idempotent for %p', (text) => {
    expect(fold(fold(text))).toBe(fold(text));
  });
});

describe('numberRange', () => {
  it.each([
    ['100', 100, 99.5, 100.5],
    ['100.00', 100, 99.995, 100.005],
    ['1e2', 100, 95, 105],
    ['1.0e2', 100, 95, 105],
    ['1.00E2', 100, 99.5, 100.5],
    ['1e-2', 0.01, 0.0095, 0.0105],
    ['5.4', 5.4, 5.35, 5.45],
    ['5.40', 5.4, 5.395, 5.405],
    ['0', 0, -0.5, 0.5],
    ['-7', -7, -7.5, -6.5],
    ['-0.1', -0.1, -0.15, -0.05],
    ['+3', 3, 2.5, 3.5],
    ['0.1', 0.1, 0.05, 0.15],
    ['007', 7, 6.5, 7.5],
  ])('%s is %d in [%d, %d)', (text, value, lo, hi) => {
    expect(numberRange(text)).toEqual({ value, lo, hi });
  });

  it.each(['', ' ', 'x', '1,5', '.5', '5.', '1e', '0x10', 'NaN', 'Infinity', '1e999', '1 ', '--1', '9'.repeat(61)])(
    'refuses %p',
    (text) => {
      expect(numberRange(text)).toBeUndefined();
    },
  );
});
