/** What there is of a patient: walks every version there ever was, for deleted ones and older ones count as well. */
import { asSeq, type ClinicId, type ResourceKey } from '../../fhir/model/ids.ts';
import { createSlice } from '../../fhir/model/slices.ts';
import type { FhirStore, StoredVersion } from '../../fhir/store/port.ts';
import { patientsOf, resourceOf, type PatientDeps } from '../events/patients.ts';
import { createDependants, type Dependants } from './dependants.ts';
import { contactsIn, identifyingTexts } from './texts.ts';

export interface FindDeps extends PatientDeps {
  readonly store: FhirStore;
}

export interface Found {
  /** Belong to the patient alone, the Patient last. */
  readonly own: readonly FoundResource[];
  /** Belonged to the patient, and are another's now: only their older versions go. */
  readonly former: readonly FoundResource[];
  /** Belong to other patients too, or only refer to this one: they stay, and are named in the certificate. */
  readonly referring: readonly string[];
  /** Numbers in the feed of what goes. */
  readonly seqs: readonly number[];
  /** What the patient could be searched by, folded. */
  readonly texts: readonly string[];
  /** E-mail addresses and telephone numbers, as written. */
  readonly contacts: readonly string[];
}

export interface FoundResource extends ResourceKey {
  /** How many versions go. */
  readonly versions: number;
}

interface Seen {
  readonly key: ResourceKey;
  readonly seqs: number[];
  /** Any version belonged to the patient. */
  wasOwn: boolean;
  /** Of the newest version with a body. */
  patients: readonly string[];
  mentions: boolean;
}

interface Walk {
  readonly patient: string;
  readonly seen: Map<string, Seen>;
  readonly dependants: Dependants;
  readonly texts: Set<string>;
  readonly contacts: Set<string>;
}

const AT_ONCE = 200;

export async function findPatient(deps: FindDeps, clinic: ClinicId, patient: string, signal: AbortSignal): Promise<Found> {
  const walk: Walk = { patient, seen: new Map(), dependants: createDependants(), texts: new Set(), contacts: new Set() };
  const slice = createSlice();
  for (let after = asSeq(0); ;) {
    signal.throwIfAborted();
    const page = await deps.store.changes(clinic, after, AT_ONCE);
    for (const version of page) {
      look(deps, walk, version);
      const pause = slice.breathe();
      if (pause) await pause;
    }
    const last = page.at(-1);
    if (!last) return foundIn(walk);
    after = last.seq;
  }
}

/** Most versions have nothing to do with the patient: that is told from their bytes. */
function look(deps: FindDeps, walk: Walk, version: StoredVersion): void {
  const { patient, seen, dependants, texts, contacts } = walk;
  const name = `${version.type}/${version.id}`;
  dependants.look(version);
  const mentions = name === patient || isNamedIn(version.body, patient);
  const known = seen.get(name);
  if (!known && !mentions) return;
  const one = known ?? { key: { type: version.type, id: version.id }, seqs: [], wasOwn: false, patients: [], mentions: false };
  seen.set(name, one);
  one.seqs.push(version.seq);
  if (version.body.length === 0) return;
  const resource = resourceOf(version.body);
  one.patients = patientsOf(deps, version.type, version.id, resource);
  one.mentions = mentions;
  one.wasOwn ||= one.patients.includes(patient);
  if (name !== patient) return;
  identifyingTexts(resource).forEach((text) => texts.add(text));
  contactsIn(resource).forEach((text) => contacts.add(text));
}

/** `Patient/9`, and not `Patient/99`. */
function isNamedIn(body: Uint8Array, patient: string): boolean {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  for (let at = bytes.indexOf(patient); at !== -1; at = bytes.indexOf(patient, at + 1)) {
    if (!/[A-Za-z0-9\-.]/.test(String.fromCharCode(bytes[at + patient.length] ?? 0))) return true;
  }
  return false;
}

function foundIn({ patient, seen, dependants, texts, contacts }: Walk): Found {
  const all = [...seen.values()];
  const isOwn = ({ wasOwn, patients }: Seen): boolean => wasOwn && patients.every((p) => p === patient);
  const owned = all.filter(isOwn);
  const sole = dependants.soleOf(new Set(owned.map(nameOf))).filter((one) => !owned.some((own) => nameOf(own) === nameOf(one)));
  const going = new Set([...owned, ...sole].map(nameOf));
  const former = all.filter((one) => one.wasOwn && !going.has(nameOf(one)) && !one.mentions);
  return {
    // The Patient comes last: what it is named by is read from it until then.
    own: [...sole, ...owned].map((one) => foundOf(one, 0)).sort((a, b) => isSelf(patient, a) - isSelf(patient, b)),
    former: former.map((one) => foundOf(one, 1)).filter(({ versions }) => versions > 0),
    referring: all.filter((one) => !going.has(nameOf(one)) && one.mentions).map(nameOf),
    seqs: [...sole, ...owned, ...former].flatMap(({ seqs }) => seqs),
    texts: [...texts],
    contacts: [...contacts],
  };
}

type Counted = Pick<Seen, 'key' | 'seqs'>;
const nameOf = ({ key }: Counted): string => `${key.type}/${key.id}`;
const foundOf = ({ key, seqs }: Counted, kept: number): FoundResource => ({ ...key, versions: seqs.length - kept });
const isSelf = (patient: string, { type, id }: ResourceKey): number => Number(`${type}/${id}` === patient);
