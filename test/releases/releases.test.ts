/** A data directory of every release opens, and answers what it answered then. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../src/config.ts';
import { startServer, type RunningServer } from '../../src/start.ts';
import { ask, type Answered } from '../../tools/release/fixture.ts';

const fixtures = fileURLToPath(new URL('../fixtures/releases', import.meta.url));

describe.each(readdirSync(fixtures))('data of release %s', (version) => {
  const folder = mkdtempSync(join(tmpdir(), 'nadi-release-'));
  let server: RunningServer | undefined;
  afterAll(async () => {
    await server?.drain();
    rmSync(folder, { recursive: true, force: true });
  });

  it('opens, answers as before, and takes writes', async () => {
    copyFileSync(join(fixtures, version, 'nadi.db'), join(folder, 'nadi.db'));
    server = await startServer(loadConfig({ DATA_DIR: folder, PORT: '0', AUTH: 'none', LOG_LEVEL: 'fatal' }));
    const then = JSON.parse(readFileSync(join(fixtures, version, 'answers.json'), 'utf8')) as Record<string, Answered>;
    expect(await ask(server.address)).toEqual(then);
    const written = await fetch(`${server.address}/fhir/R4/Patient/asha`, { method: 'DELETE' });
    expect([written.status, (await fetch(`${server.address}/fhir/R4/Patient/asha`)).status]).toEqual([204, 410]);
  }, 30_000);
});
