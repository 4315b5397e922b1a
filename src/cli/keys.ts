/** `keys rotate`: new keys sign from now on, in servers that run within two seconds; what the former ones signed stays good until it ends. */
import type { CommandArguments, CommandRun, CommandServices, StoreCommand } from './command.ts';

export const keysCommand: StoreCommand = {
  works: 'on the store',
  name: 'keys',
  summary: 'makes new keys to sign tokens with; old tokens stay good until they end',
  usage: 'keys rotate [--signing]',
  actions: ['rotate'],
  options: [{ name: 'signing', meaning: 'the keys that tokens are signed with, which is what is rotated anyway' }],
  run: runKeys,
};

async function runKeys({ rotateSigningKeys }: CommandServices, _args: CommandArguments, run: CommandRun): Promise<boolean> {
  const made = await rotateSigningKeys();
  run.emit({ kind: 'line', text: `new signing keys: ${made.join(', ')}` });
  return true;
}
