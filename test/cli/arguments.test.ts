import { describe, expect, it } from '@jest/globals';
import { resolve } from 'node:path';
import { readArguments } from '../../src/cli/arguments.ts';
import { COMMANDS } from '../../src/cli/commands.ts';

const read = (...words: string[]): ReturnType<typeof readArguments> => readArguments(COMMANDS, words);

describe('the command line', () => {
  it('makes paths absolute, since another process may read them', () => {
    expect(read('import', 'a.json', '--clinic', 'apollo', '--report', 'r')).toMatchObject({
      command: { name: 'import' },
      args: { files: [resolve('a.json')], options: { clinic: 'apollo', report: resolve('r') } },
    });
    expect(read('export')).toMatchObject({ args: { files: [], options: { to: resolve('export') } } });
  });

  it('has help for everything', () => {
    for (const words of [[], ['--help'], ['help']])
      expect(read(...words)).toEqual({ help: expect.stringContaining('usage: npm run cli -- COMMAND') });
    for (const { name, options } of COMMANDS) {
      const { help } = read(name, '--help') as { help: string };
      for (const option of options) expect(help).toContain(`--${option.name}`);
    }
  });

  it.each([
    [['imp'], 'there is no command "imp"; it may be import, export, reindex, audit, admin, keys, validate'],
    [['import'], 'import needs a file; npm run cli -- import --help says more'],
    [['export', 'x'], 'export takes no files; npm run cli -- export --help says more'],
    [['import', '--fast', 'x'], "Unknown option '--fast'; npm run cli -- import --help says more"],
    [['import', 'x', '--clinic'], /^Option '--clinic <value>' argument missing; npm run cli -- import --help says more$/],
  ])('says of %j what is wrong', (words, message) => {
    expect(() => read(...words)).toThrow(message);
  });
});
