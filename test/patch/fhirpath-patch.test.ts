import { afterAll, describe, expect, it } from '@jest/globals';
import { loadDefinitions } from '../../src/fhir/model/definitions.ts';
import { JSON_LIMITS, parseJson } from '../../src/fhir/model/json.ts';
import type { JsonObject } from '../../src/fhir/model/json.ts';
import { FhirError } from '../../src/fhir/outcome/error.ts';
import { applyFhirPathPatch } from '../../src/fhir/patch/fhirpath-patch.ts';
import { createPathLocator } from '../../src/fhir/patch/path-locator.ts';

const definitions = loadDefinitions();
const locator = createPathLocator({ limitMs: 20_000 });
afterAll(() => locator.close());

type Parts = Record<string, unknown>;
/** `{ type: 'add', path: 'Patient', name: 'gender', valueCode: 'male' }` as a parameter; `parts` are the parts of a value. */
function operation({ type, path, name, index, source, destination, parts, resource, ...value }: Parts): JsonObject {
  const part = [
    { name: 'type', valueCode: type },
    { name: 'path', valueString: path },
    ...(name === undefined ? [] : [{ name: 'name', valueString: name }]),
    ...Object.entries({ index, source, destination }).flatMap(([key, n]) => (n === undefined ? [] : [{ name: key, valueInteger: n }])),
    ...(parts === undefined ? [] : [{ name: 'value', part: parts }]),
    ...(resource === undefined ? [] : [{ name: 'value', resource }]),
    ...(Object.keys(value).length === 0 ? [] : [{ name: 'value', ...value }]),
  ];
  return { name: 'operation', part } as JsonObject;
}
const read = (text: string) => parseJson(Buffer.from(text), JSON_LIMITS).exact;
const parameters = (operations: readonly Parts[]): JsonObject => ({ resourceType: 'Parameters', parameter: operations.map(operation) });
const patched = async (resource: string, ...operations: Parts[]) =>
  JSON.stringify(await applyFhirPathPatch(read(resource), parameters(operations), { definitions, locator }));
const patient = (members: string) => `{"resourceType":"Patient","id":"1"${members === '' ? '' : `,${members}`}}`;
const ids = (...values: number[]) => patient(`"identifier":[${values.map((v) => `{"value":"${v}"}`).join()}]`);

async function refusal(promise: Promise<unknown>): Promise<FhirError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof FhirError) return error;
  throw new Error('it was not refused as it should be', { cause: error });
}

