/** Counts what an import does, shows how far it is, and says in the end what was refused and why. */
import { writeFile } from 'node:fs/promises';
import type { FhirResponse } from '../../fhir/interactions/message.ts';
import type { Clock } from '../../platform/clock.ts';
import type { CommandRun } from '../command.ts';
import type { SurveyedFile } from './survey.ts';

export interface Tally {
  /** Counts an answer; false if a batch entry in it was refused. */
  answered(file: SurveyedFile, position: number, response: FhirResponse): boolean;
  refused(file: SurveyedFile, position: number, issues: readonly RefusedIssue[]): void;
  skipped(file: SurveyedFile): void;
  fileDone(file: SurveyedFile): void;
  /** What was refused is tried again. */
  forgetRefused(): void;
  /** Emits the closing lines; writes all refusals to `file`, where one is given. */
  report(file: string | boolean | undefined): Promise<void>;
}

export interface RefusedIssue {
  readonly where?: string;
  readonly rule: string;
  readonly hint: string;
}

interface Refusal {
  readonly file: string;
  /** Line or entry, from 1. */
  readonly piece: number;
  readonly issues: readonly RefusedIssue[];
}

interface TallyOptions {
  readonly run: CommandRun;
  /** Bytes of all files. */
  readonly total: number;
  readonly clock: Clock;
}

/** How many refusals the closing lines show; `--report` keeps all. */
const SHOWN = 20;

export function createTally({ run, total, clock }: TallyOptions): Tally {
  const start = clock.now();
  const finished = new Set<string>();
  let [resources, known, doneBytes] = [0, 0, 0];
  let refusals: Refusal[] = [];
  const progress = (): void => run.emit({ kind: 'progress', done: doneBytes, total, note: `${resources} resources` });
  const refuse: Tally['refused'] = (file, position, issues) => void refusals.push({ file: file.path, piece: position + 1, issues });
  return {
    answered(file, position, response) {
      const { stored, failed } = outcomesOf(response);
      resources += stored;
      if (failed.length > 0) refuse(file, position, failed);
      progress();
      return failed.length === 0;
    },
    refused: refuse,
    skipped: () => {
      known += 1;
    },
    fileDone(file) {
      if (!finished.has(file.path)) doneBytes += file.bytes;
      finished.add(file.path);
      progress();
    },
    forgetRefused: () => {
      refusals = [];
    },
    async report(file) {
      refusals.sort((a, b) => (a.file === b.file ? a.piece - b.piece : a.file < b.file ? -1 : 1));
      const seconds = Math.max(clock.now() - start, 1) / 1000;
      const line = (text: string): void => run.emit({ kind: 'line', text });
      line(`${resources} resources stored in ${seconds.toFixed(1)} s, ${Math.round(resources / seconds)} a second`);
      if (known > 0) line(`${known} files were imported before and are left alone`);
      for (const text of refusalLines(refusals)) line(text);
      if (typeof file === 'string') await writeRefusals(file, refusals);
    },
  };
}

function refusalLines(refusals: readonly Refusal[]): string[] {
  if (refusals.length === 0) return [];
  const shown = refusals.slice(0, SHOWN).flatMap((r) => r.issues.slice(0, 3).map((i) => `  ${r.file} #${r.piece}: ${issueText(i)}`));
  const more = refusals.length > SHOWN ? [`  … and ${refusals.length - SHOWN} more; --report FILE writes them all`] : [];
  return [`${refusals.length} refused:`, ...shown, ...more];
}

/** `Patient.gender: must be one of …; Correct the code.` */
export const issueText = ({ where, rule, hint }: RefusedIssue): string =>
  `${where === undefined ? '' : `${where}: `}${rule}${hint === '' ? '' : `; ${hint}`}`;

const writeRefusals = (file: string, refusals: readonly Refusal[]): Promise<void> =>
  writeFile(
    file,
    refusals.map((r) => `${JSON.stringify(r)}\n`),
    { mode: 0o600 },
  );

interface BundleAnswer {
  readonly resourceType?: string;
  readonly entry?: readonly {
    readonly response?: { readonly status?: string; readonly outcome?: { readonly issue?: readonly OutcomeIssue[] } };
  }[];
}
interface OutcomeIssue {
  readonly diagnostics?: string;
  readonly expression?: readonly string[];
}

/** A single resource was stored; of a bundle, each entry that says so. */
function outcomesOf(response: FhirResponse): { stored: number; failed: RefusedIssue[] } {
  const body = Buffer.concat([...(response.body ?? [])]).toString();
  const answer = body === '' ? {} : (JSON.parse(body) as BundleAnswer);
  if (answer.resourceType !== 'Bundle') return { stored: 1, failed: [] };
  const entries = answer.entry ?? [];
  const refused = entries.filter((e) => Number(e.response?.status?.slice(0, 3)) >= 400);
  return { stored: entries.length - refused.length, failed: refused.flatMap((e) => (e.response?.outcome?.issue ?? [{}]).map(issueOf)) };
}

const issueOf = (issue: OutcomeIssue): RefusedIssue => ({
  ...(issue.expression?.[0] === undefined ? {} : { where: issue.expression[0] }),
  rule: issue.diagnostics ?? 'refused',
  hint: '',
});
