import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readArguments } from '../../src/cli/arguments.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { keysCommand } from '../../src/cli/keys.ts';
import { PLATFORM } from '../../src/smart-auth/accounts/records.ts';
import { KEY_SET } from '../../src/smart-auth/keys/records.ts';
import { openWorkbench, type Workbench } from './set-up.ts';

let bench: Workbench;
beforeAll(async () => void (bench = await openWorkbench()));
afterAll(() => bench.close());

it('keys rotate makes new keys beside the old ones, and names them', async () => {
  const kept = async () => (await bench.services.records.get(KEY_SET, PLATFORM, 'current'))?.value.keys ?? [];
  await bench.run(keysCommand, { action: 'rotate' });
  const before = await kept();
  const { ok, lines } = await bench.run(keysCommand, { action: 'rotate' });
  const after = await kept();
  expect(ok).toBe(true);
  expect(after).toHaveLength(before.length + 2);
  for (const { kid } of after.slice(0, 2)) expect(lines.join()).toContain(kid);
  expect(after.slice(2).every((k) => k.supersededAt !== undefined)).toBe(true);
});

it('what to do with the keys must be said', () => {
  expect(readArguments(COMMANDS, ['keys', 'rotate', '--signing'])).toMatchObject({
    args: { files: [], action: 'rotate', options: { signing: true } },
  });
  expect(() => readArguments(COMMANDS, ['keys'])).toThrow('keys is followed by rotate');
  expect(() => readArguments(COMMANDS, ['keys', 'lose'])).toThrow('keys is followed by rotate');
});
