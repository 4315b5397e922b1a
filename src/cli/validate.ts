/** `validate FILE…`: says what a server would refuse, and why, without one. */
import { parseJson } from '../fhir/model/json.ts';
import { FhirError, type Issue } from '../fhir/outcome/error.ts';
import type { CommandArguments, CommandRun, FileCommand } from './command.ts';
import { filesOf, surveyFile, type SurveyedFile } from './import/survey.ts';
import { issueText } from './import/tally.ts';
import { unitsOf, type UnitOrError } from './import/units.ts';

export const validateCommand: FileCommand = {
  works: 'on files',
  name: 'validate',
  summary: 'says what is wrong with the resources of bundles and NDJSON files',
  usage: 'validate FILE…',
  minFiles: 1,
  options: [],
  run: runValidate,
};

type Services = Parameters<FileCommand['run']>[0];

async function runValidate(services: Services, args: CommandArguments, run: CommandRun): Promise<boolean> {
  const files = await filesOf(args.files);
  let problems = 0;
  for (const [index, path] of files.entries()) {
    const lines = await problemsOf(services, await surveyFile(path));
    for (const text of lines) run.emit({ kind: 'line', text });
    problems += lines.length;
    run.emit({ kind: 'progress', done: index + 1, total: files.length, note: `${index + 1} files` });
  }
  run.emit({ kind: 'line', text: `${files.length} files, ${problems} problems` });
  return problems === 0;
}

async function problemsOf(services: Services, file: SurveyedFile): Promise<string[]> {
  const lines: string[] = [];
  for await (const unit of unitsOf(file, services.limits)) {
    for (const issue of issuesOf(services, unit)) lines.push(`${file.path} #${unit.position + 1}: ${issueText(issue)}`);
  }
  return lines;
}

function issuesOf({ validator, limits }: Services, unit: UnitOrError): readonly Issue[] {
  try {
    if ('error' in unit) throw unit.error;
    return validator.check(parseJson(unit.body, { depth: limits.maxDepth + 2, keys: Infinity }).value);
  } catch (error) {
    if (error instanceof FhirError) return error.issues;
    throw error;
  }
}
