/**
 * Reads what jest wrote (`--json`) and says how many contract cases ran on each store; fails if one ran none.
 * The last line, `tests: N passed, M failed`, is for `.ci/run` to add up.
 */
import { readFileSync } from 'node:fs';

interface JestResults {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly ancestorTitles: readonly string[] }[];
  }[];
}

const CONTRACTS = ['store contract', 'records contract', 'search contract'];
const STORES = ['sqlite', 'mongo'];

const results = JSON.parse(readFileSync(process.argv[2] ?? '.tmp/jest.json', 'utf8')) as JestResults;
const passed = results.testResults.flatMap((file) => file.assertionResults).filter((test) => test.status === 'passed');

const casesOf = (title: string): number => passed.filter((test) => test.ancestorTitles[0] === title).length;

const missing: string[] = [];
for (const contract of CONTRACTS) {
  for (const store of STORES) {
    const cases = casesOf(`${contract}: ${store}`);
    console.log(`${contract}: ${cases} cases ran on ${store}`);
    if (cases === 0) missing.push(`${contract} ran no case on ${store}`);
  }
}
for (const line of missing) console.error(line);
const failed = results.numFailedTests + results.numRuntimeErrorTestSuites + missing.length;
console.log(`tests: ${results.numPassedTests} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