describe('applyFhirPathPatch: the cases of the standard', () => {
  const CONTACT = patient('"contact":[{"name":{"text":"a name"},"gender":"male"}]');
  it.each<[string, string, Parts[], string]>([
    ['no difference', patient('"birthDate":"1920-01-01"'), [], patient('"birthDate":"1920-01-01"')],
    [
      'replace a primitive',
      patient('"birthDate":"1920-01-01"'),
      [{ type: 'replace', path: 'Patient.birthDate', valueDate: '1930-01-01' }],
      patient('"birthDate":"1930-01-01"'),
    ],
    ['delete a primitive', patient('"birthDate":"1920-01-01"'), [{ type: 'delete', path: 'Patient.birthDate' }], patient('')],
    ['delete what is not there', patient(''), [{ type: 'delete', path: 'Patient.birthDate' }], patient('')],
    [
      'add a primitive',
      patient(''),
      [{ type: 'add', path: 'Patient', name: 'birthDate', valueDate: '1930-01-01' }],
      patient('"birthDate":"1930-01-01"'),
    ],
    [
      'replace a nested primitive',
      CONTACT,
      [{ type: 'replace', path: 'Patient.contact[0].gender', valueCode: 'female' }],
      CONTACT.replace('male', 'female'),
    ],
    [
      'replace a deeper one',
      CONTACT,
      [{ type: 'replace', path: 'Patient.contact[0].name.text', valueString: 'the name' }],
      CONTACT.replace('a name', 'the name'),
    ],
    [
      'delete a nested primitive',
      CONTACT,
      [{ type: 'delete', path: 'Patient.contact[0].gender' }],
      CONTACT.replace(',"gender":"male"', ''),
    ],
    [
      'delete the last child',
      CONTACT,
      [{ type: 'delete', path: 'Patient.contact[0].name.text' }],
      CONTACT.replace('"name":{"text":"a name"},', ''),
    ],
    [
      'add a nested primitive',
      patient('"contact":[{"name":{"text":"n"}}]'),
      [{ type: 'add', path: 'Patient.contact[0]', name: 'gender', valueCode: 'male' }],
      patient('"contact":[{"name":{"text":"n"},"gender":"male"}]'),
    ],
    [
      'add a complex element',
      patient(''),
      [{ type: 'add', path: 'Patient', name: 'maritalStatus', valueCodeableConcept: { text: 'married' } }],
      patient('"maritalStatus":{"text":"married"}'),
    ],
    [
      'replace a complex element',
      patient('"maritalStatus":{"id":"1","text":"m"}'),
      [{ type: 'replace', path: 'Patient.maritalStatus', valueCodeableConcept: { id: '2', text: 'n' } }],
      patient('"maritalStatus":{"id":"2","text":"n"}'),
    ],
    ['delete a complex element', patient('"maritalStatus":{"text":"m"}'), [{ type: 'delete', path: 'Patient.maritalStatus' }], patient('')],
    [
      'add an element without a type',
      patient(''),
      [{ type: 'add', path: 'Patient', name: 'contact', parts: [{ name: 'name', valueHumanName: { text: 'a' } }] }],
      patient('"contact":[{"name":{"text":"a"}}]'),
    ],
    [
      'delete an element without a type',
      patient('"contact":[{"gender":"male"}]'),
      [{ type: 'delete', path: 'Patient.contact[0]' }],
      patient(''),
    ],
    [
      'insert at the end',
      ids(1, 2),
      [{ type: 'insert', path: 'Patient.identifier', index: 2, valueIdentifier: { value: '3' } }],
      ids(1, 2, 3),
    ],
    [
      'insert in the middle',
      ids(1, 2),
      [{ type: 'insert', path: 'Patient.identifier', index: 1, valueIdentifier: { value: '3' } }],
      ids(1, 3, 2),
    ],
    [
      'insert at the start',
      ids(1, 2),
      [{ type: 'insert', path: 'Patient.identifier', index: 0, valueIdentifier: { value: '3' } }],
      ids(3, 1, 2),
    ],
    ['delete the first', ids(1, 2, 3), [{ type: 'delete', path: 'Patient.identifier[0]' }], ids(2, 3)],
    ['delete the second', ids(1, 2, 3), [{ type: 'delete', path: 'Patient.identifier[1]' }], ids(1, 3)],
    ['delete the last', ids(1, 2, 3), [{ type: 'delete', path: 'Patient.identifier[2]' }], ids(1, 2)],
    ['move up', ids(1, 2, 3, 4), [{ type: 'move', path: 'Patient.identifier', source: 3, destination: 1 }], ids(1, 4, 2, 3)],
    ['move to the start', ids(1, 2, 3, 4), [{ type: 'move', path: 'Patient.identifier', source: 3, destination: 0 }], ids(4, 1, 2, 3)],
    ['move down', ids(1, 2, 3, 4), [{ type: 'move', path: 'Patient.identifier', source: 0, destination: 3 }], ids(2, 3, 4, 1)],
    [
      'reverse by moves',
      ids(1, 2, 3, 4),
      [0, 1, 2].map((destination) => ({ type: 'move', path: 'Patient.identifier', source: 3, destination })),
      ids(4, 3, 2, 1),
    ],
    ['add to a list', ids(1), [{ type: 'add', path: 'Patient', name: 'identifier', valueIdentifier: { value: '2' } }], ids(1, 2)],
    [
      'change the narrative',
      patient('"text":{"status":"generated","div":"<div>a</div>"}'),
      [{ type: 'replace', path: 'Patient.text.div', valueString: '<div>b</div>' }],
      patient('"text":{"status":"generated","div":"<div>b</div>"}'),
    ],
  ])('%s', async (_name, before, operations, after) => {
    expect(await patched(before, ...operations)).toBe(after);
  });
});

