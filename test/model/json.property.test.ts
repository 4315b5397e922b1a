import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asResourceId } from '../../src/fhir/model/ids.ts';
import { bodyOf, JSON_LIMITS, parseJson, toResourceText } from '../../src/fhir/model/json.ts';
import { createTokenizer } from '../../src/fhir/model/json/tokens.ts';
import { FhirError } from '../../src/fhir/outcome/error.ts';
import { longer } from '../soak.ts';

const SILENT = { open: () => {}, close: () => {}, key: () => {}, leaf: () => {} };

const numberText = fc.oneof(
  fc
    .tuple(fc.constantFrom('', '-'), fc.nat(99), fc.stringMatching(/^[0-9]{1,25}$/))
    .map(([sign, whole, digits]) => `${sign}${whole}.${digits}`),
  fc.tuple(fc.integer(), fc.constantFrom('e', 'E', 'e+', 'E-'), fc.nat(20)).map(([m, e, exponent]) => `${m}${e}${exponent}`),
  fc.stringMatching(/^-?[1-9][0-9]{0,30}$/),
);
const stringText = fc.string({ unit: 'binary' }).map((s) => JSON.stringify(s));
/** JSON texts with number texts of every form; keys of an object differ. */
const { value: valueText } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    numberText,
    stringText,
    fc.constantFrom('true', 'false', 'null'),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[ ${items.join(' ,\n')}]`),
    fc.dictionary(fc.string({ maxLength: 5 }), tie('value'), { maxKeys: 4 }).map(
      (o) =>
        `{${Object.entries(o)
          .map(([k, v]) => `${JSON.stringify(k)}: ${v}`)
          .join(',')}}`,
    ),
  ),
}));
const objectText = valueText.filter((text) => !text.includes('__proto__')).map((text) => `{"v":${text}}`);

const numbersIn = (text: string): string[] => text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').match(/-?\d[\d.eE+-]*/g) ?? [];
const attempt = <T>(action: () => T): T | 'refused' => {
  try {
    return action();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof FhirError) return 'refused';
    throw error;
  }
};
const parse = (text: string) => parseJson(Buffer.from(text), JSON_LIMITS);

describe('the JSON edge, for any text', () => {
  it('reads what JSON.parse reads, and the text of every number survives', () => {
    fc.assert(
      fc.property(objectText, (text) => {
        const document = parse(text);
        expect(document.value).toEqual(JSON.parse(text));
        expect(JSON.parse(JSON.stringify(document.exact))).toEqual(JSON.parse(JSON.stringify(document.value)));
        expect(numbersIn(JSON.stringify(document.exact)).toSorted()).toEqual(numbersIn(text).toSorted());
      }),
    );
  });

  it('refuses what JSON.parse refuses, and nothing else', () => {
    const edit = fc.record({
      at: fc.nat(),
      cut: fc.nat(2),
      put: fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', '\\', '0', '-', '.', 'e', ' ', 'true', '\u0001', '\n'),
    });
    fc.assert(
      fc.property(objectText, edit, (text, { at, cut, put }) => {
        const i = at % (text.length + 1);
        const broken = (text.slice(0, i) + put + text.slice(i + cut)).toWellFormed();
        const expected = attempt(() => JSON.parse(broken) as unknown);
        const bytes = Buffer.from(broken);
        const read = attempt(() => createTokenizer(bytes, JSON_LIMITS, SILENT).run(bytes.length));
        const outOfRange = numbersIn(broken).some((n) => Math.abs(Number(n)) === Infinity);
        expect(read).toBe(expected === 'refused' || outOfRange ? 'refused' : true);
        const edge = attempt(() => parse(broken).value);
        if (expected === 'refused') expect(edge).toBe('refused');
        else if (edge !== 'refused') expect(edge).toEqual(expected);
      }),
      { numRuns: longer(2000) },
    );
  });

  it('reads the same whatever the strides', () => {
    fc.assert(
      fc.property(objectText, fc.integer({ min: 1, max: 7 }), (text, stride) => {
        const bytes = Buffer.from(text);
        const log = (step: number): string[] => {
          const seen: string[] = [];
          const note =
            (name: string) =>
            (...at: unknown[]) =>
              void seen.push(`${name} ${at.join(' ')}`);
          const tokenizer = createTokenizer(bytes, JSON_LIMITS, {
            open: note('open'),
            close: note('close'),
            key: note('key'),
            leaf: note('leaf'),
          });
          for (let until = step; !tokenizer.run(until); until += step);
          return seen;
        };
        expect(log(stride)).toEqual(log(bytes.length));
      }),
    );
  });

  it('writes a body that parses back equal, but for id and meta', () => {
    fc.assert(
      fc.property(objectText, fc.shuffledSubarray(['resourceType', 'id', 'meta', 'v']), (text, order) => {
        const parts = { ...parse(text).exact, resourceType: 'Basic', id: 'old', meta: { versionId: '7', profile: ['http://p'] } };
        const exact = Object.fromEntries(order.map((key) => [key, parts[key as keyof typeof parts]]));
        const body = Buffer.from(bodyOf(toResourceText(exact, asResourceId('new')), 2, 0));
        const back = parseJson(body, JSON_LIMITS).exact;
        const meta = {
          versionId: '2',
          lastUpdated: '1970-01-01T00:00:00.000Z',
          ...(order.includes('meta') ? { profile: ['http://p'] } : {}),
        };
        expect(JSON.parse(JSON.stringify(back))).toEqual(JSON.parse(JSON.stringify({ ...exact, id: 'new', meta })));
        expect(Object.keys(back).filter((k) => order.includes(k))).toEqual(order);
      }),
    );
  });
});
