import { describe, expect, it } from '@jest/globals';
import { FhirError } from '../../src/fhir/outcome/error.ts';
import type { ErrorKind } from '../../src/fhir/outcome/kinds.ts';
import { print } from '../../src/fhir/search/print.ts';
import { parse } from './set-up.ts';

/** What parsing a search throws. */
function failure(search: string): FhirError {
  try {
    parse(search);
  } catch (error) {
    if (error instanceof FhirError) return error;
    throw error;
  }
  throw new Error(`${search} was accepted`);
}

const REFUSED: readonly (readonly [search: string, kind: ErrorKind, where: string, hint?: string])[] = [
  ['Patient?famly=x', 'unknown-parameter', 'famly', 'Did you mean family?'],
  ['Patient?birthDate=2000', 'unknown-parameter', 'birthDate', 'Did you mean birthdate?'],
  ['Patient?family[$ne]=x', 'unknown-parameter', 'family[$ne]'],
  ['Patient?__proto__=x', 'unknown-parameter', '__proto__'],
  ['Patient?constructor=x', 'unknown-parameter', 'constructor'],
  ['Patient?=x', 'unknown-parameter', ''],
  ['Patient?_text=x', 'unknown-parameter', '_text'],
  ['Patient?_filter=x', 'unknown-parameter', '_filter'],
  ['Location?near=1', 'unknown-parameter', 'near'],
  ['?gender=male', 'unknown-parameter', 'gender'],
  ['?_type=Patient,Observation&gender=male', 'unknown-parameter', 'gender'],
  ['Patient?name', 'invalid-parameter', 'name'],
  ['Patient?name=', 'invalid-parameter', 'name'],
  ['Patient?name=a,,b', 'invalid-parameter', 'name'],
  ['Patient?name=%CC%81', 'invalid-parameter', 'name'],
  ['Patient?name=%', 'invalid-parameter', 'query'],
  ['Patient?name=%C3%28', 'invalid-parameter', 'query'],
  ['Patient?name:foo=x', 'invalid-parameter', 'name:foo', 'Use one of :missing, :exact, :contains, or none.'],
  ['Patient?name:not=x', 'invalid-parameter', 'name:not'],
  ['Patient?name:exact:contains=x', 'invalid-parameter', 'name:exact:contains'],
  ['Patient?gender:exact=male', 'invalid-parameter', 'gender:exact'],
  ['Patient?gender:in=http://x', 'invalid-parameter', 'gender:in'],
  ['Patient?gender:missing=maybe', 'invalid-parameter', 'gender:missing'],
  ['Patient?birthdate:exact=2000', 'invalid-parameter', 'birthdate:exact'],
  ['Patient?birthdate=yesterday', 'invalid-parameter', 'birthdate'],
  ['Patient?birthdate=2000-02-30', 'invalid-parameter', 'birthdate'],
  ['Patient?birthdate=xx2000', 'invalid-parameter', 'birthdate'],
  ['Patient?birthdate=ge', 'invalid-parameter', 'birthdate'],
  ['Patient?identifier=|', 'invalid-parameter', 'identifier'],
  ['Patient?identifier=a|b|c', 'invalid-parameter', 'identifier'],
  ['Patient?identifier:of-type=a|b', 'invalid-parameter', 'identifier:of-type'],
  ['Patient?_id=a$ne', 'invalid-parameter', '_id'],
  ['Patient?_id=a/b', 'invalid-parameter', '_id'],
  [`Patient?_id=${'a'.repeat(65)}`, 'invalid-parameter', '_id'],
  ['Patient?_id:text=a', 'invalid-parameter', '_id:text'],
  ['Observation?subject=Patient/a b', 'invalid-parameter', 'subject'],
  ['Observation?subject=Patient/1/_history/2', 'invalid-parameter', 'subject'],
  ['Observation?subject=Nothing/1', 'invalid-parameter', 'subject'],
  ['Observation?subject:Claim=1', 'invalid-parameter', 'subject:Claim'],
  ['Observation?subject:Patient=Group/1', 'invalid-parameter', 'subject:Patient'],
  ['Observation?subject:Patient=http://x/Patient/1', 'invalid-parameter', 'subject:Patient'],
  ['Observation?value-quantity=a', 'invalid-parameter', 'value-quantity'],
  ['Observation?value-quantity=5|mg', 'invalid-parameter', 'value-quantity'],
  ['Observation?value-quantity=5|a|b|c', 'invalid-parameter', 'value-quantity'],
  ['Observation?code-value-quantity=a', 'invalid-parameter', 'code-value-quantity'],
  ['Observation?code-value-quantity=a$1$2', 'invalid-parameter', 'code-value-quantity'],
  ['Observation?code-value-quantity=a$', 'invalid-parameter', 'code-value-quantity'],
  ['Observation?code-value-quantity=a$b', 'invalid-parameter', 'code-value-quantity'],
  ['RiskAssessment?probability=1e999', 'invalid-parameter', 'probability'],
  ['RiskAssessment?probability=NaN', 'invalid-parameter', 'probability'],
  ['ValueSet?url:below=urn:oid:1.2', 'invalid-parameter', 'url:below'],
  ['Observation?code.text=x', 'invalid-parameter', 'code.text'],
  ['Observation?subject:Claim.status=x', 'invalid-parameter', 'subject:Claim.status'],
  ['Observation?subject.nothing=x', 'unknown-parameter', 'subject.nothing'],
  ['Observation?subject:Patient.nothing=x', 'unknown-parameter', 'nothing'],
  ['Observation?nothing.name=x', 'unknown-parameter', 'nothing.name'],
  ['Observation?subject.=x', 'unknown-parameter', 'subject.'],
  ['Patient?_has:Observation:patient=x', 'invalid-parameter', '_has:Observation:patient'],
  ['Patient?_has:Nothing:patient:code=x', 'invalid-parameter', '_has:Nothing:patient:code'],
  ['Patient?_has:Observation:code:code=x', 'invalid-parameter', '_has:Observation:code:code'],
  ['Patient?_has:Observation:encounter:code=x', 'invalid-parameter', '_has:Observation:encounter:code'],
  ['Patient?_has:Observation:patient:nothing=x', 'unknown-parameter', 'nothing'],
  ['Patient?_count=-1', 'invalid-parameter', '_count'],
  ['Patient?_count=1.5', 'invalid-parameter', '_count'],
  ['Patient?_count=1e9', 'invalid-parameter', '_count'],
  ['Patient?_count=', 'invalid-parameter', '_count'],
  ['Patient?_count=1&_count=2', 'invalid-parameter', '_count'],
  ['Patient?_sort=name&_sort=gender', 'invalid-parameter', '_sort'],
  ['Patient?_sort=name,-name', 'invalid-parameter', '_sort'],
  ['Patient?_sort=', 'invalid-parameter', '_sort'],
  ['Patient?_sort=nothing', 'unknown-parameter', '_sort'],
  ['Observation?_sort=code-value-quantity', 'invalid-parameter', '_sort'],
  ['Patient?_sort:asc=name', 'invalid-parameter', '_sort:asc'],
  ['Patient?_total=some', 'invalid-parameter', '_total'],
  ['Patient?_summary=maybe', 'invalid-parameter', '_summary'],
  ['Patient?_elements=name,nothing', 'invalid-parameter', '_elements'],
  ['Patient?_contained=true', 'invalid-parameter', '_contained'],
  ['Patient?_type=Patient', 'invalid-parameter', '_type'],
  ['?_type=Pateint', 'invalid-parameter', '_type', 'Did you mean Patient?'],
  ['Observation?_include=subject', 'invalid-parameter', '_include'],
  ['Observation?_include=Nothing:subject', 'invalid-parameter', '_include'],
  ['Observation?_include=Observation:code', 'invalid-parameter', '_include'],
  ['Observation?_include=Observation:subject:Claim', 'invalid-parameter', '_include'],
  ['Observation?_include=Observation:*:Nothing', 'invalid-parameter', '_include'],
  ['Observation?_include=Observation:subjekt', 'unknown-parameter', '_include', 'Did you mean subject?'],
  ['Observation?_include:all=*', 'invalid-parameter', '_include:all'],
];

