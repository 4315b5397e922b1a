import { describe } from '@jest/globals';
import { itGives } from '../set-up.ts';

const NAME = {
  family: 'Müller',
  given: ['Jörg', 'P.'],
  prefix: ['Dr.'],
  suffix: ['jr'],
  text: 'Dr. Jörg Müller',
  use: 'official',
  period: { start: '2000' },
};

describe('string entries', () => {
  itGives([
    [
      'a name by each of its parts',
      { resourceType: 'Patient', name: [NAME] },
      'name',
      [
        'string name muller (Müller)',
        'string name jorg (Jörg)',
        'string name p. (P.)',
        'string name dr. (Dr.)',
        'string name jr (jr)',
        'string name dr. jorg muller (Dr. Jörg Müller)',
      ],
    ],
    ['family', { resourceType: 'Patient', name: [NAME] }, 'family', ['string family muller (Müller)']],
    [
      'given',
      { resourceType: 'Patient', name: [NAME, { given: ['Jörg'] }] },
      'given',
      ['string given jorg (Jörg)', 'string given p. (P.)'],
    ],
    [
      'an address by each of its parts',
      {
        resourceType: 'Patient',
        address: [
          {
            use: 'home',
            line: ['12 MG Road', 'Flat 3'],
            city: 'Kochi',
            district: 'Ernakulam',
            state: 'KL',
            postalCode: '682001',
            country: 'IN',
            text: 'all',
          },
        ],
      },
      'address',
      ['12 MG Road', 'Flat 3', 'Kochi', 'Ernakulam', 'KL', '682001', 'IN', 'all'].map((t) => `string address ${t.toLowerCase()} (${t})`),
    ],
    [
      'city',
      { resourceType: 'Patient', address: [{ city: 'Kochi' }, { city: 'Thrissur' }] },
      'address-city',
      ['string address-city kochi (Kochi)', 'string address-city thrissur (Thrissur)'],
    ],
    ['markdown', { resourceType: 'ValueSet', description: '*A*' }, 'description', ['string description *a* (*A*)']],
    [
      'either of two elements',
      { resourceType: 'InsurancePlan', name: 'A', alias: ['B'] },
      'name',
      ['string name a (A)', 'string name b (B)'],
    ],
    [
      'text of a chosen concept',
      { resourceType: 'Observation', valueCodeableConcept: { text: 'Vata' } },
      'value-string',
      ['string value-string vata (Vata)'],
    ],
    ['a chosen string', { resourceType: 'Observation', valueString: 'Pitta' }, 'value-string', ['string value-string pitta (Pitta)']],
    ['Devanagari keeps its vowels', { resourceType: 'Patient', name: [{ family: 'शर्मा' }] }, 'family', ['string family शर्मा (शर्मा)']],
    [
      'what has the wrong form is passed over',
      { resourceType: 'Patient', name: [null, 'x', { family: 1, given: 'y', prefix: [null, {}] }] },
      'name',
      ['string name y (y)'],
    ],
  ]);
});
