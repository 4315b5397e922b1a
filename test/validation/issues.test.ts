import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../src/fhir/model/json.ts';
import { issuesOf, validator } from './set-up.ts';

const patient = (elements: JsonObject): JsonObject => ({ resourceType: 'Patient', ...elements });
const observation = (elements: JsonObject): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  ...elements,
});
const condition = (elements: JsonObject): JsonObject => ({ resourceType: 'Condition', subject: { reference: 'Patient/1' }, ...elements });
const extended = (extension: JsonValue): JsonObject => patient({ extension: [extension] });
const bundle = (type: string, entry: JsonValue[]): JsonObject => ({ resourceType: 'Bundle', type, entry });
const entryOf = (resource: JsonObject): JsonObject => ({ fullUrl: 'urn:uuid:1c0d7a52-7b4f-4d3c-9a1e-0d6a4a3f5b11', resource });
const organization = (elements: JsonObject): JsonObject => ({ resourceType: 'Organization', name: 'x', ...elements });
const VERIFICATION = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';

const CASES: Record<string, Record<string, [resource: JsonObject, issues: string[]]>> = {
  'unknown elements': {
    'at the top': [patient({ birthdate: '1980' }), ['invalid-structure Patient.birthdate']],
    'in a data type': [patient({ name: [{ familly: 'x' }] }), ['invalid-structure Patient.name[0].familly']],
    'in a backbone element': [
      patient({ contact: [{ name: { text: 'x' } }, { gendre: 'male', name: { text: 'x' } }] }),
      ['invalid-structure Patient.contact[1].gendre'],
    ],
    'a choice without its type': [observation({ value: 1 }), ['invalid-structure Observation.value']],
    'a type that the choice does not offer': [observation({ valueDecimal: 1 }), ['invalid-structure Observation.valueDecimal']],
    'with characters that FHIRPath quotes': [patient({ 'a b': 1 }), ['invalid-structure Patient.`a b`']],
    'of Object.prototype': [
      patient({ constructor: 'x', toString: 'x' }),
      ['invalid-structure Patient.constructor', 'invalid-structure Patient.toString'],
    ],
    __proto__: [JSON.parse('{"resourceType":"Patient","__proto__":{"id":"x"}}') as JsonObject, ['invalid-structure Patient.__proto__']],
    'resourceType in a data type': [
      patient({ name: [{ resourceType: 'HumanName', text: 'x' }] }),
      ['invalid-structure Patient.name[0].resourceType'],
    ],
    'an underscore before what is no primitive': [patient({ _name: [{ id: 'x' }] }), ['invalid-structure Patient._name']],
    'an underscore before an id': [patient({ _id: { extension: [] } }), ['invalid-structure Patient._id']],
    'of later versions and other servers': [patient({ meta: { project: 'x' } }), ['invalid-structure Patient.meta.project']],
  },
  'types and forms of JSON': {
    'no resourceType': [{ id: 'x' }, ['invalid-structure Resource']],
    'an unknown resourceType': [{ resourceType: 'Patientt' }, ['invalid-structure Resource']],
    'an abstract resourceType': [{ resourceType: 'DomainResource' }, ['invalid-structure Resource']],
    'a resourceType that is no string': [{ resourceType: ['Patient'] }, ['invalid-structure Resource']],
    'a resourceType of Object.prototype': [{ resourceType: 'constructor' }, ['invalid-structure Resource']],
    'a number for a string': [patient({ name: [{ family: 1 }] }), ['invalid-structure Patient.name[0].family']],
    'a string for a number': [observation({ valueQuantity: { value: '1' } }), ['invalid-structure Observation.value.value']],
    'a string for a boolean': [patient({ active: 'true' }), ['invalid-structure Patient.active']],
    'a string for an object': [patient({ maritalStatus: 'M' }), ['invalid-structure Patient.maritalStatus']],
    'an object for a string': [patient({ gender: {} }), ['invalid-structure Patient.gender']],
    'one for many': [patient({ name: { family: 'x' } }), ['invalid-structure Patient.name']],
    'many for one': [patient({ gender: ['male'] }), ['invalid-structure Patient.gender']],
    'a primitive among objects': [patient({ name: [{ family: 'x' }, 'y'] }), ['invalid-structure Patient.name[1]']],
    'null for an element': [patient({ birthDate: null }), ['invalid-structure Patient.birthDate']],
    'null for an object': [patient({ maritalStatus: null }), ['invalid-structure Patient.maritalStatus']],
    'null among objects': [patient({ name: [null] }), ['invalid-structure Patient.name[0]']],
    'an array in an array': [patient({ name: [[{ family: 'x' }]] }), ['invalid-structure Patient.name[0]']],
    'meta that is no object': [patient({ meta: [] }), ['invalid-structure Patient.meta']],
  },
  emptiness: {
    'an empty array': [patient({ name: [] }), ['invalid-structure Patient.name']],
    'an empty array of primitives': [patient({ name: [{ family: 'x', given: [] }] }), ['invalid-structure Patient.name[0].given']],
    'an empty object': [patient({ name: [{}] }), ['invalid-structure Patient.name[0]']],
    'an empty string': [patient({ name: [{ family: '' }] }), ['invalid-value Patient.name[0].family']],
    'an empty code': [patient({ gender: '' }), ['invalid-value Patient.gender']],
    'an element with nothing but an id': [patient({ name: [{ id: 'x' }] }), ['invariant Patient.name[0]']],
  },
  cardinality: {
    'a required element': [{ resourceType: 'Observation', status: 'final' }, ['invalid-structure Observation.code']],
    'a required choice': [
      { resourceType: 'MedicationRequest', status: 'active', intent: 'order', subject: { reference: 'Patient/1' } },
      ['invalid-structure MedicationRequest.medication'],
    ],
    'two of a choice': [observation({ valueString: 'x', valueBoolean: true }), ['invalid-structure Observation.value']],
    'three of a choice': [observation({ valueString: 'x', valueBoolean: true, valueInteger: 1 }), ['invalid-structure Observation.value']],
    'a value, and an extension of another of a choice': [
      observation({ valueString: 'x', _valueBoolean: { extension: [{ url: 'http://x.org/y', valueCode: 'a' }] } }),
      ['invalid-structure Observation.value'],
    ],
    'required in a data type': [patient({ text: { status: 'generated' } }), ['invalid-structure Patient.text.div']],
  },
  'extensions of primitives': {
    'an array beside one value': [patient({ birthDate: '1980', _birthDate: [{ id: 'x' }] }), ['invalid-structure Patient.birthDate']],
    'one beside an array': [patient({ name: [{ given: ['x'], _given: { id: 'x' } }] }), ['invalid-structure Patient.name[0].given']],
    'a null without an extension': [patient({ name: [{ given: ['x', null] }] }), ['invalid-structure Patient.name[0].given[1]']],
    'a null in both': [patient({ name: [{ given: ['x', null], _given: [null, null] }] }), ['invalid-structure Patient.name[0].given[1]']],
    'an id alone, without a value': [patient({ _birthDate: { id: 'x' } }), ['invariant Patient.birthDate']],
    'an unknown element': [patient({ _birthDate: { value: 'x' } }), ['invalid-structure Patient.birthDate.value']],
    'an empty object': [patient({ birthDate: '1980', _birthDate: {} }), ['invalid-structure Patient.birthDate']],
  },
  values: {
    'a day that is not in the calendar': [patient({ birthDate: '2021-02-30' }), ['invalid-value Patient.birthDate']],
    'a time without a zone': [observation({ effectiveDateTime: '2021-02-03T10:00:00' }), ['invalid-value Observation.effective']],
    'a decimal beyond what numbers can hold': [
      JSON.parse('{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1e999}}') as JsonObject,
      ['invalid-value Observation.value.value'],
    ],
    'an integer with a fraction': [observation({ valueInteger: 1.5 }), ['invalid-value Observation.value']],
    'an integer out of range': [observation({ valueInteger: 2_147_483_648 }), ['invalid-value Observation.value']],
    'an id': [patient({ id: 'a_b' }), ['invalid-value Patient.id']],
    'an element id with a space': [patient({ name: [{ id: 'a b', family: 'x' }] }), ['invalid-value Patient.name[0].id']],
    'control characters': [patient({ name: [{ family: 'a\u0000b' }] }), ['invalid-value Patient.name[0].family']],
    'one value of many': [patient({ name: [{ given: ['x', '\u0007'] }] }), ['invalid-value Patient.name[0].given[1]']],
    'a URI with a space': [patient({ identifier: [{ system: 'a b' }] }), ['invalid-value Patient.identifier[0].system']],
    base64: [patient({ photo: [{ contentType: 'image/png', data: '%%%' }] }), ['invalid-value Patient.photo[0].data']],
  },
  'required codes': {
    'a code': [patient({ gender: 'Male' }), ['invalid-code Patient.gender']],
    'a code in a data type': [patient({ name: [{ use: 'offical', family: 'x' }] }), ['invalid-code Patient.name[0].use']],
    'a currency': [
      { resourceType: 'Invoice', status: 'issued', totalNet: { value: 1, currency: 'Rs' } },
      ['invalid-code Invoice.totalNet.currency'],
    ],
    'a heading of a code system': [
      { resourceType: 'Questionnaire', status: 'draft', item: [{ linkId: '1', type: 'question' }] },
      ['invalid-code Questionnaire.item[0].type'],
    ],
    'a concept of another code system': [
      condition({ verificationStatus: { coding: [{ system: 'http://x.org', code: 'confirmed' }] } }),
      ['invalid-code Condition.verificationStatus'],
    ],
    'a concept without a system': [
      condition({ verificationStatus: { coding: [{ code: 'confirmed' }] } }),
      ['invalid-code Condition.verificationStatus'],
    ],
    'a concept of text only': [condition({ verificationStatus: { text: 'confirmed' } }), ['invalid-code Condition.verificationStatus']],
  },
  references: {
    'to a type that is not allowed': [
      observation({ subject: { reference: 'Observation/1' } }),
      ['invalid-reference Observation.subject.reference'],
    ],
    'by URL to a type that is not allowed': [
      observation({ subject: { reference: 'https://x.org/fhir/Observation/1' } }),
      ['invalid-reference Observation.subject.reference'],
    ],
    'to a version, of a type that is not allowed': [
      observation({ subject: { reference: 'Observation/1/_history/2' } }),
      ['invalid-reference Observation.subject.reference'],
    ],
    'to no resource type': [observation({ subject: { reference: 'Patiant/1' } }), ['invalid-value Observation.subject.reference']],
    'without an id': [observation({ subject: { reference: 'Patient/' } }), ['invalid-value Observation.subject.reference']],
    'with a malformed id': [observation({ subject: { reference: 'Patient/a b' } }), ['invalid-value Observation.subject.reference']],
    'with dots in the path': [observation({ subject: { reference: '../Patient/1' } }), ['invalid-value Observation.subject.reference']],
    'a condition': [observation({ subject: { reference: 'Patient?identifier=1' } }), ['invalid-value Observation.subject.reference']],
    'a malformed UUID': [observation({ subject: { reference: 'urn:uuid:1' } }), ['invalid-value Observation.subject.reference']],
    'to what is not contained': [observation({ subject: { reference: '#p' } }), ['invalid-reference Observation.subject.reference']],
    'to the container, from outside': [observation({ subject: { reference: '#' } }), ['invalid-reference Observation.subject.reference']],
    'to a contained resource of another type': [
      observation({ contained: [organization({ id: 'o' })], subject: { reference: '#o' } }),
      ['invalid-reference Observation.subject.reference'],
    ],
  },
  'contained resources': {
    'of an unknown type': [
      patient({ contained: [{ resourceType: 'Foo', id: 'a' }], generalPractitioner: [{ reference: '#a' }] }),
      ['invalid-structure Patient.contained[0]'],
    ],
    'with an error inside': [
      patient({ contained: [organization({ id: 'a', nam: 'x' })], managingOrganization: { reference: '#a' } }),
      ['invalid-structure Patient.contained[0].nam'],
    ],
    'that contain others': [
      patient({
        contained: [organization({ id: 'a', contained: [organization({ id: 'b' })] })],
        managingOrganization: { reference: '#a' },
      }),
      ['invariant Patient.contained[0].contained'],
    ],
    'that nothing refers to': [patient({ contained: [organization({ id: 'a' })] }), ['invariant Patient.contained[0]']],
    'with a version': [
      patient({ contained: [organization({ id: 'a', meta: { versionId: '1' } })], managingOrganization: { reference: '#a' } }),
      ['invariant Patient.contained[0].meta'],
    ],
    'with security labels': [
      patient({ contained: [organization({ id: 'a', meta: { security: [{ code: 'R' }] } })], managingOrganization: { reference: '#a' } }),
      ['invariant Patient.contained[0].meta.security'],
    ],
  },
  extensions: {
    'without a URL': [extended({ valueString: 'x' }), ['invalid-structure Patient.extension[0].url']],
    'with a relative URL': [extended({ url: 'x', valueString: 'x' }), ['invalid-value Patient.extension[0].url']],
    'without a value': [extended({ url: 'http://x.org/y' }), ['invariant Patient.extension[0]']],
    'with a value and extensions': [
      extended({ url: 'http://x.org/y', valueString: 'x', extension: [{ url: 'z', valueString: 'x' }] }),
      ['invariant Patient.extension[0]'],
    ],
    'with two values': [
      extended({ url: 'http://x.org/y', valueString: 'x', valueCode: 'x' }),
      ['invalid-structure Patient.extension[0].value'],
    ],
    'on a primitive element': [
      patient({ _birthDate: { extension: [{ url: 'http://x.org/y', valueDateTime: 'x' }] } }),
      ['invalid-value Patient.birthDate.extension[0].value'],
    ],
  },
  narratives: {
    'a script': [
      patient({ text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x<script>alert(1)</script></div>' } }),
      ['invariant Patient.text.div'],
    ],
    'not well-formed': [
      patient({ text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</div>' } }),
      ['invalid-value Patient.text.div'],
    ],
  },
  'base invariants': {
    'per-1': [patient({ name: [{ family: 'x', period: { start: '2020', end: '2019' } }] }), ['invariant Patient.name[0].period']],
    'qty-3': [observation({ valueQuantity: { value: 1, code: 'mg' } }), ['invariant Observation.value']],
    'obs-6': [observation({ valueString: 'x', dataAbsentReason: { text: 'x' } }), ['invariant Observation']],
    'obs-7': [
      observation({
        valueString: 'x',
        code: { coding: [{ system: 'http://x.org', code: 'a' }] },
        component: [{ code: { coding: [{ code: 'a', system: 'http://x.org' }] } }],
      }),
      ['invariant Observation'],
    ],
    'pat-1': [patient({ contact: [{ gender: 'male' }] }), ['invariant Patient.contact[0]']],
    'con-5': [
      condition({
        clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
        verificationStatus: { coding: [{ system: VERIFICATION, code: 'entered-in-error' }] },
      }),
      ['invariant Condition'],
    ],
    'org-3 on an element': [
      organization({ telecom: [{ system: 'phone', value: '1', use: 'home' }] }),
      ['invariant Organization.telecom[0]'],
    ],
    'sqty-1 of SimpleQuantity': [
      observation({ referenceRange: [{ low: { value: 1, comparator: '<' } }] }),
      ['invariant Observation.referenceRange[0].low'],
    ],
    'que-12 as it is meant': [
      {
        resourceType: 'Questionnaire',
        status: 'draft',
        item: [
          { linkId: '1', type: 'string' },
          {
            linkId: '2',
            type: 'string',
            enableWhen: [
              { question: '1', operator: 'exists', answerBoolean: true },
              { question: '1', operator: '=', answerString: 'x' },
            ],
          },
        ],
      },
      ['invariant Questionnaire.item[1]'],
    ],
  },
  bundles: {
    'an entry with an error': [bundle('collection', [entryOf(patient({ gender: 'x' }))]), ['invalid-code Bundle.entry[0].resource.gender']],
    'an entry of an unknown type': [bundle('collection', [entryOf({ resourceType: 'X' })]), ['invalid-structure Bundle.entry[0].resource']],
    'bdl-3': [bundle('transaction', [entryOf(patient({}))]), ['invariant Bundle']],
    'bdl-7': [bundle('collection', [entryOf(patient({})), entryOf(patient({}))]), ['invariant Bundle']],
    'a contained resource of another entry': [
      bundle('collection', [
        entryOf(patient({ contained: [organization({ id: 'o' })], managingOrganization: { reference: '#o' } })),
        { resource: patient({ managingOrganization: { reference: '#o' } }) },
      ]),
      ['invalid-reference Bundle.entry[1].resource.managingOrganization.reference'],
    ],
    'a parameter with two values': [
      { resourceType: 'Parameters', parameter: [{ name: 'a', valueString: 'x', resource: patient({}) }] },
      ['invariant Parameters.parameter[0]'],
    ],
  },
  'several issues': {
    'in the order of the document, 400 before 422': [
      patient({ gender: 'x', birthDate: '1', name: [{ use: 'x', given: 'y' }] }),
      [
        'invalid-value Patient.birthDate',
        'invalid-structure Patient.name[0].given',
        'invalid-code Patient.gender',
        'invalid-code Patient.name[0].use',
      ],
    ],
  },
};

describe.each(Object.entries(CASES))('%s', (_group, cases) => {
  it.each(Object.entries(cases))('%s', (_name, [resource, issues]) => {
    expect(issuesOf(resource)).toEqual(issues);
  });
});

const GOOD: Record<string, JsonObject> = {
  'a resource of nothing but its type': patient({}),
  'nulls that fill up': patient({
    name: [{ given: ['a', null], _given: [null, { extension: [{ url: 'http://x.org/y', valueCode: 'z' }] }] }],
  }),
  'an id beside a value': patient({ birthDate: '1980', _birthDate: { id: 'x' } }),
  'a required element whose value is absent': {
    resourceType: 'Observation',
    _status: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] },
    code: { text: 'x' },
  },
  'a choice with an extension': observation({ valueString: 'x', _valueString: { id: 'a' } }),
  'a contained resource that refers to its container': patient({
    contained: [
      {
        resourceType: 'Provenance',
        id: 'p',
        target: [{ reference: '#' }],
        recorded: '2020-01-01T00:00:00Z',
        agent: [{ who: { display: 'x' } }],
      },
    ],
  }),
  'a contained resource named by a canonical': {
    resourceType: 'Questionnaire',
    status: 'draft',
    contained: [{ resourceType: 'ValueSet', id: 'v', status: 'draft' }],
    item: [{ linkId: '1', type: 'choice', answerValueSet: '#v' }],
  },
  'a contained image in the narrative': {
    resourceType: 'Patient',
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><img src="#i" alt="x"/></div>' },
    contained: [{ resourceType: 'Binary', id: 'i', contentType: 'image/png', data: 'AAAA' }],
  },
  'references of all forms': observation({
    subject: { reference: 'Patient/1/_history/2' },
    encounter: { reference: 'https://x.org/fhir/Encounter/1' },
    performer: [{ reference: 'urn:uuid:1c0d7a52-7b4f-4d3c-9a1e-0d6a4a3f5b11' }, { reference: 'urn:oid:1.2.3' }, { display: 'x' }],
  }),
  'conditional references in a transaction': bundle('transaction', [
    { resource: observation({ subject: { reference: 'Patient?identifier=1' } }), request: { method: 'POST', url: 'Observation' } },
  ]),
  'a currency': { resourceType: 'Invoice', status: 'issued', totalNet: { value: 1, currency: 'INR' } },
};

it.each(Object.entries(GOOD))('%s is good', (_name, resource) => {
  expect(validator.check(resource)).toEqual([]);
});

describe('hints', () => {
  it.each([
    [patient({ birthdate: '1980' }), 'did you mean birthDate?'],
    [patient({ gender: 'femal' }), 'did you mean female?'],
    [observation({ subject: { reference: 'Patiant/1' } }), 'did you mean Patient?'],
    [{ resourceType: 'Patientt' }, 'did you mean Patient?'],
    [{ resourceType: 'Observation', status: 'final' }, 'add code'],
    [patient({ qqqqqqqqqqqq: 1 }), 'remove it, or carry what it says in an extension'],
  ])('%j', (resource, hint) => {
    expect(validator.check(resource)[0]?.hint).toBe(hint);
  });

  it('names the types of a choice', () => {
    expect(validator.check(observation({ value: 1 }))[0]?.hint).toContain('valueQuantity');
  });
});

describe('what a check never does', () => {
  it('repeats a value', () => {
    const secret = 'Doe-7f3a';
    const resources = [
      patient({ birthDate: secret, gender: secret, name: secret, active: secret, id: `${secret} ` }),
      observation({ subject: { reference: `${secret} ` }, valueInteger: secret, effectiveDateTime: secret }),
      patient({ text: { status: 'generated', div: `<div>${secret}` }, name: [{ family: `${secret}\u0000` }] }),
    ];
    expect(JSON.stringify(resources.map((r) => validator.check(r)))).not.toContain(secret);
  });

  it('reports more than 100 issues', () => {
    const names = Array.from({ length: 10_000 }, (_, i) => [`x${i}`, 1]);
    expect(validator.check(patient(Object.fromEntries(names) as JsonObject))).toHaveLength(100);
  });
});
