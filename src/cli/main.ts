/** `npm run cli -- COMMAND …` */
import { runtimeProblem } from '../platform/runtime.ts';

const problem = runtimeProblem(process.version);
if (problem === undefined) {
  const { runCommandLine } = await import('./command-line.ts');
  process.exit(await runCommandLine(process.argv.slice(2), { out: process.stdout, err: process.stderr }));
}
console.error(problem);
process.exit(1);
