/**
 * `npm run release:fixture`: keeps a small data directory of this release in `test/fixtures/releases/VERSION`, with what
 * it answers. Every later release must open it: `test/releases`. Run once for a release, from a build.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freshEnvironment, startServer } from '../running-server.ts';

/** Writes in order: a deleted, an updated and a plain resource, in two clinics. */
const WRITES: readonly (readonly [method: string, path: string, resource?: object])[] = [
  [
    'PUT',
    '/fhir/R4/Patient/asha',
    { resourceType: 'Patient', id: 'asha', name: [{ family: 'शर्मा', given: ['आशा'] }], birthDate: '1980-02-03' },
  ],
  [
    'PUT',
    '/fhir/R4/Patient/asha',
    { resourceType: 'Patient', id: 'asha', name: [{ family: 'Sharma', given: ['Asha'] }], birthDate: '1980-02-03' },
  ],
  [
    'PUT',
    '/fhir/R4/Observation/weight',
    {
      resourceType: 'Observation',
      id: 'weight',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
      subject: { reference: 'Patient/asha' },
      effectiveDateTime: '2026-03-01T09:30:00+05:30',
      valueQuantity: { value: 61.5, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
    },
  ],
  ['PUT', '/fhir/R4/Basic/gone', { resourceType: 'Basic', id: 'gone', code: { text: 'gone' } }],
  ['DELETE', '/fhir/R4/Basic/gone'],
  ['PUT', '/clinics/second/fhir/R4/Patient/asha', { resourceType: 'Patient', id: 'asha', name: [{ family: 'Other' }] }],
];

/** Asked again of every later release; the answers must stay. */
const QUESTIONS: readonly string[] = [
  '/fhir/R4/Patient/asha',
  '/fhir/R4/Patient/asha/_history/1',
  '/fhir/R4/Patient?name=shar&birthdate=1980',
  '/fhir/R4/Observation?patient=Patient/asha&code=http://loinc.org|29463-7&_sort=-date',
  '/fhir/R4/Observation?value-quantity=61500||g',
  '/fhir/R4/Observation?value-quantity=61500|http://unitsofmeasure.org|g',
  '/fhir/R4/Observation?patient.birthdate=ge1980&_include=Observation:patient',
  '/fhir/R4/Basic/gone',
  '/fhir/R4/_history?_count=10',
  '/clinics/second/fhir/R4/Patient',
];

export interface Answered {
  readonly status: number;
  readonly body: string;
}

/** Asks all questions; the server's address and the ids of outcomes don't count. */
export async function ask(base: string): Promise<Record<string, Answered>> {
  const answers: Record<string, Answered> = {};
  for (const path of QUESTIONS) {
    const response = await fetch(base + path);
    const body = (await response.text()).replaceAll(base, 'http://nadi').replace(/"id":"[0-9a-f-]{36}"/g, '"id":"-"');
    answers[path] = { status: response.status, body };
  }
  return answers;
}

async function main(): Promise<void> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const folder = join(root, 'test/fixtures/releases', version);
  const server = await startServer(freshEnvironment('sqlite'));
  for (const [method, path, resource] of WRITES) {
    const body = resource === undefined ? {} : { body: JSON.stringify(resource), headers: { 'content-type': 'application/fhir+json' } };
    const response = await fetch(server.base + path, { method, ...body });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'answers.json'), `${JSON.stringify(await ask(server.base), null, 2)}\n`);
  await server.stop();
  // A drained server leaves nothing beside the database: all of the log is in it.
  copyFileSync(join(server.dataDir, 'nadi.db'), join(folder, 'nadi.db'));
  server.remove();
}

if (import.meta.main) await main();
