import { describe } from '@jest/globals';
import { itGives } from '../set-up.ts';

const LOINC = 'http://loinc.org';
const V2_0203 = 'http://terminology.hl7.org/CodeSystem/v2-0203';

describe('token entries', () => {
  itGives([
    [
      'a concept: each coding; displays and text as strings',
      { resourceType: 'Condition', code: { coding: [{ system: LOINC, code: 'a', display: 'Ä b' }, { code: 'c' }], text: 'Text' } },
      'code',
      [`token code ${LOINC}|a`, 'token code |c', 'string code:text a b (Ä b)', 'string code:text text (Text)'],
    ],
    [
      'a concept of text alone is there',
      { resourceType: 'Condition', code: { text: 'Fever' } },
      'code',
      ['token code |', 'string code:text fever (Fever)'],
    ],
    [
      'a coding without code',
      { resourceType: 'Condition', code: { coding: [{ system: LOINC }, { display: 'x' }] } },
      'code',
      [`token code ${LOINC}|`, 'string code:text x (x)'],
    ],
    ['a coding', { resourceType: 'Encounter', class: { system: 's', code: 'AMB' } }, 'class', ['token class s|AMB']],
    [
      'a code has the system of its required binding',
      { resourceType: 'Patient', gender: 'male' },
      'gender',
      ['token gender http://hl7.org/fhir/administrative-gender|male'],
    ],
    [
      'or that of the systems which has the code',
      { resourceType: 'Task', intent: 'order' },
      'intent',
      ['token intent http://hl7.org/fhir/request-intent|order'],
    ],
    ['a code without required binding has none', { resourceType: 'Binary', id: 'b' }, 'contenttype', []],
    [
      'a language has none',
      { resourceType: 'Patient', communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'ta' }] } }] },
      'language',
      ['token language urn:ietf:bcp:47|ta'],
    ],
    [
      'an identifier, also by its type',
      {
        resourceType: 'Patient',
        identifier: [
          { system: 'urn:mrn', value: '1|2', type: { coding: [{ system: V2_0203, code: 'MR' }], text: 'Record' } },
          { value: '3' },
          { system: 'urn:x' },
        ],
      },
      'identifier',
      [
        'token identifier urn:mrn|1|2',
        `token identifier:of-type ${V2_0203}|MR|1|2`,
        'token identifier |3',
        'token identifier urn:x|',
        'string identifier:text record (Record)',
      ],
    ],
    [
      'telecom by its value, split by system',
      {
        resourceType: 'Patient',
        telecom: [{ system: 'phone', value: '+91 1' }, { system: 'email', value: 'A@b.in' }, { system: 'phone' }],
      },
      'phone',
      ['token phone |+91 1'],
    ],
    [
      'e-mail',
      {
        resourceType: 'Patient',
        telecom: [
          { system: 'phone', value: '1' },
          { system: 'email', value: 'A@b.in' },
        ],
      },
      'email',
      ['token email |A@b.in'],
    ],
    ['booleans', { resourceType: 'Patient', active: false }, 'active', ['token active |false']],
    ['deceased: no date', { resourceType: 'Patient' }, 'deceased', ['token deceased |false']],
    ['deceased: false', { resourceType: 'Patient', deceasedBoolean: false }, 'deceased', ['token deceased |false']],
    ['deceased: true', { resourceType: 'Patient', deceasedBoolean: true }, 'deceased', ['token deceased |true']],
    ['deceased: a date', { resourceType: 'Patient', deceasedDateTime: '2020' }, 'deceased', ['token deceased |true']],
    [
      'choices read only their type',
      { resourceType: 'Observation', valueCodeableConcept: { coding: [{ code: 'x' }] } },
      'value-concept',
      ['token value-concept |x'],
    ],
    ['tags', { resourceType: 'Patient', meta: { tag: [{ system: 's', code: 't' }] } }, '_tag', ['token _tag s|t']],
    [
      'security labels',
      { resourceType: 'Patient', meta: { security: [{ system: 's', code: 'R' }] } },
      '_security',
      ['token _security s|R'],
    ],
    [
      'the same code twice is one entry',
      { resourceType: 'Condition', category: [{ coding: [{ code: 'a' }, { code: 'a' }] }, { coding: [{ code: 'a' }] }] },
      'category',
      ['token category |a'],
    ],
    ['id is a column', { resourceType: 'Patient', id: 'x' }, '_id', []],
    [
      'what has the wrong form is passed over',
      { resourceType: 'Patient', gender: { code: 'x' }, active: null, identifier: ['x', null, {}] },
      'identifier',
      [],
    ],
  ]);
});
