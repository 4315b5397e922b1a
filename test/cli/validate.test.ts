import { expect, it } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandEvent } from '../../src/cli/command.ts';
import { validateCommand } from '../../src/cli/validate.ts';
import { createTools } from '../../src/compose.ts';
import { patient, ranOf } from './set-up.ts';

it('says what is wrong, where, in every kind of file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nadi-'));
  const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const bad = '{"resourceType":"Patient","gender":"robot"}';
  put('1.json', JSON.stringify(patient('a', 'Rao')));
  put('2.ndjson', `${JSON.stringify(patient('a', 'Rao'))}\n${bad}\n`);
  put('3.json', `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":${bad},"request":{"method":"POST","url":"Patient"}}]}`);
  put('4.json', '{"resourceType":"Patient",}');
  const events: CommandEvent[] = [];
  const run = { emit: (event: CommandEvent): void => void events.push(event), signal: new AbortController().signal };
  const ok = await validateCommand.run(
    createTools(() => 'UTC'),
    { files: [folder], options: {} },
    run,
  );
  const { lines } = ranOf([...events, { kind: 'end', ok }]);
  expect(ok).toBe(false);
  expect(lines).toEqual([
    expect.stringMatching(/2\.ndjson #2: Patient\.gender: /),
    expect.stringMatching(/3\.json #1: Bundle\.entry\[0\]\.resource.*gender: /),
    expect.stringMatching(/4\.json #1: .*JSON/),
    '4 files, 3 problems',
  ]);
});
