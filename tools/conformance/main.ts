/**
 * `npm run conformance`: real records go through the built server, on every store that is there, and come back equal.
 * The marks are held against `baseline.json`, which may only rise. Options: `--part` (the part that CI runs), `--update`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkExamples, type ExamplesMark } from './examples.ts';
import { availableStores, cliFile, freshEnvironment, startServer, type StoreName } from '../running-server.ts';
import { checkSynthea, compareCounts, countResources, syntheaFiles, type SyntheaMark } from './synthea.ts';

interface Marks {
  synthea: SyntheaMark;
  examples: ExamplesMark;
  commandLine: { resources: number; problems: string[] };
}
interface Baseline {
  /** Equal resources and examples, by store and by `all` or `part`. */
  marks: Record<string, { synthea: number; examples: number; commandLine: number }>;
  /** Official examples that break a rule of the standard, with the rule. */
  refused: Record<string, string>;
}

const part = process.argv.includes('--part');
const update = process.argv.includes('--update');
const baselineFile = new URL('baseline.json', import.meta.url);
const data = process.env['CONFORMANCE_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function folders(): string[] {
  return part ? [join(data, 'synthea/small')] : [join(data, 'synthea/small'), join(data, 'synthea/lite')];
}

/** One folder a server: the two sets share hospitals. */
async function syntheaOn(store: StoreName): Promise<SyntheaMark> {
  const marks: SyntheaMark[] = [];
  for (const folder of folders()) {
    const server = await startServer(freshEnvironment(store));
    marks.push(await checkSynthea(`${server.base}/fhir/R4`, syntheaFiles(folder, part ? 5 : Infinity)));
    await server.stop();
    server.remove();
  }
  const sum = (of: (m: SyntheaMark) => number): number => marks.reduce((n, m) => n + of(m), 0);
  return {
    bundles: sum((m) => m.bundles),
    resources: sum((m) => m.resources),
    equal: sum((m) => m.equal),
    problems: marks.flatMap((m) => m.problems),
  };
}

async function examplesOn(store: StoreName): Promise<ExamplesMark> {
  const server = await startServer(freshEnvironment(store));
  const mark = await checkExamples(`${server.base}/fhir/R4`, join(data, 'examples'), part ? 150 : Infinity);
  await server.stop();
  server.remove();
  return mark;
}

/** Imports with the command line while no server runs, then counts over HTTP. */
async function commandLineOn(store: StoreName): Promise<Marks['commandLine']> {
  const environment = freshEnvironment(store);
  const files = syntheaFiles(join(data, 'synthea/small'), part ? 5 : Infinity);
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment };
  execFileSync(process.execPath, [cliFile, 'import', ...files], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const server = await startServer(environment);
  const counts = countResources(files);
  const problems = await compareCounts(`${server.base}/fhir/R4`, counts);
  await server.stop();
  server.remove();
  return { resources: [...counts.values()].reduce((a, b) => a + b, 0), problems };
}

function report(store: StoreName, marks: Marks): void {
  const { synthea, examples, commandLine } = marks;
  say(`${store}: synthea ${synthea.equal} of ${synthea.resources} resources equal, ${synthea.bundles} bundles accepted`);
  say(`${store}: examples ${examples.equal} of ${examples.tried} equal, ${Object.keys(examples.refused).length} refused`);
  say(`${store}: command line ${commandLine.resources} resources, ${commandLine.problems.length} problems`);
  for (const problem of [...synthea.problems, ...examples.problems, ...commandLine.problems]) say(`  ${problem}`);
}

/** Lines that say what fell behind the baseline. */
function regressions(store: StoreName, marks: Marks, baseline: Baseline): string[] {
  const mark = baseline.marks[`${store} ${part ? 'part' : 'all'}`] ?? { synthea: 0, examples: 0, commandLine: 0 };
  const lines: string[] = [...marks.synthea.problems, ...marks.examples.problems, ...marks.commandLine.problems];
  if (marks.synthea.equal < mark.synthea) lines.push(`synthea: ${marks.synthea.equal} equal, were ${mark.synthea}`);
  if (marks.examples.equal < mark.examples) lines.push(`examples: ${marks.examples.equal} equal, were ${mark.examples}`);
  if (marks.commandLine.resources < mark.commandLine) lines.push('command line: fewer resources than before');
  const unknown = Object.keys(marks.examples.refused).filter((file) => !(file in baseline.refused));
  if (!update) lines.push(...unknown.map((file) => `refused without a known reason: ${file}: ${marks.examples.refused[file]}`));
  return lines;
}

async function main(): Promise<void> {
  const baseline: Baseline = existsSync(baselineFile)
    ? (JSON.parse(readFileSync(baselineFile, 'utf8')) as Baseline)
    : { marks: {}, refused: {} };
  let passed = 0;
  const failures: string[] = [];
  for (const store of availableStores()) {
    const marks: Marks = { synthea: await syntheaOn(store), examples: await examplesOn(store), commandLine: await commandLineOn(store) };
    report(store, marks);
    passed += marks.synthea.equal + marks.examples.equal + marks.commandLine.resources;
    failures.push(...regressions(store, marks, baseline).map((line) => `${store}: ${line}`));
    baseline.marks[`${store} ${part ? 'part' : 'all'}`] = {
      synthea: marks.synthea.equal,
      examples: marks.examples.equal,
      commandLine: marks.commandLine.resources,
    };
    if (!part) baseline.refused = { ...baseline.refused, ...marks.examples.refused };
  }
  for (const line of failures) say(`behind the baseline: ${line}`);
  if (update && failures.length === 0) writeFileSync(baselineFile, `${JSON.stringify(baseline, null, 2)}\n`);
  say(`conformance: ${passed} passed, ${failures.length} failed`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

await main();
