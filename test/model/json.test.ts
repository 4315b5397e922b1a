import { describe, expect, it } from '@jest/globals';
import { asResourceId } from '../../src/fhir/model/ids.ts';
import { bodyOf, isExactNumber, JSON_LIMITS, parseJson, parseJsonArray, toDocument, toResourceText } from '../../src/fhir/model/json.ts';
import type { JsonObject } from '../../src/fhir/model/json.ts';
import { FhirError } from '../../src/fhir/outcome/error.ts';

const parse = (text: string) => parseJson(Buffer.from(text), JSON_LIMITS);

function refusal(action: () => unknown): FhirError {
  try {
    action();
  } catch (error) {
    if (error instanceof FhirError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('parseJson', () => {
  it.each([
    ['{"a":1.50}', { a: 1.5 }],
    ['{"a":[1e3,-0,12345678901234567890,0.5]}', { a: [1000, -0, 12345678901234567890, 0.5] }],
    ['{"a":{"b":[{"c":100.0},{"d":1}]}}', { a: { b: [{ c: 100 }, { d: 1 }] } }],
    ['{"1":1.0,"b":1,"0":2.0}', { 0: 2, 1: 1, b: 1 }],
    ['{"a":0.0000001}', { a: 1e-7 }],
  ])('keeps the value and the number texts of %s', (text, value) => {
    const document = parse(text);
    expect(document.value).toEqual(value);
    expect(document.exact).not.toBe(document.value);
    const printed = JSON.stringify(document.exact);
    for (const number of text.match(/-?\d+\.\d+|1e3|\d{20}|-0/g) ?? []) expect(printed).toContain(number);
  });

  it.each(['{"a":1.5,"b":[0,-12,1234567890123456]}', '{}', '\ufeff{"a":"é"}', '{"a":"1.50","b":"x\\\\","c":"\\"1.50"}'])(
    'shares one tree where %s has no such numbers',
    (text) => {
      const document = parse(text);
      expect(document.exact).toBe(document.value);
    },
  );

  it.each([
    ['{"a":1,}', 'line 1, column 8', 'double quotes'],
    ['{"a":\n  tru}', 'line 2, column 3', 'a value'],
    ['{"a":"\u0001"}', 'line 1, column 7', 'control characters'],
    ['{"é":"\\x"}', 'line 1, column 7', 'escape'],
    ['{"a":[1 2]}', 'line 1, column 9', 'a comma or ]'],
    ['{"a":1 "b":2}', 'line 1, column 8', 'a comma or }'],
    ['{"a" 1}', 'line 1, column 6', 'a colon'],
    ['{"a":01}', 'line 1, column 6', 'a value'],
    ['{"a":1]', 'line 1, column 7', 'a comma or }'],
    ['{"a":1} x', 'line 1, column 9', 'the end of the text'],
    ['{"a":"b', 'line 1, column 8', 'ends too early'],
    ['', 'line 1, column 1', 'ends too early'],
    ['[1]', 'line 1, column 1', 'an object'],
    ['1.50', 'line 1, column 1', 'an object'],
    ['null', 'line 1, column 1', 'an object'],
    ['{"a":1e999}', 'line 1, column 6', 'less than 1.8e308'],
    [`{"a":0.${'0'.repeat(2000)}1}`, 'line 1, column 6', '1024 characters'],
    ['{"a":1,"a":2}', '/a', 'occurs once'],
    ['{"x":[{"b":1},{"b":2,"\\u0062":3}]}', '/x/1/b', 'occurs once'],
    ['{"a/b":{"~":1,"~":1}}', '/a~1b/~0', 'occurs once'],
    ['{"a":{"__proto__":{"x":1}}}', '/a/__proto__', '__proto__'],
    ['{"\\u005f_proto__":null}', '/__proto__', '__proto__'],
    ['{"a":'.repeat(100_000), 'line 1, column 501', 'at most 100 deep'],
    [`{"a":${'['.repeat(100)}`, 'line 1, column 105', 'at most 100 deep'],
  ])('refuses %j at %s', (text, where, rule) => {
    const error = refusal(() => parse(text));
    expect(error.kind).toBe('invalid-json');
    expect(error.issues[0]?.where).toBe(where);
    expect(error.issues[0]?.rule).toContain(rule);
    expect(error.issues[0]?.hint).not.toBe('');
  });

  it.each([
    ['keys', `{${Array.from({ length: 100_001 }, (_, i) => `"k${i}":1`).join(',')}}`],
    ['objects', `{"a":[${Array.from({ length: 100_001 }, () => '{}').join(',')}]}`],
  ])('refuses a flood of %s before making a tree', (_name, text) => {
    expect(refusal(() => parse(text)).kind).toBe('too-large');
  });

  it('takes as many keys and levels as the limit says', () => {
    expect(() => parseJson(Buffer.from('{"a":{"b":1}}'), { depth: 2, keys: 2 })).not.toThrow();
    expect(refusal(() => parseJson(Buffer.from('{"a":{"b":1}}'), { depth: 1, keys: 2 })).kind).toBe('invalid-json');
    expect(refusal(() => parseJson(Buffer.from('{"a":{"b":1}}'), { depth: 2, keys: 1 })).kind).toBe('too-large');
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(refusal(() => parseJson(Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), JSON_LIMITS)).issues[0]?.rule).toContain(
      'UTF-8',
    );
  });

  it('never sets a prototype', () => {
    refusal(() => parse('{"__proto__":{"polluted":true}}'));
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(parse('{"constructor":{"prototype":{"polluted":true}}}').value).not.toHaveProperty('polluted');
  });

  it('reads an array where one is wanted', () => {
    expect(JSON.stringify(parseJsonArray(Buffer.from('[{"a":1.0}]'), JSON_LIMITS).exact)).toBe('[{"a":1.0}]');
    expect(refusal(() => parseJsonArray(Buffer.from('{}'), JSON_LIMITS)).issues[0]?.rule).toContain('an array');
  });
});

describe('toDocument', () => {
  it('gives numbers for exact numbers and shares what has none', () => {
    const { exact } = parse('{"a":{"b":1.50},"c":{"d":1},"e":[[1.0],[2]]}');
    const document = toDocument(exact);
    expect(document.value).toEqual({ a: { b: 1.5 }, c: { d: 1 }, e: [[1], [2]] });
    expect(document.value.c).toBe(exact.c);
    expect(document.exact).toBe(exact);
    expect(isExactNumber((exact.a as JsonObject).b)).toBe(true);
  });
});

describe('toResourceText and bodyOf', () => {
  const META = '"meta":{"versionId":"3","lastUpdated":"2026-01-02T03:04:05.006Z"';
  it.each([
    ['{"resourceType":"P","a":1}', `{"resourceType":"P","id":"x",${META}},"a":1}`],
    ['{"resourceType":"P","id":"old","a":1}', `{"resourceType":"P","id":"x",${META}},"a":1}`],
    ['{"resourceType":"P"}', `{"resourceType":"P","id":"x",${META}}}`],
    ['{"a":1,"resourceType":"P","id":"old"}', `{"a":1,"resourceType":"P","id":"x",${META}}}`],
    [
      '{"resourceType":"P","meta":{"versionId":"9","tag":[]},"id":"old","v":1.50}',
      `{"resourceType":"P",${META},"tag":[]},"id":"x","v":1.50}`,
    ],
    ['{"meta":{"tag":[],"lastUpdated":"y"},"resourceType":"P"}', `{${META},"tag":[]},"resourceType":"P","id":"x"}`],
    ['{"resourceType":"P","id":"old","meta":{"lastUpdated":"y"}}', `{"resourceType":"P","id":"x",${META}}}`],
    ['{}', `{"id":"x",${META}}}`],
  ])('makes of %s %s', (text, body) => {
    const made = toResourceText(parse(text).exact, asResourceId('x'));
    expect(Buffer.from(bodyOf(made, 3, Date.UTC(2026, 0, 2, 3, 4, 5, 6))).toString()).toBe(body);
  });
});