const TOO_COSTLY: readonly { readonly name: string; readonly search: string }[] = [
  { name: 'values', search: `Patient?name=${'a,'.repeat(10_000)}b` },
  { name: 'characters of a value', search: `Patient?name:contains=${'a'.repeat(4001)}` },
  { name: 'segments of a URL', search: `ValueSet?url:above=http://x${'/a'.repeat(50)}` },
  { name: 'parameters', search: `Patient?${'name=a&'.repeat(101)}` },
  { name: 'includes', search: `Patient?${'_include=*&'.repeat(51)}` },
  { name: 'combinations of types', search: 'Observation?focus.subject.name=x' },
  { name: 'steps of a chain', search: `Organization?${'partof.'.repeat(200)}name=x` },
  { name: 'steps of _has', search: `Organization?${'_has:Organization:partof:'.repeat(200)}name=x` },
];

describe('what is refused', () => {
  it.each(REFUSED.map(([search, kind, where, hint]) => ({ search, kind, where, hint })))('$search', ({ search, kind, where, hint }) => {
    const [issue] = failure(search).issues;
    expect(issue).toMatchObject({ kind, where, ...(hint === undefined ? {} : { hint }) });
    expect(issue?.rule).not.toBe('');
  });
  it.each(TOO_COSTLY)('too many $name', ({ search }) => {
    expect(failure(search)).toMatchObject({ kind: 'too-costly', status: 422 });
  });
});

