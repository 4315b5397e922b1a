/** The same work in either thread: each task is tried on both sides of the limit, and has the same outcome. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { loadDefinitions } from '../../src/fhir/model/definitions.ts';
import { asResourceId, asResourceType } from '../../src/fhir/model/ids.ts';
import type { JsonObject } from '../../src/fhir/model/json.ts';
import type { FhirError } from '../../src/fhir/outcome/error.ts';
import { createPathLocator } from '../../src/fhir/patch/path-locator.ts';
import { isPacked, unpackEntries } from '../../src/fhir/search/packed.ts';
import { createRegistry } from '../../src/fhir/search/registry.ts';
import { createExtractor } from '../../src/fhir/search/values/index.ts';
import { createUnits } from '../../src/fhir/search/values/normalise/index.ts';
import { createValidator } from '../../src/fhir/validation/index.ts';
import type { Prepared, PrepareRules } from '../../src/fhir/work/prepare.ts';
import { createWork, type Work } from '../../src/fhir/work/work.ts';

const definitions = loadDefinitions();
const locator = createPathLocator();
const extractor = createExtractor({ definitions, registry: createRegistry(definitions), units: createUnits() });
const tools = { definitions, extractor, validator: createValidator({ definitions }), locator };
const here = createWork(tools, { large: Infinity });
const there = createWork(tools, { large: 1 });
afterAll(async () => {
  await Promise.all([here.close(), there.close(), locator.close()]);
});

const limits = { depth: 100, keys: 500_000 };
const bytesOf = (resource: unknown): Uint8Array => Buffer.from(typeof resource === 'string' ? resource : JSON.stringify(resource));
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const rulesOf = (type: string): PrepareRules => ({
  key: { type: asResourceType(type), id: asResourceId('x') },
  bodyId: 'if given',
  timeZone: 'Asia/Kolkata',
  limits,
  maxBytes: 8 * 2 ** 20,
  maxIndexEntries: 50_000,
});

/** Entries of every kind, composites among them. */
const OBSERVATION: JsonObject = {
  resourceType: 'Observation',
  id: 'x',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8480-6', display: 'Systolic "pressure"' }], text: 'Blutdruck ü' },
  subject: { reference: 'Patient/p' },
  effectiveDateTime: '2024-05-01',
  valueQuantity: { value: 120, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
  component: [{ code: { coding: [{ code: 'a' }] }, valueString: 'b' }],
  derivedFrom: [{ reference: 'urn:uuid:7c7b8e0a-0000-4000-8000-000000000001' }],
};

const opened = async ({ text, entries }: Prepared) => ({ text, entries: isPacked(entries) ? await unpackEntries(entries) : entries });
const failure = async (work: Work, resource: unknown, type: string) =>
  Promise.resolve()
    .then(() => work.prepare({ source: { bytes: bytesOf(resource) }, rules: rulesOf(type) }))
    .then(
      () => undefined,
      (error: unknown) => ({ status: (error as FhirError).status, issues: (error as FhirError).issues }),
    );

describe('prepare', () => {
  it('gives the same text and entries in both threads', async () => {
    const input = { source: { bytes: bytesOf(OBSERVATION) }, rules: rulesOf('Observation') };
    const [a, b] = [await here.prepare(input), await there.prepare(input)];
    expect(isPacked(a.entries)).toBe(false);
    expect(isPacked(b.entries)).toBe(true);
    expect(await opened(b)).toEqual(await opened(a));
  });

  it('keeps the text of numbers', async () => {
    const text = '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50}}';
    const { text: kept } = await there.prepare({ source: { bytes: bytesOf(text) }, rules: rulesOf('Observation') });
    expect(kept.before + kept.after).toContain('1.50');
  });

  it('packs many entries in parts, none lost and none twice', async () => {
    const name = Array.from({ length: 12_001 }, (_, n) => ({ family: `f${n}` }));
    const input = { source: { bytes: bytesOf({ resourceType: 'Patient', name }) }, rules: rulesOf('Patient') };
    const [a, b] = [await here.prepare(input), await there.prepare(input)];
    expect(isPacked(b.entries) ? b.entries.packed.length : 0).toBeGreaterThan(2);
    expect(await opened(b)).toEqual(await opened(a));
  });

  it.each([
    ['syntax', '{"resourceType":"Patient",', 'Patient'],
    ['a key twice', '{"resourceType":"Patient","id":"x","id":"x"}', 'Patient'],
    ['structure', { resourceType: 'Patient', id: 'x', wrong: 1, gender: 'none' }, 'Patient'],
    ['another type', { resourceType: 'Patient', id: 'x' }, 'Observation'],
    ['another id', { resourceType: 'Patient', id: 'y' }, 'Patient'],
  ])('refuses %s with the same issues', async (_what, resource, type) => {
    const refused = await failure(there, resource, type);
    expect(refused?.status).toBe(400);
    expect(refused).toEqual(await failure(here, resource, type));
  });
});

describe('other tasks', () => {
  const body = bytesOf(OBSERVATION);
  const source = { bytes: body };
  const operation = {
    name: 'operation',
    part: [
      { name: 'type', valueCode: 'delete' },
      { name: 'path', valueString: "Observation.component.where(value = 'b')" },
    ],
  };
  const cases: readonly (readonly [string, (work: Work) => unknown])[] = [
    ['show elements', async (w) => textOf(await w.show({ body, view: { elements: ['status'] } }))],
    ['show a summary', async (w) => textOf(await w.show({ body, view: { summary: 'true' } }))],
    ['indent', async (w) => textOf(await w.indent({ json: body }))],
    ['write XML', async (w) => textOf(await w.toXml({ json: body, pretty: true }))],
    ['read XML', async (w) => textOf(await w.fromXml({ xml: await here.toXml({ json: body, pretty: false }), limits }))],
    ['identify', (w) => w.identify({ source, limits })],
    ['find references', (w) => w.references({ body, type: 'Observation', params: ['subject', 'derived-from'] })],
    [
      'find what a tree asks for',
      (w) => w.entriesFor({ body, type: 'Observation', tree: { op: 'token', param: 'status', code: 'final' }, timeZone: 'UTC' }),
    ],
    [
      'find that there is nothing that a tree asks for',
      (w) => w.entriesFor({ body, type: 'Observation', tree: { op: 'present', kind: 'token', param: '_security' }, timeZone: 'UTC' }),
    ],
    ['find links', (w) => w.findLinks({ source, limits })],
    [
      'replace links',
      async (w) => {
        const replacements = { reference: new Map([['Patient/p', 'Patient/q']]), uri: new Map<string, string>() };
        const linked = await w.replaceLinks({ source, limits, replacements });
        return 'bytes' in linked && textOf(linked.bytes);
      },
    ],
    [
      'patch by a path that needs the engine',
      async (w) => {
        const patch = bytesOf({ resourceType: 'Parameters', parameter: [operation] });
        return opened(await w.patch({ current: body, patch, contentType: 'application/fhir+json', rules: rulesOf('Observation') }));
      },
    ],
  ];
  it.each(cases)(
    '%s alike',
    async (_name, run) => {
      const done = await run(there);
      expect(done).toBeTruthy();
      expect(done).toEqual(await run(here));
    },
    60_000,
  );

  it('leave the bytes that they were given in place', async () => {
    const whole = Buffer.concat([Buffer.alloc(10), body]);
    const view = whole.subarray(10);
    await there.identify({ source: { bytes: view }, limits });
    expect(textOf(view)).toBe(textOf(body));
  });
});

it('a thread that ended is started again', async () => {
  const work = createWork(tools, { large: 1, idleMs: 1 });
  const source = { bytes: bytesOf(OBSERVATION) };
  expect(await work.identify({ source, limits })).toEqual({ resourceType: 'Observation', id: 'x' });
  // What is asked while the idle thread ends goes to the next one.
  for (let i = 0; i < 3; i++) {
    const closing = work.close();
    const asked = work.identify({ source, limits });
    await closing;
    expect(await asked).toEqual({ resourceType: 'Observation', id: 'x' });
  }
  // Too large to be done before the thread hears of its end.
  const large = { bytes: bytesOf({ ...OBSERVATION, note: Array.from({ length: 100_000 }, (_, n) => ({ text: `note ${n}` })) }) };
  const givenUp = work.identify({ source: large, limits });
  await Promise.all([work.close(), expect(givenUp).rejects.toThrow('ended')]);
});
