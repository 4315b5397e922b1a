/** `import FILE…`: bundles and NDJSON go through the same interactions as over HTTP. */
import type { FhirRequest } from '../../fhir/interactions/message.ts';
import type { ClinicId } from '../../fhir/model/ids.ts';
import { ALL_ACCESS } from '../../fhir/model/principal.ts';
import { FhirError } from '../../fhir/outcome/error.ts';
import { clinicOf } from '../clinic.ts';
import {
  CLINIC_OPTION,
  CommandError,
  type CommandArguments,
  type CommandRun,
  type CommandServices,
  type StoreCommand,
} from '../command.ts';
import { rememberFile, type FileMemory } from './memory.ts';
import { inParallel } from './pool.ts';
import { createTally, type Tally } from './tally.ts';
import { filesOf, inWaves, surveyFile, type SurveyedFile } from './survey.ts';
import { unitsOf, type Unit, type UnitOrError } from './units.ts';

export const importCommand: StoreCommand = {
  works: 'on the store',
  name: 'import',
  summary: 'stores the resources of bundles and NDJSON files',
  usage: 'import FILE… [--clinic ID] [--report FILE]',
  minFiles: 1,
  options: [CLINIC_OPTION, { name: 'report', value: 'FILE', meaning: 'writes all that was refused, and why, as NDJSON', isPath: true }],
  run: runImport,
};

/** Files at once, and pieces of one file at once: enough to fill a group of commits. */
const FILES = 4;
const UNITS = 64;
/** Pieces between two records of progress. */
const WINDOW = 512;

interface Import {
  readonly services: CommandServices;
  readonly clinic: ClinicId;
  readonly run: CommandRun;
  readonly tally: Tally;
}

async function runImport(services: CommandServices, args: CommandArguments, run: CommandRun): Promise<boolean> {
  const clinic = clinicOf(services, args);
  const surveyed: SurveyedFile[] = [];
  for (const path of await filesOf(args.files)) {
    const file = await surveyFile(path);
    if (!surveyed.some((f) => f.hash === file.hash)) surveyed.push(file);
  }
  if (surveyed.length === 0) throw new CommandError('no .json or .ndjson file there');
  const total = surveyed.reduce((sum, f) => sum + f.bytes, 0);
  const tally = createTally({ run, total, clock: services.deps.clock });
  const job: Import = { services, clinic, run, tally };
  let refused: SurveyedFile[] = [];
  for (const wave of inWaves(surveyed)) refused.push(...(await importFiles(job, wave)));
  // What was refused for want of something that has come since is accepted now.
  for (let before = Infinity; refused.length > 0 && refused.length < before;) {
    before = refused.length;
    tally.forgetRefused();
    refused = await importFiles(job, refused);
  }
  await tally.report(args.options['report']);
  return refused.length === 0;
}

/** Those of the files of which something was refused. */
async function importFiles(job: Import, files: readonly SurveyedFile[]): Promise<SurveyedFile[]> {
  const refused: SurveyedFile[] = [];
  await inParallel(FILES, files, async (file) => {
    if (!(await importFile(job, file))) refused.push(file);
    job.tally.fileDone(file);
  });
  return refused;
}

async function importFile(job: Import, file: SurveyedFile): Promise<boolean> {
  const memory = await rememberFile(job.services, job.clinic, file);
  if (memory.isDone) {
    job.tally.skipped(file);
    return true;
  }
  const refused: number[] = [];
  let end = 0;
  for await (const window of windows(unitsOf(file, job.services.deps.limits))) {
    job.run.signal.throwIfAborted();
    await inParallel(UNITS, window, async (unit) => {
      if (!memory.isSettled(unit.position) && !(await sendUnit(job, file, memory, unit))) refused.push(unit.position);
    });
    // By place, not by number of pieces: empty lines of NDJSON are no pieces.
    end = (window.at(-1)?.position ?? end - 1) + 1;
    if (window.length === WINDOW) await memory.save(end, refused, false);
  }
  await memory.save(end, refused, true);
  return refused.length === 0;
}

/** Pieces in windows. None holds a resource twice: within a window there is no order. */
async function* windows(units: AsyncIterable<UnitOrError>): AsyncGenerator<UnitOrError[]> {
  let window: UnitOrError[] = [];
  const resources = new Set<string>();
  for await (const unit of units) {
    const resource = 'path' in unit && unit.path.length > 1 ? unit.path.join('/') : undefined;
    if (window.length === WINDOW || (resource !== undefined && resources.has(resource))) {
      yield window;
      window = [];
      resources.clear();
    }
    window.push(unit);
    if (resource !== undefined) resources.add(resource);
  }
  yield window;
}

/** Whether the piece was accepted. Throws where no piece would be: the store is away. */
async function sendUnit(job: Import, file: SurveyedFile, memory: FileMemory, unit: UnitOrError): Promise<boolean> {
  try {
    if ('error' in unit) throw unit.error;
    const response = await job.services.dispatch(requestFor(job, memory.requestId(unit.position), unit));
    return job.tally.answered(file, unit.position, response);
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    if (error.kind === 'unavailable')
      throw new CommandError('the database is away: run the same command again, and it goes on where it was');
    job.tally.refused(file, unit.position, error.issues);
    return false;
  }
}

const HEADERS = { 'content-type': 'application/fhir+json', prefer: 'return=minimal' };
/** An import waits for its turn longer than a caller of HTTP would. */
const DEADLINE_MS = 10 * 60_000;

const requestFor = ({ services, clinic }: Import, requestId: string, unit: Unit): FhirRequest => ({
  method: unit.method,
  path: unit.path,
  query: '',
  headers: HEADERS,
  body: unit.body,
  context: {
    principal: { subject: 'Device/import', clinic },
    access: ALL_ACCESS,
    requestId,
    baseUrl: services.baseUrl,
    deadline: services.deps.clock.now() + DEADLINE_MS,
  },
});