describe('applyFhirPathPatch: primitives, choices, lists, resources within', () => {
  it.each<[string, string, Parts[], string]>([
    [
      'keeps number texts',
      '{"resourceType":"Observation","id":"1","valueQuantity":{"value":1.50}}',
      [{ type: 'add', path: 'Observation', name: 'component', parts: [{ name: 'value', valueQuantity: read('{"value":2.0}') }] }],
      '{"resourceType":"Observation","id":"1","valueQuantity":{"value":1.50},"component":[{"valueQuantity":{"value":2.0}}]}',
    ],
    [
      'adds a choice by its name',
      '{"resourceType":"Observation","id":"1"}',
      [{ type: 'add', path: 'Observation', name: 'value', valueString: 'x' }],
      '{"resourceType":"Observation","id":"1","valueString":"x"}',
    ],
    [
      'replaces a choice by another type, in its place',
      '{"resourceType":"Observation","id":"1","valueString":"x","_valueString":{"id":"y"},"status":"final"}',
      [{ type: 'replace', path: 'Observation.value', valueBoolean: true }],
      '{"resourceType":"Observation","id":"1","valueBoolean":true,"status":"final"}',
    ],
    [
      'deletes a choice',
      '{"resourceType":"Observation","id":"1","valueString":"x","_valueString":{"id":"y"}}',
      [{ type: 'delete', path: 'Observation.value' }],
      '{"resourceType":"Observation","id":"1"}',
    ],
    [
      'keeps the extensions of a list in step',
      patient('"name":[{"given":["a","b","c"],"_given":[null,{"id":"b"},null]}]'),
      [{ type: 'delete', path: 'Patient.name[0].given[0]' }],
      patient('"name":[{"given":["b","c"],"_given":[{"id":"b"},null]}]'),
    ],
    [
      'moves a primitive with its extensions',
      patient('"name":[{"given":["a","b"],"_given":[null,{"id":"b"}]}]'),
      [{ type: 'move', path: 'Patient.name[0].given', source: 1, destination: 0 }],
      patient('"name":[{"given":["b","a"],"_given":[{"id":"b"},null]}]'),
    ],
    [
      'inserts a primitive with an id',
      patient('"name":[{"given":["a"]}]'),
      [{ type: 'insert', path: 'Patient.name[0].given', index: 1, valueString: 'b', _valueString: { id: 'x' } }],
      patient('"name":[{"given":["a","b"],"_given":[null,{"id":"x"}]}]'),
    ],
    [
      'adds an extension to a primitive',
      patient('"birthDate":"2000"'),
      [
        {
          type: 'add',
          path: 'Patient.birthDate',
          name: 'extension',
          parts: [
            { name: 'url', valueUri: 'u' },
            { name: 'value', valueString: 'v' },
          ],
        },
      ],
      patient('"birthDate":"2000","_birthDate":{"extension":[{"url":"u","valueString":"v"}]}'),
    ],
    [
      'takes an extension from a primitive',
      patient('"birthDate":"2000","_birthDate":{"extension":[{"url":"u"}]}'),
      [{ type: 'delete', path: 'Patient.birthDate.extension[0]' }],
      patient('"birthDate":"2000"'),
    ],
    [
      'takes the extension of a primitive without a value',
      patient('"_birthDate":{"extension":[{"url":"u"}]},"gender":"male"'),
      [{ type: 'delete', path: 'Patient.birthDate.extension[0]' }],
      patient('"gender":"male"'),
    ],
    [
      'replaces the whole primitive',
      patient('"birthDate":"2000","_birthDate":{"id":"x"}'),
      [{ type: 'replace', path: 'Patient.birthDate', valueDate: '2001' }],
      patient('"birthDate":"2001"'),
    ],
    [
      'inserts into a list that is not there yet',
      patient(''),
      [{ type: 'insert', path: 'Patient.identifier', index: 0, valueIdentifier: { value: '1' } }],
      ids(1),
    ],
    [
      'counts over all lists, as FHIRPath does',
      patient('"name":[{"given":["a"]},{"given":["b"]}]'),
      [{ type: 'replace', path: 'Patient.name.given[1]', valueString: 'c' }],
      patient('"name":[{"given":["a"]},{"given":["c"]}]'),
    ],
    [
      'takes a path without the type',
      patient('"active":true'),
      [{ type: 'replace', path: 'active', valueBoolean: false }],
      patient('"active":false'),
    ],
    [
      'adds a contained resource and changes it',
      patient(''),
      [
        { type: 'add', path: 'Patient', name: 'contained', resource: { resourceType: 'Organization', id: 'o' } },
        { type: 'add', path: 'Patient.contained[0]', name: 'name', valueString: 'n' },
      ],
      patient('"contained":[{"resourceType":"Organization","id":"o","name":"n"}]'),
    ],
  ])('%s', async (_name, before, operations, after) => {
    expect(await patched(before, ...operations)).toBe(after);
  });

  it('touches neither resource nor patch', async () => {
    const resource = read(patient('"name":[{"given":["a"]}]'));
    const patch = parameters([
      { type: 'add', path: 'Patient', name: 'maritalStatus', valueCodeableConcept: { text: 'm' } },
      { type: 'add', path: 'Patient.maritalStatus', name: 'id', valueString: 'x' },
      { type: 'delete', path: 'Patient.name[0].given' },
    ]);
    const [before, sent] = [JSON.stringify(resource), JSON.stringify(patch)];
    await applyFhirPathPatch(resource, patch, { definitions, locator });
    expect([JSON.stringify(resource), JSON.stringify(patch)]).toEqual([before, sent]);
  });
});

