/**
 * What has been imported is remembered by the content of its file, so that an import that was cut off goes on where it
 * was, and one that is run again does nothing twice.
 */
import type { CommandServices } from '../command.ts';
import type { ClinicId, Seq } from '../../fhir/model/ids.ts';
import type { RecordKind } from '../../records/port.ts';
import type { SurveyedFile } from './survey.ts';

interface ImportRecord {
  /** The clinic's number before the first piece was sent: whatever of it was committed comes after. */
  readonly since: Seq;
  /** All pieces before this one are settled. */
  readonly position: number;
  /** Pieces that were refused: they are tried again. */
  readonly refused: readonly number[];
  readonly done: boolean;
}

const IMPORTS: RecordKind<ImportRecord> = { name: 'import-file' };

export interface FileMemory {
  /** Nothing is left to do. */
  readonly isDone: boolean;
  /** What this file's writes carry as their request: `prefix` and the piece's position. */
  readonly requestId: (position: number) => string;
  /** Whether the piece was committed already, in this run or one before. */
  readonly isSettled: (position: number) => boolean;
  /** All pieces before `position` are settled but those refused. */
  save(position: number, refused: readonly number[], done: boolean): Promise<void>;
}

/** Reads what is known of a file. After a cut the feed tells which of its pieces were committed since. */
export async function rememberFile(services: CommandServices, clinic: ClinicId, file: SurveyedFile): Promise<FileMemory> {
  const { records, deps } = services;
  const prefix = `import-${file.hash.slice(0, 32)}-`;
  const known = await records.get(IMPORTS, clinic, file.hash);
  let revision = known?.revision;
  const since = known?.value.since ?? (await deps.store.lastSeq(clinic));
  const committed = known && !known.value.done ? await committedSince(services, clinic, since, prefix) : new Set<number>();
  const refusedBefore = new Set(known?.value.refused);
  const settledUpTo = known?.value.position ?? 0;
  const save = async (value: ImportRecord): Promise<void> => {
    const written =
      revision === undefined
        ? await records.insert(IMPORTS, clinic, file.hash, value)
        : await records.replace(IMPORTS, clinic, file.hash, revision, value);
    if (written.ok) revision = written.record.revision;
  };
  // Said before anything is sent: only a file that isn't done is looked for in the feed.
  if (!known || (known.value.done && !isComplete(known.value))) {
    await save({ since, position: settledUpTo, refused: [...refusedBefore], done: false });
  }
  return {
    isDone: known !== undefined && isComplete(known.value),
    requestId: (position) => `${prefix}${position}`,
    isSettled: (position) => committed.has(position) || (position < settledUpTo && !refusedBefore.has(position)),
    save: (position, refused, done) => save({ since, position, refused, done }),
  };
}

const isComplete = (record: ImportRecord): boolean => record.done && record.refused.length === 0;

const FEED_PAGE = 500;

async function committedSince({ deps }: CommandServices, clinic: ClinicId, since: Seq, prefix: string): Promise<Set<number>> {
  const committed = new Set<number>();
  for (let after = since; ;) {
    const page = await deps.store.changes(clinic, after, FEED_PAGE);
    for (const { trace } of page) if (trace.requestId.startsWith(prefix)) committed.add(Number(trace.requestId.slice(prefix.length)));
    const last = page.at(-1);
    if (!last) return committed;
    after = last.seq;
  }
}
