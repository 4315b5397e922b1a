import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asClinicId, asSeq } from '../../../src/fhir/model/ids.ts';
import type { FhirStore } from '../../../src/fhir/store/port.ts';
import { openSqliteStore } from '../../../src/fhir/store/sqlite/index.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { feed, find, key } from '../../contract/store/context.ts';
import { longer } from '../../soak.ts';

const WRITER = fileURLToPath(new URL('./crash-writer.ts', import.meta.url));
const clinic = asClinicId('clinic');
const ROUNDS = 10;

/** Runs the writer, kills it after some acknowledgements and a little more, and answers what it has acknowledged. */
function writeAndKill(file: string, first: number, round: number): Promise<number[]> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [WRITER, file, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => {
      output += text;
      if (output.split('\n').length > 10 + (round % ROUNDS) * 7) setTimeout(() => child.kill('SIGKILL'), (round * 13) % 40);
    });
    child.on('close', () => resolve(output.split('\n').slice(1, -1).map(Number)));
  });
}

describe('a store whose process is killed', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nadi-crash-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function check(store: FhirStore, acknowledged: readonly number[]): Promise<number> {
    const changes = await feed(store, clinic, 1000);
    expect(changes.map((v) => v.seq)).toEqual(Array.from({ length: changes.length }, (_, i) => i + 1));
    expect(await store.lastSeq(clinic)).toBe(asSeq(changes.length));
    const parts = new Map<number, number>();
    for (const { id } of changes) {
      const set = Number(/^s(\d+)-/.exec(id)?.[1] ?? 0);
      if (set > 0) parts.set(set, (parts.get(set) ?? 0) + 1);
    }
    expect([...parts].filter(([, count]) => count !== 4)).toEqual([]);
    expect(acknowledged.filter((set) => !parts.has(set))).toEqual([]);
    expect(await store.read(clinic, key('Basic', 'last'))).toMatchObject({ versionId: parts.size });
    const last = Math.max(...parts.keys());
    const found = await find(store, clinic, 'Patient', { op: 'token', param: 'set', code: `${last}` });
    expect(found.sort()).toEqual([0, 1, 2, 3].map((part) => `s${last}-${part}`));
    expect(await find(store, clinic, 'Basic')).toEqual(['last']);
    return last;
  }

  it(
    'has every acknowledged set whole, and none in part',
    async () => {
      const file = join(folder, 'nadi.db');
      const acknowledged: number[] = [];
      let last = 0;
      for (let round = 0; round < longer(ROUNDS); round += 1) {
        acknowledged.push(...(await writeAndKill(file, last, round)));
        const store = await openSqliteStore({ file, clock: systemClock });
        last = await check(store, acknowledged);
        await store.close();
      }
      expect(acknowledged.length).toBeGreaterThan(100);
    },
    longer(120_000),
  );
});
