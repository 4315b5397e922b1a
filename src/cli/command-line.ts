/** From the words of the command line to the code that the process ends with. */
import { loadConfig, type Config } from '../config.ts';
import { lockDataDirectory, socketOf } from '../operation/data-directory.ts';
import { startProblem } from '../operation/start-problem.ts';
import { readArguments } from './arguments.ts';
import { CommandError, type CommandArguments, type CommandRun, type FileCommand, type StoreCommand } from './command.ts';
import { COMMANDS } from './commands.ts';
import { createDisplay, type Streams } from './display.ts';
import { runToEnd } from './run.ts';
import { runRemotely } from './socket-client.ts';

const USAGE_ERROR = 2;

/** Runs one command; 0 if all went well, 1 if something was refused or failed, 2 for a command line that can't be read. */
export async function runCommandLine(words: readonly string[], streams: Streams): Promise<number> {
  try {
    const request = readArguments(COMMANDS, words);
    if ('help' in request) {
      streams.out.write(`${request.help}\n`);
      return 0;
    }
    const display = createDisplay(streams);
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    const run: CommandRun = { emit: (event) => display.show(event), signal: stop.signal };
    const { command, args } = request;
    if (command.works === 'on files') await runOnFiles(command, args, run);
    else await runOnStore(loadConfig(), command, args, run);
    return display.exitCode();
  } catch (error) {
    streams.err.write(`${error instanceof CommandError ? error.message : startProblem(error)}\n`);
    return error instanceof CommandError ? USAGE_ERROR : 1;
  }
}

async function runOnFiles(command: FileCommand, args: CommandArguments, run: CommandRun): Promise<void> {
  const { createTools } = await import('../compose.ts');
  await runToEnd(
    () =>
      command.run(
        createTools(() => loadConfig().CLINIC_TIME_ZONE),
        args,
        run,
      ),
    run.emit,
  );
}

/** The server that works in the data directory does it; without one, we are the one that works there. */
async function runOnStore(config: Config, command: StoreCommand, args: CommandArguments, run: CommandRun): Promise<void> {
  if (await runRemotely(socketOf(config.DATA_DIR), command.name, args, run)) return;
  const { openServices } = await import('../compose.ts');
  const directory = lockDataDirectory(config.DATA_DIR);
  const services = await openServices(config);
  const baseUrl = `${config.BASE_URL ?? `http://${config.HOST}:${config.PORT}`}/fhir/R4`;
  await runToEnd(() => command.run({ ...services, baseUrl }, args, run), run.emit);
  await services.close();
  directory.release();
}
