/** Resources near the limit of 8 MiB, of the shapes that cost most. */
import type { JsonObject } from '../src/fhir/model/json.ts';

const TARGET = 7_500_000;

/** As many items as make up `bytes` of text. */
function filled(make: (n: number) => object, bytes: number): object[] {
  const items: object[] = [];
  for (let size = 0, n = 0; size < bytes; n++) {
    const item = make(n);
    items.push(item);
    size += JSON.stringify(item).length + 1;
  }
  return items;
}

const component = (n: number): object => ({
  code: { coding: [{ system: 'http://loinc.org', code: `c${n % 5000}` }], text: `value ${n}` },
  valueQuantity: { value: n / 10, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' },
});
const question = (n: number): object => ({
  linkId: `q${n}`,
  text: `Question ${n}: how do you feel about it?`,
  type: 'group',
  item: [{ linkId: `q${n}.1`, type: 'string', text: 'Say more', code: [{ system: 'http://loinc.org', code: `a${n}` }] }],
});
const name = (n: number): object => ({
  use: 'old',
  family: `Family ${n}`,
  given: [`Given ${n}`, 'Kumari'],
  period: { start: '2001-01-01' },
});
const entry = (n: number): object => ({
  fullUrl: `http://example.org/Observation/${n}`,
  resource: {
    resourceType: 'Observation',
    id: `o${n}`,
    status: 'final',
    code: { text: `value ${n}` },
    valueDecimal: undefined,
    valueInteger: n,
  },
});

/** As many items as a resource may be searched by, and notes for the rest of the bytes. */
const searched = (make: (n: number) => object, many: number): object[] => Array.from({ length: many }, (_, n) => make(n));
const note = (n: number): object => ({ text: `Note ${n}: slept well, ate little, walked before breakfast.` });
const contact = (n: number): object => ({ name: { family: `Contact ${n}` }, telecom: [{ value: `98${n}` }] });

/** By kind, a resource of about 7.5 MB; Patient and Observation have nearly all index entries that one may have. */
export const LARGE = {
  Binary: (): JsonObject => ({ resourceType: 'Binary', contentType: 'application/pdf', data: 'QUJD'.repeat(TARGET / 4) }),
  Patient: (): JsonObject => ({
    resourceType: 'Patient',
    name: searched(name, 2450) as never,
    contact: filled(contact, TARGET - 330_000) as never,
  }),
  Questionnaire: (): JsonObject => ({ resourceType: 'Questionnaire', status: 'draft', item: filled(question, TARGET) as never }),
  Observation: (): JsonObject => ({
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'panel' },
    component: searched(component, 820) as never,
    note: filled(note, TARGET - 220_000) as never,
  }),
  Bundle: (): JsonObject => ({ resourceType: 'Bundle', type: 'collection', entry: filled(entry, TARGET) as never }),
} as const;
