/** The tour of the README, run as it stands there against a real server. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadConfig } from '../../src/config.ts';
import { startServer, type RunningServer } from '../../src/start.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const tour = README.slice(README.indexOf('## A first tour'), README.indexOf('## The command line'));
const commands = [...tour.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text]) => text as string);
const hasCurl = spawnSync('curl', ['--version']).status === 0;

// The tour is made of curl commands: without curl there is nothing to run.
(hasCurl ? describe : describe.skip)('the tour of the README', () => {
  let server: RunningServer;
  const answers: string[] = [];
  beforeAll(async () => {
    server = await startServer(
      loadConfig({ DATA_DIR: mkdtempSync(join(tmpdir(), 'nadi-')), PORT: '0', AUTH: 'none', LOG_LEVEL: 'silent' }),
    );
    for (const command of commands) {
      const { stdout } = await promisify(execFile)('bash', ['-ec', command.replaceAll('http://127.0.0.1:3000', server.address)]);
      answers.push(stdout);
    }
  });
  afterAll(() => server.drain());

  it('is answered as it says', () => {
    expect(answers).toHaveLength(7);
    const [created, weight, searches, transaction, patched, mistake, about] = answers as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    expect(created).toContain('"id":"meera"');
    expect(weight).toContain('"value":68.50');
    expect(searches.match(/"mode": "match"/g)).toHaveLength(2);
    expect(searches.match(/"mode": "include"/g)).toHaveLength(1);
    expect(transaction.match(/201 Created/g)).toHaveLength(2);
    expect(patched).toContain('"versionId": "2"');
    expect(patched).toContain('<Patient xmlns="http://hl7.org/fhir">');
    expect(mistake).toMatch(/Patient\.gender/);
    expect(about).toContain('"resourceType":"CapabilityStatement"');
    expect(about).toContain('"status":"ready"');
    expect(about).toContain('nadi_requests_total');
  });
});
