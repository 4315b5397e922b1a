import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { loadDefinitions } from '../../src/fhir/model/definitions.ts';
import { JSON_LIMITS, parseJson } from '../../src/fhir/model/json.ts';
import type { JsonObject } from '../../src/fhir/model/json.ts';
import { FhirError } from '../../src/fhir/outcome/error.ts';
import { jsonToXml, xmlToJson } from '../../src/fhir/representation/xml.ts';

const definitions = loadDefinitions();
const fixture = (name: string) => readFileSync(new URL(`../fixtures/representation/${name}`, import.meta.url));
const parse = (text: string | Uint8Array) => parseJson(Buffer.from(text as string), JSON_LIMITS).exact;
const fromXml = (xml: string | Uint8Array) => xmlToJson(xml, definitions, JSON_LIMITS);
const toXml = (json: JsonObject, pretty = false) => jsonToXml(json, definitions, { pretty });
const patient = (inner: string) => `<Patient xmlns="http://hl7.org/fhir">${inner}</Patient>`;

async function refusal(xml: string | Uint8Array): Promise<FhirError> {
  const error: unknown = await fromXml(xml).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof FhirError) return error;
  throw new Error('it was not refused as it should be', { cause: error });
}

describe.each(['patient', 'bundle'])('%s', (name) => {
  const json = parse(fixture(`${name}.json`));

  it('is read from XML, number texts included', async () => {
    expect(JSON.stringify(await fromXml(fixture(`${name}.xml`)))).toBe(JSON.stringify(json));
  });

  it.each([false, true])('comes back equal from the XML it is written to, pretty: %s', async (pretty) => {
    expect(JSON.stringify(await fromXml(toXml(json, pretty)))).toBe(JSON.stringify(json));
  });
});

describe('jsonToXml', () => {
  it('writes the fixture as it is written by hand', () => {
    expect(`${toXml(parse(fixture('bundle.json'))).replace(/^<\?.*?\?>/, '')}\n`).toBe(fixture('bundle.xml').toString());
  });

  it('indents', () => {
    expect(toXml({ resourceType: 'Basic', code: { text: 'x' } }, true)).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Basic xmlns="http://hl7.org/fhir">\n  <code>\n    <text value="x"/>\n  </code>\n</Basic>\n',
    );
  });

  it('orders elements as their definition does', () => {
    expect(
      toXml(
        parse(
          '{"resourceType":"Patient","gender":"male","_active":{"id":"a"},"name":[{"given":["x"],"family":"y"}],"active":true,"id":"1"}',
        ),
      ),
    ).toContain('<id value="1"/><active id="a" value="true"/><name><family value="y"/><given value="x"/></name><gender value="male"/>');
  });

  it('escapes what has a meaning in XML, and replaces what XML cannot hold', async () => {
    const value = 'a<b>&"\'\t\r\n\u0001\ud800😀\uffff';
    const xml = toXml({ resourceType: 'Basic', code: { text: value } });
    expect(xml).toContain('value="a&lt;b&gt;&amp;&quot;\'&#9;&#13;&#10;\ufffd\ufffd😀\ufffd"');
    expect((await fromXml(xml)).code).toEqual({ text: 'a<b>&"\'\t\r\n\ufffd\ufffd😀\ufffd' });
  });

  it('gives a div the namespace that JSON may leave out', () => {
    expect(toXml({ resourceType: 'Basic', text: { status: 'empty', div: '<div class="x">a</div>' } })).toContain(
      '<div xmlns="http://www.w3.org/1999/xhtml" class="x">a</div>',
    );
  });

  it('leaves out what the definition does not know', () => {
    expect(toXml({ resourceType: 'Basic', hat: 1, id: 'x' })).toMatch(/"><id value="x"\/><\/Basic>$/);
  });
});