describe('applyFhirPathPatch: paths that the engine finds', () => {
  const NAMES = patient(
    '"name":[{"use":"usual","given":["a"]},{"use":"official","given":["b","c"],"_given":[null,{"extension":[{"url":"u"}]}]}]',
  );
  it.each<[string, Parts, string]>([
    [
      "Patient.name.where(use = 'official').given.last()",
      { type: 'replace', valueString: 'd' },
      NAMES.replace('"c"],"_given":[null,{"extension":[{"url":"u"}]}]', '"d"]'),
    ],
    ["name.where(use = 'official')", { type: 'delete' }, patient('"name":[{"use":"usual","given":["a"]}]')],
    ["Patient.name.where(use = 'usual').given", { type: 'insert', index: 0, valueString: 'z' }, NAMES.replace('["a"]', '["z","a"]')],
    [
      "Patient.name.where(use = 'usual').suffix",
      { type: 'insert', index: 0, valueString: 'z' },
      NAMES.replace('["a"]', '["a"],"suffix":["z"]'),
    ],
    ["Patient.name.given.extension('u')", { type: 'delete' }, NAMES.replace(',"_given":[null,{"extension":[{"url":"u"}]}]', '')],
    [
      'Patient.name.where(use.exists()).first()',
      { type: 'add', name: 'family', valueString: 'f' },
      NAMES.replace('["a"]', '["a"],"family":"f"'),
    ],
    ["Patient.name.where(use = 'temp')", { type: 'delete' }, NAMES],
  ])('%s', async (path, parts, after) => {
    expect(await patched(NAMES, { ...parts, path })).toBe(after);
  });

  it.each<[string, string]>([
    ["Patient.name.where(use = 'official').period", 'business-rule'],
    ['Patient.name.where(', 'invalid-structure'],
    ["'Patient'.lower()", 'business-rule'],
    ['Patient.name.nofunction()', 'invalid-structure'],
    ['Patient.generalPractitioner.resolve()', 'invalid-structure'],
    ['%resource.name | name', 'business-rule'],
  ])('refuses to add at %s', async (path, kind) => {
    expect((await refusal(patched(NAMES, { type: 'add', path, name: 'id', valueString: 'x' }))).kind).toBe(kind);
  });

  it('stops a path that takes too long, and goes on with the next patch', async () => {
    const impatient = createPathLocator({ limitMs: 500 });
    const deps = { definitions, locator: impatient };
    const patch = (path: string) => applyFhirPathPatch(read(NAMES), parameters([{ type: 'delete', path }]), deps);
    const forever = "Patient.name.where('a'.repeat($this & 'a').exists())";
    expect((await refusal(patch(forever))).kind).toBe('too-costly');
    expect(JSON.stringify(await patch("Patient.name.where(use = 'temp')"))).toBe(NAMES);
    await impatient.close();
  });
});

