import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FhirError } from '../../src/fhir/outcome/error.ts';
import { print } from '../../src/fhir/search/print.ts';
import { rewrite } from '../../src/fhir/search/rewrite/index.ts';
import { OPEN_ACCESS, parse, parserDeps } from './set-up.ts';
import { longer } from '../soak.ts';

const TYPES = ['Patient', 'Observation', 'Encounter', 'ValueSet', 'RiskAssessment', 'Claim'];
const codes = TYPES.flatMap((t) => parserDeps.registry.all(t).map((p) => p.code));

const name = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...codes,
      '_sort',
      '_count',
      '_include',
      '_revinclude',
      '_type',
      '_elements',
      '_total',
      '_summary',
      '_cursor',
    ),
  },
  fc
    .tuple(
      fc.constantFrom(...codes),
      fc.constantFrom('missing', 'not', 'exact', 'contains', 'text', 'of-type', 'identifier', 'below', 'Patient', 'x'),
    )
    .map((p) => p.join(':')),
  fc.array(fc.constantFrom(...codes, 'subject:Patient'), { minLength: 2, maxLength: 4 }).map((p) => p.join('.')),
  fc.tuple(fc.constantFrom(...TYPES, 'X'), fc.constantFrom(...codes), fc.constantFrom(...codes)).map((p) => `_has:${p.join(':')}`),
  fc.string(),
);
const pieces = fc.constantFrom(
  'eq',
  'ge',
  'ap',
  '2000',
  '-01',
  'T10:00',
  'Z',
  '5.40',
  '1e3',
  '|',
  '$',
  ',',
  '\\',
  '/',
  ':',
  'Patient/1',
  'http://a.b/c',
  '*',
  '%',
  '%2C',
  '%zz',
  '+',
  ' ',
  '\u0301',
  'é',
);
const value = fc.oneof(
  { weight: 2, arbitrary: fc.array(pieces, { maxLength: 6 }).map((p) => p.join('')) },
  fc.string(),
  fc.string({ unit: 'binary' }),
);
const query = fc
  .array(fc.tuple(name, value, fc.constantFrom('=', '', '==')), { maxLength: 5 })
  .map((pairs) => pairs.map(([n, v, is]) => `${n}${is}${v}`).join('&'));

it('parses any query, or says what is wrong with it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...TYPES, ''), query, fc.constantFrom('strict', 'lenient'), (type, text, handling) => {
      try {
        const parsed = parse(`${type}?${text}`, { query: text, handling });
        expect(print(rewrite(parsed.where, parsed.types, OPEN_ACCESS))).not.toBe('');
      } catch (error) {
        expect(error).toBeInstanceOf(FhirError);
        expect((error as FhirError).status).toBeLessThan(500);
        for (const issue of (error as FhirError).issues) expect([issue.rule, issue.hint]).not.toContain('');
      }
    }),
    { numRuns: longer(3000) },
  );
});

it('says the same of a query that was put together from what it understood', () => {
  fc.assert(
    fc.property(fc.constantFrom(...TYPES), query, (type, text) => {
      let parsed;
      try {
        parsed = parse(`${type}?`, { query: text, handling: 'lenient' });
      } catch {
        return;
      }
      const again = parse(`${type}?`, { query: parsed.applied.map((p) => p.raw).join('&') });
      expect(again).toEqual({ ...parsed, ignored: [], cursor: undefined });
    }),
    { numRuns: longer(1000) },
  );
});
