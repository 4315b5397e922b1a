/** Commands of the command line, as the running server does them. */
import { socketOf } from '../../src/operation/data-directory.ts';
import type { CommandArguments, CommandEvent } from '../../src/cli/command.ts';
import { runRemotely } from '../../src/cli/socket-client.ts';
import { ranOf, type Ran } from '../cli/set-up.ts';
import type { ServedWorld } from './world.ts';

export async function runCommand({ dataDir }: Pick<ServedWorld, 'dataDir'>, name: string, args: Partial<CommandArguments>): Promise<Ran> {
  const events: CommandEvent[] = [];
  const run = { emit: (event: CommandEvent): void => void events.push(event), signal: new AbortController().signal };
  if (!(await runRemotely(socketOf(dataDir), name, { files: [], options: {}, ...args }, run))) throw new Error('no server answers');
  return ranOf(events);
}
