import { describe, expect, it } from '@jest/globals';
import { JSON_LIMITS, parseJson, parseJsonArray } from '../../src/fhir/model/json.ts';
import { FhirError } from '../../src/fhir/outcome/error.ts';
import { applyJsonPatch } from '../../src/fhir/patch/json-patch.ts';

const RESOURCE =
  '{"resourceType":"Patient","id":"1","name":[{"given":["a","b"],"_given":[null,{"id":"x"}]}],"active":true,' +
  '"extension":[{"url":"u","valueDecimal":1.50}],"a/b":{"m~n":1}}';

const read = (text: string) => parseJson(Buffer.from(text), JSON_LIMITS).exact;
const readPatch = (text: string) => parseJsonArray(Buffer.from(text), JSON_LIMITS).exact;
const patched = (patch: string, resource = RESOURCE) => JSON.stringify(applyJsonPatch(read(resource), readPatch(patch)));

function refusal(action: () => unknown): FhirError {
  try {
    action();
  } catch (error) {
    if (error instanceof FhirError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('applyJsonPatch', () => {
  it.each([
    ['[]', RESOURCE],
    ['[{"op":"replace","path":"/active","value":false}]', RESOURCE.replace('true', 'false')],
    ['[{"op":"add","path":"/name/0/given/-","value":"c"}]', RESOURCE.replace('"b"]', '"b","c"]')],
    ['[{"op":"add","path":"/name/0/given/1","value":"c"}]', RESOURCE.replace('"a","b"', '"a","c","b"')],
    ['[{"op":"add","path":"/active","value":false}]', RESOURCE.replace('true', 'false')],
    ['[{"op":"add","path":"/multipleBirthInteger","value":2.0}]', RESOURCE.replace('1}}', '1},"multipleBirthInteger":2.0}')],
    ['[{"op":"replace","path":"/extension/0/valueDecimal","value":1e2}]', RESOURCE.replace('1.50', '1e2')],
    ['[{"op":"remove","path":"/name/0/given/0"}]', RESOURCE.replace('"a",', '')],
    ['[{"op":"replace","path":"/name/0/_given/0","value":{"id":"y"}}]', RESOURCE.replace('null', '{"id":"y"}')],
    [
      '[{"op":"move","from":"/extension","path":"/modifierExtension"}]',
      RESOURCE.replace('"extension":[{"url":"u","valueDecimal":1.50}],', '').replace(
        '1}}',
        '1},"modifierExtension":[{"url":"u","valueDecimal":1.50}]}',
      ),
    ],
    ['[{"op":"move","from":"/name/0/given/1","path":"/name/0/given/0"}]', RESOURCE.replace('"a","b"', '"b","a"')],
    ['[{"op":"move","from":"/active","path":"/active"}]', RESOURCE],
    [
      '[{"op":"copy","from":"/extension/0","path":"/extension/0"}]',
      RESOURCE.replace('[{"url":"u","valueDecimal":1.50}]', '[{"url":"u","valueDecimal":1.50},{"url":"u","valueDecimal":1.50}]'),
    ],
    ['[{"op":"replace","path":"/a~1b/m~0n","value":2}]', RESOURCE.replace('"m~n":1', '"m~n":2')],
    [
      '[{"op":"test","path":"/extension/0","value":{"valueDecimal":15.00e-1,"url":"u"}},{"op":"remove","path":"/active"}]',
      RESOURCE.replace('"active":true,', ''),
    ],
    ['[{"op":"test","path":"/name/0/_given/0","value":null}]', RESOURCE],
    ['[{"op":"replace","path":"","value":{"id":"1","resourceType":"Patient"}}]', '{"id":"1","resourceType":"Patient"}'],
  ])('applies %s', (patch, result) => {
    expect(patched(patch)).toBe(result);
  });

  it.each([
    ['a list', '[{"op":"remove","path":"/extension/0"}]', RESOURCE.replace('"extension":[{"url":"u","valueDecimal":1.50}],', '')],
    ['an object', '[{"op":"remove","path":"/a~1b/m~0n"}]', RESOURCE.replace(',"a/b":{"m~n":1}', '')],
    [
      'what holds it',
      '[{"op":"remove","path":"/name/0/given"},{"op":"remove","path":"/name/0/_given"}]',
      RESOURCE.replace('"name":[{"given":["a","b"],"_given":[null,{"id":"x"}]}],', ''),
    ],
  ])('takes away %s that it empties', (_what, patch, result) => {
    expect(patched(patch)).toBe(result);
  });

  it('leaves for the validator what was sent empty', () => {
    expect(patched('[{"op":"add","path":"/name","value":[{}]}]')).toContain('"name":[{}]');
  });

  it('touches neither resource nor patch', () => {
    const resource = read(RESOURCE);
    const patch = readPatch(
      '[{"op":"add","path":"/contact","value":[{"gender":"male"}]},{"op":"add","path":"/contact/0/id","value":"z"},{"op":"remove","path":"/name/0/given/1"}]',
    );
    const sent = JSON.stringify(patch);
    applyJsonPatch(resource, patch);
    expect(JSON.stringify(resource)).toBe(RESOURCE);
    expect(JSON.stringify(patch)).toBe(sent);
  });

  it.each([
    ['[{"op":"jump","path":"/a"}]', 'invalid-structure', 'patch[0].op'],
    ['[{"path":"/a"}]', 'invalid-structure', 'patch[0].op'],
    ['[{"op":"remove"}]', 'invalid-structure', 'patch[0].path'],
    ['[{"op":"remove","path":1}]', 'invalid-structure', 'patch[0].path'],
    ['[{"op":"remove","path":"active"}]', 'invalid-structure', 'patch[0].path'],
    ['[{"op":"remove","path":"/~2"}]', 'invalid-structure', 'patch[0].path'],
    ['[{"op":"add","path":"/a"}]', 'invalid-structure', 'patch[0].value'],
    ['[{"op":"move","path":"/a"}]', 'invalid-structure', 'patch[0].from'],
    ['[1]', 'invalid-structure', 'patch[0]'],
    ['[{"op":"add","path":"/constructor/prototype/x","value":1}]', 'invalid-structure', 'patch[0].path'],
    ['[{"op":"add","path":"/__proto__/x","value":1}]', 'invalid-structure', 'patch[0].path'],
    ['[{"op":"copy","from":"/constructor","path":"/x"}]', 'invalid-structure', 'patch[0].from'],
    ['[{"op":"add","path":"/contact/0/id","value":"x"}]', 'business-rule', 'patch[0]: /contact/0'],
    ['[{"op":"add","path":"/name/2","value":{}}]', 'business-rule', 'patch[0]: /name/2'],
    ['[{"op":"add","path":"/name/00","value":{}}]', 'business-rule', 'patch[0]: /name/00'],
    ['[{"op":"add","path":"/active/x","value":1}]', 'business-rule', 'patch[0]: /active/x'],
    ['[{"op":"add","path":"/extension/0/valueDecimal/rawJSON","value":1}]', 'business-rule', 'patch[0]: /extension/0/valueDecimal/rawJSON'],
    ['[{"op":"replace","path":"/birthDate","value":"2000"}]', 'business-rule', 'patch[0]: /birthDate'],
    ['[{"op":"remove","path":"/toString"}]', 'business-rule', 'patch[0]: /toString'],
    ['[{"op":"remove","path":"/name/-"}]', 'business-rule', 'patch[0]: /name/-'],
    ['[{"op":"remove","path":""}]', 'business-rule', 'patch[0]: /'],
    ['[{"op":"test","path":"/active","value":"true"}]', 'business-rule', 'patch[0]: /active'],
    ['[{"op":"test","path":"/gender","value":"male"}]', 'business-rule', 'patch[0]: /gender'],
    ['[{"op":"move","from":"/name","path":"/name/0/x"}]', 'business-rule', 'patch[0]: /name/0/x'],
    ['[{"op":"replace","path":"/id","value":"2"}]', 'business-rule', 'id'],
    ['[{"op":"remove","path":"/id"}]', 'business-rule', 'id'],
    ['[{"op":"replace","path":"/resourceType","value":"Person"}]', 'business-rule', 'resourceType'],
    ['[{"op":"replace","path":"","value":[]}]', 'business-rule', 'patch'],
  ])('refuses %s', (patch, kind, where) => {
    const error = refusal(() => patched(patch));
    expect(error.kind).toBe(kind);
    expect(error.issues[0]?.where).toBe(where);
  });

  it('refuses a document that is no array', () => {
    expect(refusal(() => applyJsonPatch(read(RESOURCE), { op: 'remove' })).status).toBe(400);
  });

  it('bounds what copies make', () => {
    const doubling = Array.from({ length: 40 }, () => '{"op":"copy","from":"/name","path":"/name/-"}');
    expect(refusal(() => patched(`[${doubling.join()}]`)).kind).toBe('too-costly');
  });

  it('bounds how deep moves and values nest', () => {
    const chain = '{"a":'.repeat(60) + '1' + '}'.repeat(60);
    const nest = (path: string) => `{"op":"add","path":"${path}","value":${chain}}`;
    const inner = '/x' + '/a'.repeat(59);
    expect(refusal(() => patched(`[${nest('/x')},${nest(inner)}]`)).issues[0]?.rule).toContain('100 deep');
    expect(refusal(() => patched(`[${nest('/x')},${nest('/y')},{"op":"move","from":"/y","path":"${inner}/a"}]`)).status).toBe(422);
  });

  it('bounds the number of operations', () => {
    const many = Array.from({ length: 1001 }, () => '{"op":"test","path":"/active","value":true}');
    expect(refusal(() => patched(`[${many.join()}]`)).kind).toBe('too-costly');
  });
});
