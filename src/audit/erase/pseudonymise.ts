/** Takes a patient out of the journal and the AuditEvents; who did what, and when, stays. */
import { asResourceId, type ClinicId } from '../../fhir/model/ids.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../fhir/model/json.ts';
import { createSlice } from '../../fhir/model/slices.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import { NOT_IN_FEED, type FhirStore } from '../../fhir/store/port.ts';
import { putEvent, type MakerDeps } from '../events/make.ts';
import { resourceOf } from '../events/patients.ts';
import type { AuditKeys } from '../log/keys.ts';
import { decodeBlock, ERASED, fieldsText, personalOf, type Personal } from '../log/record.ts';
import type { AuditJournal, Block } from '../port.ts';
import { isAbout } from './texts.ts';

export interface Erasing {
  readonly clinic: ClinicId;
  /** `Patient/9`. */
  readonly patient: string;
  /** References that go, by what stands for them. */
  readonly names: ReadonlyMap<string, string>;
  readonly texts: readonly string[];
}

const BLOCKS_AT_ONCE = 50;
const EVENTS_AT_ONCE = 100;

/** Resolves to the ids of the records that were changed. What was done before is left as it is. */
export async function pseudonymiseJournal(journal: AuditJournal, keys: AuditKeys, erasing: Erasing): Promise<string[]> {
  const changed: string[] = [];
  const slice = createSlice();
  for (const { number } of await journal.chains(erasing.clinic, 0)) {
    for (let after = -1; ;) {
      const blocks = await journal.blocks(erasing.clinic, number, after, BLOCKS_AT_ONCE);
      for (const block of blocks) {
        changed.push(...(await pseudonymiseBlock(journal, keys, erasing, block)));
        await slice.breathe();
      }
      if (blocks.length < BLOCKS_AT_ONCE) break;
      after = blocks.at(-1)?.n ?? after;
    }
  }
  return changed;
}

async function pseudonymiseBlock(journal: AuditJournal, keys: AuditKeys, erasing: Erasing, block: Block): Promise<string[]> {
  const records = decodeBlock(block);
  const changed: string[] = [];
  const personal = personalOf(block).map((own, i) => {
    if (!concerns(erasing, own)) return own;
    const { id, corrects } = records[i] as (typeof records)[number];
    changed.push(corrects ?? id);
    const rest = withoutPatient(erasing, own);
    return [ERASED + keys.erasure(block, i, fieldsText(rest)), ...rest.slice(1)];
  });
  if (changed.length > 0) {
    const { clinic, chain, n } = block;
    await journal.replacePersonal({ clinic, chain, n, personal: JSON.stringify(personal) });
  }
  return changed;
}

/** `Observation/17/_history/2` → `Observation/17` */
const resourceName = (reference: string): string => reference.split('/', 2).join('/');
const pseudonymOf = ({ names }: Erasing, reference: string): string | undefined => names.get(resourceName(reference));

function concerns(erasing: Erasing, [, subject, , , target, patient, query]: Personal): boolean {
  if ([subject, target, patient].some((name) => name !== 0 && pseudonymOf(erasing, name) !== undefined)) return true;
  const id = erasing.patient.slice('Patient/'.length);
  return query !== 0 && (isAbout(query, erasing.texts) || query.includes(id));
}

function withoutPatient(erasing: Erasing, [, subject, account, address, target, patient]: Personal): Personal {
  const named = (name: string | 0): string | 0 => (name === 0 ? 0 : (pseudonymOf(erasing, name) ?? name));
  const isSelf = subject === erasing.patient;
  return ['', named(subject), isSelf ? 0 : account, isSelf ? 0 : address, named(target), named(patient), 0, 0];
}

export type EventDeps = Pick<MakerDeps, 'extractor' | 'timeZoneOf'> & { readonly store: FhirStore };

/** Writes a version without the patient of each AuditEvent; its older ones are still to be erased. Resolves to those there are. */
export async function pseudonymiseEvents(deps: EventDeps, erasing: Erasing, ids: readonly string[]): Promise<string[]> {
  const there: string[] = [];
  for (let i = 0; i < ids.length; i += EVENTS_AT_ONCE) {
    const keys = ids.slice(i, i + EVENTS_AT_ONCE).map((id) => ({ type: NOT_IN_FEED, id: asResourceId(id) }));
    const found = await deps.store.readMany(erasing.clinic, keys);
    const changes = found.map((version) => {
      const event = eventWithout(erasing, resourceOf(version.body));
      return putEvent(deps, erasing.clinic, event, version.versionId, version.trace.requestId);
    });
    there.push(...found.map(({ id }) => id));
    if (changes.length === 0) continue;
    const outcome = await deps.store.write(erasing.clinic, { changes, guards: [], indexVersion: deps.extractor.indexVersion });
    if (!outcome.ok) throw fhirError('conflict', 'an AuditEvent was changed meanwhile', 'Run the erasure again.');
  }
  return there;
}

function eventWithout(erasing: Erasing, event: JsonObject): JsonObject {
  const items = (name: string): JsonObject[] => (Array.isArray(event[name]) ? event[name] : []).filter(isJsonObject);
  const agents = items('agent');
  // Where the patient was the one who asked, the address of the client is the patient's.
  const isSelf = agents.some(({ who }) => isJsonObject(who) && who['reference'] === erasing.patient);
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

/** Every text that names what goes. */
function renamed(erasing: Erasing, value: JsonValue): JsonValue {
  if (typeof value === 'string') return pseudonymOf(erasing, value) ?? value;
  if (Array.isArray(value)) return value.map((item) => renamed(erasing, item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, renamed(erasing, of)]));
}
