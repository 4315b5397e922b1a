/** What is measured on a running server and its floor. */
import { readFileSync } from 'node:fs';
import { bundles, CODES, observation, patientSeed } from './data.ts';
import { compare, load, type Comparison, type Shot } from './load.ts';

export interface Scale {
  readonly patients: number;
  readonly observationsEach: number;
  readonly seconds: number;
  readonly rounds: number;
}

export const FULL: Scale = { patients: 2000, observationsEach: 20, seconds: 4, rounds: 3 };
export const QUICK: Scale = { patients: 200, observationsEach: 10, seconds: 1, rounds: 1 };

/** Fills the server through its own transactions, as so many clients. */
export async function fill(fhirBase: string, scale: Pick<Scale, 'patients' | 'observationsEach'>, clients = 1): Promise<void> {
  const all = bundles(0, scale.patients, scale.observationsEach);
  const client = async (): Promise<void> => {
    for (const bundle of all) await post(fhirBase, JSON.stringify(bundle));
  };
  await Promise.all(Array.from({ length: clients }, client));
}

async function post(url: string, body: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json', prefer: 'return=minimal' },
    body,
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${answer.slice(0, 500)}`);
}

const VARIETY = 500;
const some = <T>(make: (n: number) => T): T[] => Array.from({ length: VARIETY }, (_, i) => make(i * 7919));
const encode = encodeURIComponent;

interface Measure {
  readonly name: string;
  /** The least ratio that this release promises. */
  readonly floor: number;
  readonly clients: number;
  readonly ours: (scale: Scale) => Shot[];
  readonly bare: (scale: Scale) => Shot[];
}

const patientOf = (n: number, scale: Scale): number => n % scale.patients;
/** The code of that patient's observation `k`, so that the search finds something. */
const codeOf = (n: number, k: number): string => CODES[(n + k) % CODES.length] as string;

export const MEASURES: readonly Measure[] = [
  {
    name: 'read',
    floor: 0.5,
    clients: 16,
    ours: (s) => some((n) => ({ path: `/fhir/R4/Observation/o${patientOf(n, s)}-${n % s.observationsEach}` })),
    bare: (s) => some((n) => ({ path: `/read/o${patientOf(n, s)}-${n % s.observationsEach}` })),
  },
  {
    name: 'search by token, 20 a page',
    floor: 0.4,
    clients: 16,
    ours: () => some((n) => ({ path: `/fhir/R4/Observation?code=${encode(`http://loinc.org|${codeOf(n, 0)}`)}&_count=20` })),
    bare: () => some((n) => ({ path: `/token?code=${codeOf(n, 0)}` })),
  },
  {
    name: 'search by patient and code, newest first',
    floor: 0.4,
    clients: 16,
    ours: (s) =>
      some((n) => {
        const p = patientOf(n, s);
        return {
          path: `/fhir/R4/Observation?patient=Patient/p${p}&code=${encode(`http://loinc.org|${codeOf(p, 1)}`)}&_sort=-date&_count=20`,
        };
      }),
    bare: (s) => some((n) => ({ path: `/pair?patient=p${patientOf(n, s)}&code=${codeOf(patientOf(n, s), 1)}` })),
  },
  {
    name: 'search by name and birth date',
    floor: 0.4,
    clients: 16,
    ours: (s) =>
      some((n) => ({ path: `/fhir/R4/Patient?name=${patientSeed(patientOf(n, s)).family.toLowerCase()}&birthdate=ge1950&_count=20` })),
    bare: (s) => some((n) => ({ path: `/name?name=${patientSeed(patientOf(n, s)).family.toLowerCase()}&from=${Date.UTC(1950, 0, 1)}` })),
  },
  {
    name: 'create',
    floor: 0.3,
    clients: 64,
    ours: (s) =>
      some((n) => ({ method: 'POST', path: '/fhir/R4/Observation', body: JSON.stringify(observation(patientOf(n, s), n % 50)) })),
    bare: (s) => some((n) => ({ method: 'POST', path: '/create', body: JSON.stringify(observation(patientOf(n, s), n % 50)) })),
  },
];

/** Ours and the floor in turn, on the same data. */
export function measure(of: Measure, server: string, floor: string, scale: Scale): Promise<Comparison> {
  const [ours, bare] = [of.ours(scale), of.bare(scale)];
  return compare(
    scale.rounds,
    () => load(server, of.clients, scale.seconds, ours),
    () => load(floor, of.clients, scale.seconds, bare),
  );
}

/** Documents a second by transaction bundles, posted one after another by some clients. */
export async function transactionsPerSecond(fhirBase: string, files: readonly string[], clients: number): Promise<number> {
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  const [first, rest] = [texts.slice(0, 2), texts.slice(2)];
  // Hospitals and practitioners are what the others refer to.
  for (const text of first) await post(fhirBase, text);
  const resources = rest.reduce((n, text) => n + (JSON.parse(text) as { entry: unknown[] }).entry.length, 0);
  const started = performance.now();
  const queue = rest.values();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (const text of queue) await post(fhirBase, text);
    }),
  );
  return resources / ((performance.now() - started) / 1000);
}
