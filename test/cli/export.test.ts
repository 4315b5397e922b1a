import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { exportCommand } from '../../src/cli/export.ts';
import { importCommand } from '../../src/cli/import/index.ts';
import { reindexCommand } from '../../src/cli/reindex.ts';
import { openWorkbench, patient, type Workbench } from './set-up.ts';

let bench: Workbench;
beforeEach(async () => {
  bench = await openWorkbench();
});
afterEach(() => bench.close());

const importPatients = (count: number): Promise<unknown> =>
  bench.run(importCommand, {
    files: [bench.file('p.ndjson', Array.from({ length: count }, (_, i) => JSON.stringify(patient(`p${i}`, `Person${i}`))).join('\n'))],
  });

describe('export', () => {
  it('writes every resource once, a file for each type', async () => {
    await importPatients(450);
    await bench.run(importCommand, { files: [bench.file('o.json', { resourceType: 'Organization', id: 'o', name: 'Clinic' })] });
    const to = join(bench.folder, 'out');
    const { ok, lines } = await bench.run(exportCommand, { options: { to } });
    expect([ok, ...lines]).toEqual([true, 'Organization.ndjson: 1', 'Patient.ndjson: 450', '451 resources exported']);
    expect(readdirSync(to).sort()).toEqual(['Organization.ndjson', 'Patient.ndjson']);
    const ids = readFileSync(join(to, 'Patient.ndjson'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((l) => (JSON.parse(l) as { id: string }).id);
    expect(new Set(ids).size).toBe(450);
  });

  it('can be imported again elsewhere, resource for resource', async () => {
    await importPatients(30);
    const to = join(bench.folder, 'out');
    await bench.run(exportCommand, { options: { to } });
    const { ok } = await bench.run(importCommand, { files: [to], options: { clinic: 'copy' } });
    expect([ok, await bench.count('Patient?family:exact=Person7', 'copy'), await bench.count('Patient?', 'copy')]).toEqual([true, 1, 30]);
  });

  it('holds nothing of another clinic', async () => {
    await importPatients(3);
    const { lines } = await bench.run(exportCommand, { options: { to: join(bench.folder, 'out'), clinic: 'other' } });
    expect(lines).toEqual(['0 resources exported']);
  });

  it('writes over nothing', async () => {
    bench.file('there', '');
    expect((await bench.run(exportCommand, { options: { to: bench.folder } })).error).toMatch(/which isn't empty/);
  });
});

describe('reindex', () => {
  it('makes the entries of an older version anew, and has nothing to do the second time', async () => {
    await importPatients(250);
    const { extractor } = bench.services.deps;
    const newer = {
      ...extractor,
      indexVersion: 'newer',
      extract: (...args: Parameters<typeof extractor.extract>) => ({ ...extractor.extract(...args), string: [] }),
    };
    const services = { ...bench.services, deps: { ...bench.services.deps, extractor: newer } };
    const run = async (): Promise<string[]> => {
      const lines: string[] = [];
      await reindexCommand.run(
        services,
        { files: [], options: {} },
        {
          emit: (e) => {
            if (e.kind === 'line') lines.push(e.text);
          },
          signal: new AbortController().signal,
        },
      );
      return lines;
    };
    expect(await bench.count('Patient?family:exact=Person7')).toBe(1);
    expect(await run()).toEqual(['demo: 250 resources indexed anew']);
    expect(await bench.count('Patient?family:exact=Person7')).toBe(0);
    expect(await run()).toEqual(['demo: 0 resources indexed anew']);
    expect((await bench.run(reindexCommand)).lines).toEqual(['demo: 250 resources indexed anew']);
    expect(await bench.count('Patient?family:exact=Person7')).toBe(1);
  });
});