describe('applyFhirPathPatch: what is refused', () => {
  it.each<[Parts, string]>([
    [{ type: 'jump', path: 'Patient' }, 'invalid-structure'],
    [{ type: 'delete' }, 'invalid-structure'],
    [{ type: 'add', path: 'Patient', valueCode: 'male' }, 'invalid-structure'],
    [{ type: 'add', path: 'Patient', name: 'gender' }, 'invalid-structure'],
    [{ type: 'insert', path: 'Patient.identifier', valueIdentifier: {} }, 'invalid-structure'],
    [{ type: 'insert', path: 'Patient.identifier', index: -1, valueIdentifier: {} }, 'invalid-structure'],
    [{ type: 'move', path: 'Patient.identifier', source: 0 }, 'invalid-structure'],
    [{ type: 'replace', path: 'Patient.gender', valueCode: 'x', valueString: 'y' }, 'invalid-structure'],
    [{ type: 'delete', path: `Patient.${'a'.repeat(1000)}` }, 'invalid-structure'],
    [{ type: 'add', path: 'Patient', name: 'hat', valueString: 'x' }, 'business-rule'],
    [{ type: 'add', path: 'Patient', name: '__proto__', valueString: 'x' }, 'business-rule'],
    [{ type: 'add', path: 'Patient', name: 'constructor', valueString: 'x' }, 'business-rule'],
    [{ type: 'delete', path: 'Patient.hat' }, 'business-rule'],
    [{ type: 'add', path: 'Patient.maritalStatus', name: 'text', valueString: 'x' }, 'business-rule'],
    [{ type: 'add', path: 'Patient', name: 'gender', valueCode: 'male' }, 'business-rule'],
    [{ type: 'add', path: 'Patient', name: 'deceased', valueDateTime: '2000' }, 'business-rule'],
    [{ type: 'replace', path: 'Patient.gender', valueBoolean: true }, 'business-rule'],
    [{ type: 'replace', path: 'Patient.gender', valueHumanName: {} }, 'business-rule'],
    [{ type: 'replace', path: 'Patient.gender', parts: [] }, 'business-rule'],
    [{ type: 'add', path: 'Patient', name: 'contained', valueString: 'x' }, 'business-rule'],
    [{ type: 'replace', path: 'Patient.birthDate', valueDate: '2000' }, 'business-rule'],
    [{ type: 'replace', path: 'Patient', valueString: 'x' }, 'business-rule'],
    [{ type: 'delete', path: 'Patient' }, 'business-rule'],
    [{ type: 'delete', path: 'Patient.identifier' }, 'business-rule'],
    [{ type: 'insert', path: 'Patient.identifier', index: 3, valueIdentifier: { value: '3' } }, 'business-rule'],
    [{ type: 'insert', path: 'Patient.gender', index: 0, valueCode: 'male' }, 'business-rule'],
    [{ type: 'insert', path: 'Patient.name.given', index: 0, valueString: 'x' }, 'business-rule'],
    [{ type: 'move', path: 'Patient.identifier', source: 2, destination: 0 }, 'business-rule'],
    [{ type: 'move', path: 'Patient.identifier', source: 0, destination: 2 }, 'business-rule'],
    [{ type: 'replace', path: 'Patient.id', valueId: '2' }, 'business-rule'],
    [{ type: 'delete', path: 'Patient.id' }, 'business-rule'],
  ])('%j: %s', async (parts, kind) => {
    const resource = patient(
      '"gender":"male","deceasedBoolean":false,"identifier":[{"value":"1"},{"value":"2"}],"name":[{"given":["a"]},{"given":["b"]}]',
    );
    const error = await refusal(patched(resource, parts));
    expect(error.kind).toBe(kind);
    expect(error.issues[0]?.where).toMatch(/^(?:Parameters\.parameter\[0\]|id$)/);
  });

  it.each<[JsonObject, string]>([
    [{ resourceType: 'Patient' }, 'invalid-structure'],
    [{ resourceType: 'Parameters', parameter: 1 }, 'invalid-structure'],
    [{ resourceType: 'Parameters', parameter: [{ name: 'other' }] }, 'invalid-structure'],
    [{ resourceType: 'Parameters', parameter: [{ name: 'operation', part: [{ name: 'hat' }] }] }, 'invalid-structure'],
    [{ resourceType: 'Parameters', parameter: Array.from({ length: 501 }, () => ({ name: 'operation' })) }, 'too-costly'],
  ])('refuses %.80j', async (patch, kind) => {
    expect((await refusal(applyFhirPathPatch(read(patient('')), patch, { definitions, locator }))).kind).toBe(kind);
  });
});
