import { describe, expect, it } from '@jest/globals';
import { loadDefinitions } from '../../src/fhir/model/definitions.ts';
import { JSON_LIMITS, parseJson } from '../../src/fhir/model/json.ts';
import { selectElements, summarise, type SummaryMode } from '../../src/fhir/representation/summary.ts';

const definitions = loadDefinitions();
const TAG = '{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}';
const META = `"meta":{"tag":[${TAG}]}`;
const OBSERVATION =
  '{"resourceType":"Observation","id":"1","meta":{"versionId":"2","tag":[{"code":"a"}]},"text":{"status":"generated","div":"<div/>"},' +
  '"contained":[{"resourceType":"Patient","id":"p"}],"extension":[{"url":"u"}],"modifierExtension":[{"url":"m"}],"status":"final","_status":{"id":"s"},' +
  '"code":{"id":"c","extension":[{"url":"u"}],"coding":[{"code":"x","userSelected":true}],"text":"t"},' +
  '"valueQuantity":{"value":1.50,"unit":"g","extension":[{"url":"u"}]},"note":[{"text":"n"}],' +
  '"component":[{"code":{"text":"c"},"valueInteger":2.0,"interpretation":[{"text":"i"}]}]}';
const MARKED = `"meta":{"versionId":"2","tag":[{"code":"a"},${TAG}]}`;

const parse = (text: string) => parseJson(Buffer.from(text), JSON_LIMITS).exact;
const summary = (text: string, mode: SummaryMode) => JSON.stringify(summarise(parse(text), mode, definitions));
const elements = (text: string, names: string) => JSON.stringify(selectElements(parse(text), names.split(','), definitions));

describe('summarise', () => {
  it('true: what the definitions mark, at every level, and what it cannot be without', () => {
    expect(summary(OBSERVATION, 'true')).toBe(
      `{"resourceType":"Observation","id":"1",${MARKED},"modifierExtension":[{"url":"m"}],"status":"final","_status":{"id":"s"},` +
        '"code":{"id":"c","coding":[{"code":"x","userSelected":true}],"text":"t"},"valueQuantity":{"value":1.50,"unit":"g"},' +
        '"component":[{"code":{"text":"c"},"valueInteger":2.0}]}',
    );
  });

  it('true: of an attachment the address, not the data', () => {
    const photo = '"photo":[{"contentType":"image/png","data":"AAAA","url":"http://x"}]';
    const document = `{"resourceType":"Practitioner","id":"1","qualification":[{"code":{"text":"x"}}],${photo}}`;
    expect(summary(document, 'true')).toBe(`{"resourceType":"Practitioner","id":"1",${META}}`);
    expect(summary('{"resourceType":"Media","status":"completed","content":{"contentType":"image/png","data":"AAAA"}}', 'true')).toBe(
      `{"resourceType":"Media",${META},"status":"completed","content":{"contentType":"image/png"}}`,
    );
  });

  it('true: an element of which nothing inside is marked stays whole', () => {
    expect(summary('{"resourceType":"Media","status":"completed","content":{"data":"AAAA"}}', 'true')).toContain(
      '"content":{"data":"AAAA"}',
    );
  });

  it('true: in a bundle, the summaries of its resources', () => {
    const bundle =
      '{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Basic","id":"b","text":{"status":"empty"},"code":{"text":"x"}}}]}';
    expect(summary(bundle, 'true')).toBe(
      `{"resourceType":"Bundle",${META},"type":"collection","entry":[{"resource":{"resourceType":"Basic","id":"b","code":{"text":"x"}}}]}`,
    );
  });

  it('text: narrative, id, meta, what is mandatory and what modifies', () => {
    expect(summary(OBSERVATION, 'text')).toBe(
      `{"resourceType":"Observation","id":"1",${MARKED},"text":{"status":"generated","div":"<div/>"},"modifierExtension":[{"url":"m"}],` +
        '"status":"final","_status":{"id":"s"},"code":{"id":"c","extension":[{"url":"u"}],"coding":[{"code":"x","userSelected":true}],"text":"t"}}',
    );
  });

  it('data: all but the narrative', () => {
    expect(summary(OBSERVATION, 'data')).toBe(OBSERVATION.replace(/"text":\{"status".*?\},/, '').replace(/"meta":\{.*?\]\}/, MARKED));
  });

  it('false: the resource itself', () => {
    const exact = parse(OBSERVATION);
    expect(summarise(exact, 'false', definitions)).toBe(exact);
  });

  it('marks once, and touches nothing', () => {
    const once = summarise(parse(OBSERVATION), 'data', definitions);
    const before = JSON.stringify(once);
    expect(JSON.stringify(summarise(once, 'data', definitions))).toBe(before);
    expect(JSON.stringify(once)).toBe(before);
  });
});

describe('selectElements', () => {
  it.each([
    ['valueQuantity', '"valueQuantity":{"value":1.50,"unit":"g","extension":[{"url":"u"}]}', 'note'],
    ['value', '"valueQuantity":', 'component'],
    ['value[x]', '"valueQuantity":', 'component'],
    ['Observation.note', '"note":[{"text":"n"}]', 'valueQuantity'],
    ['note.text', '"note":[{"text":"n"}]', 'valueQuantity'],
    ['Patient.note,component', '"component":', 'note'],
    ['hat', '"code":', 'note'],
  ])('%s', (names, present, absent) => {
    const part = elements(OBSERVATION, names);
    expect(part).toContain(present);
    expect(part).not.toContain(`"${absent}":`);
    expect(part).toContain(`{"resourceType":"Observation","id":"1",${MARKED}`);
    expect(part).toContain('"modifierExtension":[{"url":"m"}],"status":"final","_status":{"id":"s"}');
  });

  it('makes a meta behind the id where there is none', () => {
    expect(elements('{"resourceType":"Patient","id":"1","name":[{"text":"n"}],"gender":"male"}', 'gender')).toBe(
      `{"resourceType":"Patient","id":"1",${META},"gender":"male"}`,
    );
    expect(elements('{"id":"1","resourceType":"Patient","_birthDate":{"id":"x"}}', 'birthDate')).toBe(
      `{"resourceType":"Patient","id":"1",${META},"_birthDate":{"id":"x"}}`,
    );
  });
});
