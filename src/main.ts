/** `node dist/main.js`: starts the server, and ends it when it is told to. */
import { runtimeProblem } from './platform/runtime.ts';
import type { RunningServer } from './start.ts';

const problem = runtimeProblem(process.version);
if (problem === undefined) await main();
else {
  console.error(problem);
  process.exitCode = 1;
}

/** Everything else is loaded only on a runtime that can. */
async function main(): Promise<void> {
  const { loadConfig } = await import('./config.ts');
  const { startServer } = await import('./start.ts');
  const { startProblem } = await import('./operation/start-problem.ts');
  try {
    const config = loadConfig();
    const server = await startServer(config);
    endOn(['SIGTERM', 'SIGINT'], server);
    if (config.AUTH === 'none')
      console.log(
        `AUTH=none: whoever reaches ${config.HOST} may do everything, as the system client of the clinic ${config.BOOTSTRAP_CLINIC}`,
      );
    if (server.password !== undefined)
      console.log(`the administrator ${config.BOOTSTRAP_ADMIN_EMAIL} signs in with the password ${server.password}: it is shown this once`);
    console.log(`nadi ready at ${server.address}`);
  } catch (error) {
    console.error(startProblem(error));
    process.exit(1);
  }
}

function endOn(signals: readonly NodeJS.Signals[], server: RunningServer): void {
  let ending = false;
  const end = async (): Promise<void> => {
    if (ending) process.exit(1);
    ending = true;
    const failed = await server.drain();
    if (failed.length > 0) console.error(`could not close ${failed.join(', ')}`);
    process.exit(failed.length > 0 ? 1 : 0);
  };
  for (const signal of signals) process.on(signal, () => void end());
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, (err: unknown) => {
      server.log.logger.fatal({ err }, event);
      void server.log.flush().finally(() => process.exit(1));
    });
  }
}
