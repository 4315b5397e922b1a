/** `reindex`: makes index entries anew where they were made by another version, while the server goes on serving. */
import type { ClinicId } from '../fhir/model/ids.ts';
import { asResourceType } from '../fhir/model/ids.ts';
import { createSlice } from '../fhir/model/slices.ts';
import type { JsonObject } from '../fhir/model/json.ts';
import { ALL } from '../fhir/search/ast.ts';
import type { EntryReplacement, StoredVersion } from '../fhir/store/port.ts';
import { clinicOf } from './clinic.ts';
import { CLINIC_OPTION, type CommandArguments, type CommandRun, type CommandServices, type StoreCommand } from './command.ts';

export const reindexCommand: StoreCommand = {
  works: 'on the store',
  name: 'reindex',
  summary: 'makes index entries anew that an older version made',
  usage: 'reindex [--clinic ID]',
  options: [{ ...CLINIC_OPTION, meaning: 'only this clinic; all of them unless given' }],
  run: runReindex,
};

const PAGE = 200;
/** Counting has no caller who waits. */
const COUNT_MS = 10 * 60_000;

/** What is done carries the new version, so that a run that was cut off goes on where it was. */
async function runReindex(services: CommandServices, args: CommandArguments, run: CommandRun): Promise<boolean> {
  const clinics = args.options['clinic'] === undefined ? await services.deps.store.clinics() : [clinicOf(services, args)];
  for (const clinic of clinics) {
    const replaced = await reindexClinic(services, clinic, run);
    run.emit({ kind: 'line', text: `${clinic}: ${replaced} resources indexed anew` });
  }
  return true;
}

async function reindexClinic({ deps }: CommandServices, clinic: ClinicId, run: CommandRun): Promise<number> {
  const types = [...deps.definitions.resourceTypes].map(asResourceType);
  const total = await deps.store.count(clinic, { types, where: ALL, deadline: deps.clock.now() + COUNT_MS });
  const { indexVersion } = deps.extractor;
  const slice = createSlice();
  let done = 0;
  for (let after: string | undefined; ;) {
    run.signal.throwIfAborted();
    const page = await deps.store.staleEntries(clinic, indexVersion, after, PAGE);
    const replacements: EntryReplacement[] = [];
    for (const version of page.items) {
      replacements.push(replacementOf(deps, clinic, version));
      const pause = slice.breathe();
      if (pause) await pause;
    }
    if (replacements.length > 0) await deps.store.replaceEntries(clinic, replacements);
    done += replacements.length;
    run.emit({ kind: 'progress', done, total, note: `${clinic}: ${done} of at most ${total} resources` });
    if (page.next === undefined) return done;
    after = page.next;
  }
}

function replacementOf(deps: CommandServices['deps'], clinic: ClinicId, version: StoredVersion): EntryReplacement {
  const resource = JSON.parse(Buffer.from(version.body).toString()) as JsonObject;
  const { type, id, versionId } = version;
  return {
    type,
    id,
    versionId,
    entries: deps.extractor.extract(resource, deps.timeZoneOf(clinic)),
    indexVersion: deps.extractor.indexVersion,
  };
}
