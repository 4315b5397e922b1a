import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importCommand } from '../../src/cli/import/index.ts';
import { openWorkbench, patient, type Workbench } from './set-up.ts';

let bench: Workbench;
beforeEach(async () => {
  bench = await openWorkbench();
});
afterEach(() => bench.close());

const entryOf = (resource: Record<string, unknown>, fullUrl?: string): unknown => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request: { method: 'POST', url: String(resource['resourceType']) },
});
const bundle = (type: string, ...entry: unknown[]): unknown => ({ resourceType: 'Bundle', type, entry });
const ndjson = (...resources: unknown[]): string => resources.map((r) => (typeof r === 'string' ? r : JSON.stringify(r))).join('\n');
const stored = (lines: readonly string[]): string | undefined => /^(\d+) resources stored/.exec(lines[0] ?? '')?.[1];

describe('import', () => {
  it('takes a transaction, with its references resolved', async () => {
    const observation = { resourceType: 'Observation', status: 'final', code: { text: 'pulse' }, subject: { reference: 'urn:uuid:1' } };
    const file = bench.file('t.json', bundle('transaction', entryOf(patient(undefined, 'Rao'), 'urn:uuid:1'), entryOf(observation)));
    const { ok, lines } = await bench.run(importCommand, { files: [file] });
    expect([ok, stored(lines)]).toEqual([true, '2']);
    expect(await bench.count('Observation?subject:Patient.name=Rao')).toBe(1);
  });

  it('takes NDJSON, keeping the ids that are there', async () => {
    const file = bench.file('p.ndjson', `${ndjson(patient('a', 'Rao'), '', patient(undefined, 'Iyer'))}\r\n`);
    const { ok, lines } = await bench.run(importCommand, { files: [file] });
    expect([ok, stored(lines), await bench.count('Patient?_id=a'), await bench.count('Patient?')]).toEqual([true, '2', 1, 2]);
  });

  it('takes the last of several versions of a resource in one file', async () => {
    const file = bench.file('p.ndjson', ndjson(patient('a', 'First'), patient('b', 'Other'), patient('a', 'Last')));
    await bench.run(importCommand, { files: [file] });
    expect([await bench.count('Patient?family=Last'), await bench.count('Patient?family=First')]).toEqual([1, 0]);
  });

  it('takes collections and single resources, whole folders of them', async () => {
    bench.file('collection.json', bundle('collection', { resource: patient('a', 'Rao') }, { resource: patient(undefined, 'Iyer') }));
    bench.file('single.json', patient('c', 'Das'));
    bench.file('notes.txt', 'not to be read');
    const { ok, lines } = await bench.run(importCommand, { files: [bench.folder] });
    expect([ok, stored(lines), await bench.count('Patient?')]).toEqual([true, '3', 3]);
  });

  it('takes first what others look for by a search', async () => {
    const coverage = (i: number): unknown => ({
      resourceType: 'Encounter',
      status: 'finished',
      class: { code: 'AMB' },
      serviceProvider: { reference: `Organization?identifier=urn:test|hospital${i}` },
    });
    const organization = { resourceType: 'Organization', identifier: [{ system: 'urn:test', value: 'hospital1' }] };
    bench.file('a-encounter.json', bundle('transaction', entryOf(coverage(1) as Record<string, unknown>)));
    bench.file('z-organization.json', bundle('transaction', entryOf(organization)));
    const { ok, lines } = await bench.run(importCommand, { files: [bench.folder] });
    expect([ok, stored(lines), await bench.count('Encounter?')]).toEqual([true, '2', 1]);
  });

  it('tries again what was refused for want of something that came later', async () => {
    const holder = (name: string, needs: string): unknown =>
      bundle(
        'transaction',
        entryOf({
          resourceType: 'Organization',
          identifier: [{ system: 'urn:test', value: name }],
          ...(needs ? { partOf: { reference: `Organization?identifier=urn:test|${needs}` } } : {}),
        }),
      );
    bench.file('1.json', holder('ward', 'clinic'));
    bench.file('2.json', holder('clinic', 'group'));
    bench.file('3.json', holder('group', ''));
    const { ok, lines } = await bench.run(importCommand, { files: [bench.folder] });
    expect([ok, stored(lines), lines.length]).toEqual([true, '3', 1]);
  });

  it('says what was refused, where and why, and takes the rest', async () => {
    const file = bench.file(
      'p.ndjson',
      ndjson(patient('a', 'Rao'), { resourceType: 'Patient', gender: 'robot' }, '{"resourceType":', patient('b', 'Das')),
    );
    const report = join(bench.folder, 'report.ndjson');
    const { ok, lines } = await bench.run(importCommand, { files: [file], options: { report } });
    expect([ok, stored(lines), lines[1]]).toEqual([false, '2', '2 refused:']);
    expect(lines[2]).toMatch(/p\.ndjson #2: Patient\.gender: .*male/);
    expect(lines[3]).toMatch(/p\.ndjson #3: .*the text ends too early/);
    const reported = readFileSync(report, 'utf8')
      .trimEnd()
      .split('\n')
      .map((l) => JSON.parse(l) as { piece: number });
    expect(reported.map((r) => r.piece)).toEqual([2, 3]);
  });

  it('refuses a transaction as a whole and a batch entry by entry', async () => {
    const bad = entryOf({ resourceType: 'Patient', gender: 'robot' });
    const transaction = bench.file('t.json', bundle('transaction', entryOf(patient(undefined, 'Rao')), bad));
    const batch = bench.file('b.json', bundle('batch', entryOf(patient(undefined, 'Das')), bad));
    const { lines } = await bench.run(importCommand, { files: [transaction, batch] });
    expect([stored(lines), lines[1], await bench.count('Patient?')]).toEqual(['1', '2 refused:', 1]);
  });

  it('does nothing twice, whatever the file is called', async () => {
    const content = bundle('transaction', entryOf(patient(undefined, 'Rao')));
    await bench.run(importCommand, { files: [bench.file('one.json', content)] });
    const { ok, lines } = await bench.run(importCommand, { files: [bench.file('two.json', content)] });
    expect([ok, lines[1], await bench.count('Patient?')]).toEqual([true, '1 files were imported before and are left alone', 1]);
    await bench.run(importCommand, { files: [bench.file('two.json', content)], options: { clinic: 'other' } });
    expect(await bench.count('Patient?', 'other')).toBe(1);
  });

  it('sends only what was refused when it is run again', async () => {
    const withManager = (id: string): unknown => ({
      ...patient(undefined, `Rao${id}`),
      managingOrganization: { reference: `Organization?identifier=urn:test|${id}` },
    });
    const late = bundle('transaction', entryOf(withManager('late') as Record<string, unknown>));
    const file = bench.file('b.ndjson', ndjson(patient(undefined, 'Das'), late));
    const first = await bench.run(importCommand, { files: [file] });
    expect([first.ok, stored(first.lines)]).toEqual([false, '1']);
    await bench.run(importCommand, {
      files: [bench.file('o.json', { resourceType: 'Organization', identifier: [{ system: 'urn:test', value: 'late' }] })],
    });
    const second = await bench.run(importCommand, { files: [file] });
    expect([second.ok, stored(second.lines), await bench.count('Patient?')]).toEqual([true, '1', 2]);
  });

  it('sends no line again behind one that was refused, whatever empty lines there are', async () => {
    const lines = [patient(undefined, 'Rao'), '', '', { resourceType: 'Patient', nope: 1 }, '', patient(undefined, 'Iyer')];
    const file = bench.file('p.ndjson', ndjson(...lines));
    await bench.run(importCommand, { files: [file] });
    await bench.run(importCommand, { files: [file] });
    expect(await bench.count('Patient?')).toBe(2);
  });

  it('goes on where it was cut off, even between a commit and the note of it', async () => {
    const people = Array.from({ length: 1200 }, (_, i) => patient(undefined, `Person${i}`));
    const file = bench.file('p.ndjson', ndjson(...people));
    const stop = new AbortController();
    const dispatch = bench.services.dispatch;
    let sent = 0;
    const services = {
      ...bench.services,
      dispatch: async (request: Parameters<typeof dispatch>[0]) => {
        if (++sent === 700) stop.abort();
        return dispatch(request);
      },
    };
    const events: unknown[] = [];
    await expect(
      importCommand.run(services, { files: [file], options: {} }, { emit: (e) => void events.push(e), signal: stop.signal }),
    ).rejects.toThrow('aborted');
    const before = await bench.count('Patient?');
    expect(before).toBeGreaterThanOrEqual(700);
    expect(before).toBeLessThan(1200);
    const { ok, lines } = await bench.run(importCommand, { files: [file] });
    expect([ok, stored(lines), await bench.count('Patient?')]).toEqual([true, String(1200 - before), 1200]);
  });

  it('keeps number texts', async () => {
    const text = '{"resourceType":"Observation","id":"w","status":"final","code":{"text":"weight"},"valueQuantity":{"value":1.50}}';
    await bench.run(importCommand, {
      files: [bench.file('o.json', `{"resourceType":"Bundle","type":"collection","entry":[{"resource":${text}}]}`)],
    });
    const stored = await bench.services.deps.store.readMany('demo' as never, [{ type: 'Observation', id: 'w' } as never]);
    expect(Buffer.from(stored[0]!.body).toString()).toContain('"value":1.50');
  });

  it.each([
    [{ files: ['/no/such'] }, '/no/such: no such file or folder'],
    [{ files: [] }, 'no .json or .ndjson file there'],
    [{ files: ['/etc/hostname'], options: { clinic: 'a b' } }, '--clinic was "a b"; it may be 1 to 64 letters, digits, - and .'],
  ])('says of %j what is wrong', async (args, error) => {
    expect(await bench.run(importCommand, args)).toMatchObject({ ok: false, error });
  });
});