describe('lenient handling', () => {
  it('leaves out what it does not know, and says so', () => {
    const parsed = parse('Patient?famly=x&gender=male&_sort=nothing&_include=Patient:nobody', { handling: 'lenient' });
    expect(print(parsed.where)).toBe('(token gender male)');
    expect(parsed.ignored.map((i) => [i.where, i.severity])).toEqual([
      ['famly', 'warning'],
      ['_sort', 'warning'],
      ['_include', 'warning'],
    ]);
    expect(parsed.applied.map((p) => p.raw)).toEqual(['gender=male']);
    expect(parsed).toMatchObject({ sort: [], include: [] });
  });
  it('refuses what it knows and is wrong', () => {
    expect(() => parse('Patient?birthdate=x', { handling: 'lenient' })).toThrow(FhirError);
    expect(() => parse('Patient?gender:exact=x', { handling: 'lenient' })).toThrow(FhirError);
  });
});

describe('how to answer', () => {
  it.each([
    ['Patient?_count=5', { count: 5 }],
    ['Patient?_count=1000000000', { count: 1000 }],
    ['Patient?_count=99999999999999999999999999', { count: 1000 }],
    ['Patient?_count=0', { count: 0, summary: 'count' }],
    ['Patient?_summary=text', { summary: 'text', total: 'none' }],
    ['Patient?_total=accurate', { total: 'accurate' }],
    ['Patient?_elements=name,gender', { elements: ['name', 'gender'] }],
    ['Observation?_elements=value', { elements: ['value'] }],
    ['Patient?_cursor=abc', { cursor: 'abc', applied: [] }],
    [
      'Patient?_sort=-birthdate,_id',
      {
        sort: [
          { param: 'birthdate', descending: true },
          { param: '_id', descending: false },
        ],
      },
    ],
    ['Patient?_format=json&_pretty=true', { types: ['Patient'] }],
    ['?_type=Patient,Group,Patient', { types: ['Patient', 'Group'] }],
    ['Patient?_include=*', { include: [{ iterate: false }] }],
    ['Patient?_include=Patient:*', { include: [{ source: 'Patient', iterate: false }] }],
    [
      'Patient?_include:iterate=Patient:link:RelatedPerson',
      { include: [{ source: 'Patient', param: 'link', target: 'RelatedPerson', iterate: true }] },
    ],
    ['Patient?_revinclude:recurse=Observation:subject', { revinclude: [{ source: 'Observation', param: 'subject', iterate: true }] }],
  ])('%s', (search, expected) => {
    expect(parse(search)).toMatchObject(expected);
  });
  it('keeps the parameters for the self link as they were sent', () => {
    const parsed = parse('Patient?name=M%C3%BCller&_count=5&_cursor=abc&birthdate=ge2000');
    expect(parsed.applied.map((p) => p.raw)).toEqual(['name=M%C3%BCller', '_count=5', 'birthdate=ge2000']);
  });
});

describe('values', () => {
  it.each([
    ['Patient?name=a%5C,b,c', '(or (string name starts "a,b") (string name starts "c"))'],
    ['Patient?name:exact=a%5Cb', '(string name exact "a\\\\b")'],
    ['Patient?name:exact=a%5C%5C', '(string name exact "a\\\\")'],
    ['Patient?identifier=a%7Cb%5C%7Cc', '(token identifier a|b|c)'],
    ['Observation?code-value-string=a$b%5C$c', '(composite code-value-string (token 0 a) (string 1 starts "b$c"))'],
    ['Observation?value-quantity=5.4', '(quantity value-quantity lo>=5.35 hi<5.45)'],
    ['Observation?value-quantity=ap5.4', '(quantity value-quantity lo<=5.94 hi>=4.86)'],
    ['Observation?value-quantity=ge-5', '(or (quantity value-quantity lo>=-5) (quantity value-quantity hi>-5))'],
    [
      'Observation?value-quantity=5|http://unitsofmeasure.org|nothing',
      '(quantity value-quantity lo>=4.5 hi<5.5 http://unitsofmeasure.org|nothing)',
    ],
    ['Observation?value-quantity=37|http://unitsofmeasure.org|Cel', '(quantity value-quantity:ucum lo>=309.65 hi<310.65 K)'],
    ['Observation?date=ap2024-05-01', '(date date lo<=2024-05-04T19:03:00.000Z hi>=2024-04-27T15:33:00.000Z)'],
    ['Observation?value-quantity=lt5||mg', '(quantity value-quantity lo<5 mg)'],
    ['Patient?_lastUpdated=2024', '(last-updated lo>=2023-12-31T18:30:00.000Z hi<=2024-12-31T18:29:59.999Z)'],
  ])('%s', (search, tree) => {
    expect(print(parse(search).where)).toBe(tree);
  });
  it('count up to ten thousand', () => {
    const ids = Array.from({ length: 10_000 }, (_, n) => `p${n}`);
    expect(parse(`Patient?_id=${ids.join(',')}`).where).toEqual({ op: 'id', ids });
  });
});
