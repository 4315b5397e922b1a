/** The page about SMART apps, run as it stands there; its HTML is what test/browser/clients.test.ts serves. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { allow, proof } from '../served/app.ts';
import { openServedWorld, type ServedWorld } from '../served/world.ts';
import { blocksOf, SMART_APPS } from './smart-apps.ts';

const run = promisify(execFile);
const commands = blocksOf('sh');
const MEERA = { resourceType: 'Patient', id: 'meera', name: [{ family: 'Joshi' }] };

describe('docs/smart-apps.md', () => {
  let world: ServedWorld;
  let folder: string;
  let variables: string;
  beforeAll(async () => {
    world = await openServedWorld('sqlite', {}, ['DOCTOR']);
    folder = mkdtempSync(join(tmpdir(), 'nadi-docs-'));
    variables = join(folder, 'variables');
    const { token } = world.person('demo', 'DOCTOR');
    for (const [name, value] of Object.entries({ ...world.environment, NADI: world.url, USER_TOKEN: token })) tell(name, value);
    await world.ask('/fhir/R4/Patient/meera', { method: 'PUT', token: await world.systemToken(), fhir: MEERA });
  }, 60_000);
  afterAll(async () => {
    await world.close();
    rmSync(folder, { recursive: true });
  });

  const tell = (name: string, value: string): void => appendFileSync(variables, `export ${name}='${value}'\n`);

  /** In a shell of its own that knows the variables of those before. */
  const bash = async (script: string): Promise<string> =>
    (await run('bash', ['-ec', `. ${variables}; set -a\n${script}\nexport -p > ${variables}`])).stdout;

  async function codeIs(): Promise<void> {
    const shown = proof();
    const { stdout } = await run('bash', ['-c', `. ${variables}; printf %s "$CLIENT_ID"`]);
    const [, asked = ''] = /```\n(\/oauth2\/authorize[^`]+)```/.exec(SMART_APPS) ?? [];
    const filled = asked
      .replaceAll(/\s+/g, '')
      .replace('CLIENT_ID', stdout)
      .replace('CHALLENGE', shown.challenge)
      .replace(encodeURIComponent('http://127.0.0.1:3000'), encodeURIComponent(world.url));
    const back = await allow(world, world.person('demo', 'DOCTOR'), filled, { patient: 'meera' });
    tell('CODE', back.searchParams.get('code') ?? '');
    tell('VERIFIER', shown.verifier);
  }

  it('is true, command by command', async () => {
    const answers: string[] = [];
    for (const command of commands) {
      if (command.includes('$CODE')) await codeIs();
      answers.push(await bash(command));
    }
    const [, found, registered, itself, launched, exchanged, tokens, , system, preflight] = answers;
    expect(found).toContain(`"token_endpoint":"${world.url}/oauth2/token"`);
    expect(registered).toContain('"name":"Growth Chart"');
    expect(itself).toMatch(/"client_id":"[^"]+"/);
    expect(launched).toMatch(/"url":"http:\/\/127\.0\.0\.1:8080\/launch\.html\?iss=[^"]+&launch=[\w-]+"/);
    expect(exchanged).toContain('"issued_token_type":"urn:nadi:params:oauth:token-type:launch"');
    expect(tokens).toContain('"patient":"meera"');
    expect(tokens).toContain('"resourceType":"Patient"');
    expect(tokens).toContain(`"fhirUser":"${world.url}/fhir/R4/${world.person('demo', 'DOCTOR').fhirUser}"`);
    expect(system).toContain('"scope":"system/Patient.rs"');
    expect(preflight).toMatch(/204[^]*access-control-allow-origin: http:\/\/127\.0\.0\.1:8080/i);
    expect(answers).toHaveLength(10);
  });

  it('has a program that works, in its JavaScript', async () => {
    const [program = ''] = blocksOf('js');
    const output = await bash(`exec ${process.execPath} --input-type=module -e '${program.replaceAll("'", `'\\''`)}'`);
    expect(output).toBe('Bundle\n');
  });

  it('names no endpoint that there isn’t', async () => {
    const { body } = await world.ask('/openapi.json');
    const paths = Object.keys(body['paths'] as object);
    const named = [...SMART_APPS.matchAll(/^\| `(?:GET`, `)?(?:POST|GET) (\/[^`]+)`/gm)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((path) => !paths.includes(path))).toEqual([]);
  });
});
