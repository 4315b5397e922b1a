/** Made-up records for the benchmarks: the same at every run, of the size and shape of real ones. */

export interface PatientSeed {
  readonly id: string;
  readonly family: string;
  readonly birthDate: string;
}

const FAMILIES = [
  'Sharma',
  'Iyer',
  'Menon',
  'Patel',
  'Nair',
  'Gupta',
  'Das',
  'Rao',
  'Singh',
  'Bose',
  'Kulkarni',
  'Shetty',
  'Pillai',
  'Joshi',
  'Verma',
  'Reddy',
];
const GIVEN = ['Asha', 'Ravi', 'Meera', 'Arjun', 'Lakshmi', 'Vikram', 'Anita', 'Suresh', 'Kavya', 'Manoj'];
export const CODES = ['8867-4', '8480-6', '8462-4', '8310-5', '9279-1', '2708-6', '29463-7', '8302-2', '39156-5', '2339-0'];
const DAY_MS = 86_400_000;
const START = Date.UTC(2020, 0, 1);

const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

export function patientSeed(n: number): PatientSeed {
  return {
    id: `p${n}`,
    family: `${pick(FAMILIES, n)}${Math.floor(n / 160)}`,
    birthDate: isoDay(Date.UTC(1940, 0, 1) + ((n * 7919) % 25_000) * DAY_MS),
  };
}

function patient(n: number): object {
  const { id, family, birthDate } = patientSeed(n);
  return {
    resourceType: 'Patient',
    id,
    identifier: [{ system: 'https://clinic.example/mrn', value: `MRN-${n}` }],
    active: true,
    name: [{ use: 'official', family, given: [pick(GIVEN, n), pick(GIVEN, n >> 3)] }],
    telecom: [{ system: 'phone', value: `+91 98${String(n).padStart(8, '0')}`, use: 'mobile' }],
    gender: n % 2 === 0 ? 'female' : 'male',
    birthDate,
    address: [{ line: [`${n} MG Road`], city: 'Kochi', state: 'Kerala', postalCode: '682001', country: 'IN' }],
  };
}

/** The `k`th observation of patient `n`. */
export function observation(n: number, k: number, id?: string): object {
  const code = pick(CODES, n + k);
  const at = new Date(START + (n * 37 + k * 5) * 3_600_000).toISOString();
  return {
    resourceType: 'Observation',
    ...(id === undefined ? {} : { id }),
    status: 'final',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs', display: 'Vital Signs' }] },
    ],
    code: { coding: [{ system: 'http://loinc.org', code, display: 'A vital sign' }], text: 'A vital sign' },
    subject: { reference: `Patient/p${n}` },
    effectiveDateTime: at,
    issued: at,
    valueQuantity: { value: 60 + ((n + k) % 60), unit: 'beats/minute', system: 'http://unitsofmeasure.org', code: '/min' },
  };
}

/** Patients `from` to `to` with their observations, as transaction bundles of PUTs with known ids. */
export function* bundles(from: number, to: number, observationsEach: number): Generator<object> {
  const put = (resource: object): object => {
    const { resourceType, id } = resource as { resourceType: string; id: string };
    return { resource, request: { method: 'PUT', url: `${resourceType}/${id}` } };
  };
  for (let n = from; n < to; n += 20) {
    const entry: object[] = [];
    for (let i = n; i < Math.min(n + 20, to); i++) {
      entry.push(put(patient(i)));
      for (let k = 0; k < observationsEach; k++) entry.push(put(observation(i, k, `o${i}-${k}`)));
    }
    yield { resourceType: 'Bundle', type: 'transaction', entry };
  }
}