describe('xmlToJson', () => {
  it('takes prefixes, processing instructions, a byte order mark and Windows line ends', async () => {
    const xml =
      '\ufeff<?xml version="1.0"?>\r\n<?style x?><f:Patient xmlns:f="http://hl7.org/fhir">\r\n<f:text><f:status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml">a\r\nb</div></f:text></f:Patient>';
    expect(await fromXml(Buffer.from(xml))).toEqual({
      resourceType: 'Patient',
      text: { status: 'empty', div: '<div xmlns="http://www.w3.org/1999/xhtml">a\nb</div>' },
    });
  });

  it('reads narratives verbatim wherever a stride ends', async () => {
    const div = (length: number) =>
      `<div xmlns="http://www.w3.org/1999/xhtml" title="${'t'.repeat(length)}">${'é<br/>😀'.repeat(4500)}</div>`;
    for (let length = 0; length < 12; length++) {
      const read = await fromXml(patient(`<text><status value="empty"/>${div(length)}</text>`));
      expect((read.text as JsonObject).div === div(length)).toBe(true);
    }
  });

  it.each([
    ['<active value="yes"/>', { active: 'yes' }],
    ['<multipleBirthInteger value="01"/>', { multipleBirthInteger: '01' }],
    ['<multipleBirthInteger value="1e999"/>', { multipleBirthInteger: '1e999' }],
    ['<gender value=""/>', { gender: '' }],
  ])('leaves %s to the validator', async (inner, members) => {
    expect(await fromXml(patient(inner))).toEqual({ resourceType: 'Patient', ...members });
  });

  it.each([
    ['', 'invalid-xml', ''],
    ['<Patient', 'invalid-xml', ''],
    ['<Patient xmlns="http://hl7.org/fhir"><active value="true"></Patient>', 'invalid-xml', ''],
    [patient('<active value="true"/>').repeat(2), 'invalid-xml', ''],
    [patient('<active value=true/>'), 'invalid-xml', 'Patient'],
    [patient('<active value="true" value="true"/>'), 'invalid-xml', 'Patient'],
    [patient('<active value="&nbsp;"/>'), 'invalid-xml', 'Patient'],
    [patient('<active value="&#0;"/>'), 'invalid-xml', 'Patient'],
    [patient('true'), 'invalid-xml', 'Patient'],
    [patient('<![CDATA[true]]>'), 'invalid-xml', 'Patient'],
    [patient('<active xmlns="http://other" value="true"/>'), 'invalid-xml', 'Patient.active'],
    [patient('<active x:value="true" xmlns:x="http://other"/>'), 'invalid-xml', 'Patient'],
    ['<Patient><active value="true"/></Patient>', 'invalid-xml', 'Patient'],
    [patient('<text><status value="empty"/><div>a</div></text>'), 'invalid-xml', 'Patient.text.div'],
    [
      patient('<text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml"><x xmlns="http://other"/></div></text>'),
      'invalid-xml',
      'Patient.text.div',
    ],
    [
      '<Patient xmlns="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"><text><h:div>a</h:div></text></Patient>',
      'invalid-xml',
      'Patient.text.div',
    ],
    ['<?xml version="1.1"?>' + patient('<active value="true"/>'), 'invalid-xml', ''],
    ['<?xml version="1.0" encoding="UTF-16"?>' + patient('<active value="true"/>'), 'invalid-xml', ''],
    ['<!DOCTYPE Patient>' + patient('<active value="true"/>'), 'invalid-xml', ''],
    ['<!DOCTYPE Patient [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + patient('<active value="&x;"/>'), 'invalid-xml', ''],
    ['<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;&a;">]>' + patient('<active value="&b;"/>'), 'invalid-xml', ''],
    [patient('<active>'.repeat(200)), 'invalid-structure', 'Patient.active.active'],
    [patient('<extension>'.repeat(200)), 'invalid-xml', 'Patient.extension[0]'],
    [
      patient(`<text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml">${'<b>'.repeat(200)}`),
      'invalid-xml',
      'Patient.text.div',
    ],
    [patient(`<active ${Array.from({ length: 100 }, (_, i) => `a${i}=""`).join(' ')}/>`), 'invalid-xml', 'Patient'],
    [patient('<name/><hat/>'), 'invalid-structure', 'Patient.name[0]'],
    [patient('<name><family value="a"/></name><name><family value="a"/><hat/></name>'), 'invalid-structure', 'Patient.name[1].hat'],
    [patient('<gender value="male"/><gender value="male"/>'), 'invalid-structure', 'Patient.gender'],
    [patient('<gender/>'), 'invalid-structure', 'Patient.gender'],
    [patient('<gender text="male"/>'), 'invalid-structure', 'Patient.gender.text'],
    [patient('<name family="x"/>'), 'invalid-structure', 'Patient.name[0].family'],
    [patient('<name><id value="x"/></name>'), 'invalid-structure', 'Patient.name[0].id'],
    [patient('<extension><url value="x"/></extension>'), 'invalid-structure', 'Patient.extension[0].url'],
    [patient('<gender><value value="x"/></gender>'), 'invalid-structure', 'Patient.gender.value'],
    [patient('<contained/>'), 'invalid-structure', 'Patient.contained[0]'],
    [
      patient('<contained><Basic><id value="a"/></Basic><Basic><id value="b"/></Basic></contained>'),
      'invalid-structure',
      'Patient.contained[0].Basic',
    ],
    [patient('<contained><Hat/></contained>'), 'invalid-structure', 'Patient.contained[0].Hat'],
    [patient('<contained><Resource/></contained>'), 'invalid-structure', 'Patient.contained[0].Resource'],
    [patient('<resourceType value="Person"/>'), 'invalid-structure', 'Patient.resourceType'],
    [patient('<__proto__ value="x"/>'), 'invalid-structure', 'Patient.__proto__'],
    ['<Hat xmlns="http://hl7.org/fhir"/>', 'invalid-structure', 'Hat'],
    ['<constructor xmlns="http://hl7.org/fhir"/>', 'invalid-structure', 'constructor'],
  ])('refuses %.120s: %s', async (xml, kind, place) => {
    const error = await refusal(xml);
    expect(error.kind).toBe(kind);
    expect(error.issues[0]?.where?.startsWith(place)).toBe(true);
    expect(error.issues[0]?.hint).not.toBe('');
  });

  it('counts elements', async () => {
    expect((await refusal(patient('<name><family value="x"/></name>'.repeat(60_000)))).kind).toBe('too-large');
  });

  it('refuses bytes that are not UTF-8', async () => {
    expect((await refusal(Uint8Array.from([0x3c, 0xff]))).kind).toBe('invalid-xml');
  });
});
