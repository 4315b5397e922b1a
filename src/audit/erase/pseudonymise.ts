/** Takes a patient out of one clinic's journal and AuditEvents; who did what, and when, stays. */
import { asResourceId, type ClinicId, type ResourceKey } from '../../fhir/model/ids.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../fhir/model/json.ts';
import { createSlice } from '../../fhir/model/slices.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import { NOT_IN_FEED, type FhirStore } from '../../fhir/store/port.ts';
import { putEvent, type MakerDeps } from '../events/make.ts';
import { resourceOf } from '../events/patients.ts';
import type { AuditKeys } from '../log/keys.ts';
import { decodeBlock, ERASED, fieldsText, personalOf, type Personal } from '../log/record.ts';
import type { AuditJournal, Block } from '../port.ts';
import { isAbout, mentions } from './texts.ts';

export interface Erasing {
  readonly clinic: ClinicId;
  /** `Patient/9`; absent in the trails of others, where that is another's. */
  readonly patient?: string;
  /** The patient's, where it has no place in another clinic. */
  readonly account: string | undefined;
  /** References that go, by what stands for them. */
  readonly names: ReadonlyMap<string, string>;
  readonly texts: readonly string[];
}

const BLOCKS_AT_ONCE = 50;
const EVENTS_AT_ONCE = 100;

/** Ids of the AuditEvents of records that tell of the patient. What was taken out of them before counts no more. */
export async function recordsAbout(journal: AuditJournal, erasing: Erasing): Promise<string[]> {
  const ids: string[] = [];
  await eachBlock(journal, erasing, (block, concerned) => {
    const records = decodeBlock(block);
    for (const i of concerned) {
      const { id, corrects } = records[i] as (typeof records)[number];
      ids.push(corrects ?? id);
    }
  });
  return ids;
}

/** Takes the patient out of those records. */
export async function pseudonymiseJournal(journal: AuditJournal, keys: AuditKeys, erasing: Erasing): Promise<void> {
  await eachBlock(journal, erasing, async (block, concerned) => {
    const personal = personalOf(block);
    for (const i of concerned) {
      const rest = withoutPatient(erasing, personal[i] as Personal);
      personal[i] = [ERASED + keys.erasure(block, i, fieldsText(rest)), ...rest.slice(1)] as unknown as Personal;
    }
    const { clinic, chain, n } = block;
    await journal.replacePersonal({ clinic, chain, n, personal: JSON.stringify(personal) });
  });
}

/** Blocks that have such records, with the places of these in them. */
async function eachBlock(
  journal: AuditJournal,
  erasing: Erasing,
  work: (block: Block, concerned: readonly number[]) => void | Promise<void>,
): Promise<void> {
  const slice = createSlice();
  for (const { number } of await journal.chains(erasing.clinic, 0)) {
    for (let after = -1; ;) {
      const blocks = await journal.blocks(erasing.clinic, number, after, BLOCKS_AT_ONCE);
      for (const block of blocks) {
        const concerned = personalOf(block).flatMap((own, i) => (concerns(erasing, own) ? [i] : []));
        if (concerned.length > 0) await work(block, concerned);
        await slice.breathe();
      }
      if (blocks.length < BLOCKS_AT_ONCE) break;
      after = blocks.at(-1)?.n ?? after;
    }
  }
}

/** `Observation/17/_history/2` → `Observation/17` */
const resourceName = (reference: string): string => reference.split('/', 2).join('/');
const pseudonymOf = ({ names }: Erasing, reference: string): string | undefined => names.get(resourceName(reference));

function concerns(erasing: Erasing, [, subject, account, , target, patient, query, reason]: Personal): boolean {
  if ([subject, target, patient].some((name) => name !== 0 && pseudonymOf(erasing, name) !== undefined)) return true;
  if (account !== 0 && account === erasing.account) return true;
  const { texts } = erasing;
  const id = erasing.patient?.slice('Patient/'.length);
  return (query !== 0 && isAbout(query, texts, id)) || (reason !== 0 && mentions(reason, texts));
}

function withoutPatient(erasing: Erasing, [, subject, account, address, target, patient]: Personal): Personal {
  const named = (name: string | 0): string | 0 => (name === 0 ? 0 : (pseudonymOf(erasing, name) ?? name));
  const isSelf = (subject !== 0 && subject === erasing.patient) || (account !== 0 && account === erasing.account);
  return ['', named(subject), isSelf ? 0 : account, isSelf ? 0 : address, named(target), named(patient), 0, 0];
}

export type EventDeps = Pick<MakerDeps, 'extractor' | 'timeZoneOf'> & { readonly store: FhirStore };

/** Those of the AuditEvents that there are. */
export async function eventsThere({ store }: EventDeps, { clinic }: Erasing, ids: readonly string[]): Promise<ResourceKey[]> {
  const there: ResourceKey[] = [];
  for (let i = 0; i < ids.length; i += EVENTS_AT_ONCE) {
    const keys = ids.slice(i, i + EVENTS_AT_ONCE).map((id) => ({ type: NOT_IN_FEED, id: asResourceId(id) }));
    there.push(...(await store.readMany(clinic, keys)).map(({ type, id }) => ({ type, id })));
  }
  return there;
}

/** Leaves of each AuditEvent one version, without the patient. */
export async function pseudonymiseEvents(deps: EventDeps, erasing: Erasing, events: readonly ResourceKey[]): Promise<void> {
  const { store, extractor } = deps;
  const { clinic } = erasing;
  for (let i = 0; i < events.length; i += EVENTS_AT_ONCE) {
    const keys = events.slice(i, i + EVENTS_AT_ONCE);
    const changes = (await store.readMany(clinic, keys)).map((version) => {
      const event = eventWithout(erasing, resourceOf(version.body));
      return putEvent(deps, clinic, event, version.versionId, version.trace.requestId);
    });
    const outcome = await store.write(clinic, { changes, guards: [], indexVersion: extractor.indexVersion });
    if (!outcome.ok) throw fhirError('conflict', 'an AuditEvent was changed meanwhile', 'Run the erasure again.');
    await store.erase(
      clinic,
      keys.map((key) => ({ ...key, keep: 'current' })),
    );
  }
}

function eventWithout(erasing: Erasing, event: JsonObject): JsonObject {
  const items = (name: string): JsonObject[] => (Array.isArray(event[name]) ? event[name] : []).filter(isJsonObject);
  const agents = items('agent');
  // Where the patient was the one who asked, the address of the client is the patient's.
  const isSelf = agents.some(({ who, altId }) => isReference(who, erasing) || (altId !== undefined && altId === erasing.account));
  const agent = isSelf ? agents.map(({ network: _network, altId: _altId, ...rest }) => rest) : agents;
  const { purposeOfEvent: _reason, ...rest } = event;
  const purposes = items('purposeOfEvent').flatMap(({ coding }) => (coding === undefined ? [] : [{ coding }]));
  const purpose: JsonObject = purposes.length === 0 ? {} : { purposeOfEvent: purposes };
  return renamed(erasing, {
    ...rest,
    ...purpose,
    agent,
    entity: items('entity').filter((one) => one['query'] === undefined),
  }) as JsonObject;
}

const isReference = (who: JsonValue | undefined, { patient }: Erasing): boolean =>
  patient !== undefined && isJsonObject(who) && who['reference'] === patient;

/** Every text that names what goes. */
function renamed(erasing: Erasing, value: JsonValue): JsonValue {
  if (typeof value === 'string') return pseudonymOf(erasing, value) ?? value;
  if (Array.isArray(value)) return value.map((item) => renamed(erasing, item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, renamed(erasing, of)]));
}
