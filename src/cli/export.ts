/** `export`: the live resources of a clinic as NDJSON, one file a type, in the form of https://hl7.org/fhir/uv/bulkdata/ */
import { mkdir, open as openFile, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { asResourceType, type ClinicId } from '../fhir/model/ids.ts';
import { ALL } from '../fhir/search/ast.ts';
import type { LinkScope } from '../fhir/search/resolve.ts';
import { firstPage, nextPage, type WalkQuery } from '../fhir/search/walk.ts';
import type { MatchQuery, FoundVersion } from '../fhir/store/port.ts';
import { clinicOf } from './clinic.ts';
import { CLINIC_OPTION, CommandError, type CommandArguments, type CommandRun, type CommandServices, type StoreCommand } from './command.ts';

export const exportCommand: StoreCommand = {
  works: 'on the store',
  name: 'export',
  summary: 'writes the resources of a clinic as NDJSON, one file a type',
  usage: 'export [--to FOLDER] [--clinic ID]',
  options: [
    CLINIC_OPTION,
    { name: 'to', value: 'FOLDER', meaning: 'an empty folder; ./export unless given', isPath: true, default: 'export' },
  ],
  run: runExport,
};

const PAGE = 200;
const PAGE_MS = 60_000;

async function runExport(services: CommandServices, args: CommandArguments, run: CommandRun): Promise<boolean> {
  const clinic = clinicOf(services, args);
  const files = createTypeFiles(await emptyFolder(args.options['to']));
  let done = 0;
  try {
    for await (const { items, total } of pagesOf(services, clinic)) {
      run.signal.throwIfAborted();
      await files.append(items);
      done += items.length;
      run.emit({ kind: 'progress', done, total, note: `${done} resources` });
    }
  } finally {
    for (const [type, count] of await files.close()) run.emit({ kind: 'line', text: `${type}.ndjson: ${count}` });
  }
  run.emit({ kind: 'line', text: `${done} resources exported` });
  return true;
}

/** What is changed meanwhile comes at the end in its newest version: whoever imports the files in order ends up with that. */
async function* pagesOf(
  { deps }: CommandServices,
  clinic: ClinicId,
): AsyncGenerator<{ readonly items: readonly FoundVersion[]; readonly total: number }> {
  const { store, definitions, clock } = deps;
  const types = [...definitions.resourceTypes].map(asResourceType);
  const match = (): MatchQuery => ({ types, where: ALL, deadline: clock.now() + PAGE_MS });
  const query = (): WalkQuery => ({ ...match(), order: 'natural', limit: PAGE });
  const scope = (): LinkScope => ({ store, clinic, deadline: clock.now() + PAGE_MS });
  const total = await store.count(clinic, match());
  let page = await firstPage(scope(), query(), clock.now());
  yield { items: page.items, total };
  while (page.next) {
    page = await nextPage(scope(), query(), page.next);
    yield { items: page.items, total };
  }
}

/** What is there isn't written over. */
async function emptyFolder(given: string | boolean | undefined): Promise<string> {
  const folder = String(given);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0)
    throw new CommandError(`--to was ${JSON.stringify(folder)}, which isn't empty; it may be a new or an empty folder`);
  return folder;
}

interface TypeFiles {
  append(items: readonly FoundVersion[]): Promise<void>;
  /** Resolves to the number of resources by type once all is written. */
  close(): Promise<[type: string, count: number][]>;
}

interface TypeFile {
  readonly handle: FileHandle;
  count: number;
}

const NEWLINE = Buffer.from('\n');

function createTypeFiles(folder: string): TypeFiles {
  const files = new Map<string, TypeFile>();
  const open = async (type: string): Promise<TypeFile> => {
    const file = { handle: await openFile(join(folder, `${type}.ndjson`), 'wx', 0o600), count: 0 };
    files.set(type, file);
    return file;
  };
  return {
    async append(items) {
      for (const [type, ofType] of Map.groupBy(items, (i) => i.type)) {
        const file = files.get(type) ?? (await open(type));
        await file.handle.writeFile(Buffer.concat(ofType.flatMap((i) => [i.body, NEWLINE])));
        file.count += ofType.length;
      }
    },
    async close() {
      for (const { handle } of files.values()) await handle.close();
      return [...files].map(([type, { count }]): [string, number] => [type, count]).sort();
    },
  };
}
