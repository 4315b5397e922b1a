/** What there is of a patient: walks every version there ever was, for deleted ones and older ones count as well. */
import { asSeq, type ClinicId, type ResourceKey } from '../../fhir/model/ids.ts';
import { createSlice } from '../../fhir/model/slices.ts';
import type { FhirStore, StoredVersion } from '../../fhir/store/port.ts';
import { patientsOf, resourceOf, type PatientDeps } from '../events/patients.ts';
import { identifyingTexts } from './texts.ts';

export interface FindDeps extends PatientDeps {
  readonly store: FhirStore;
}

export interface Found {
  /** Belong to the patient alone. */
  readonly own: readonly ResourceKey[];
  /** Belonged to the patient, and are another's now: only their older versions go. */
  readonly former: readonly ResourceKey[];
  /** Belong to other patients too, or only refer to this one: they stay, and are named in the certificate. */
  readonly referring: readonly string[];
  /** Numbers in the feed of what goes. */
  readonly seqs: readonly number[];
  /** What the patient could be searched by, folded. */
  readonly texts: readonly string[];
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

const AT_ONCE = 200;

export async function findPatient(deps: FindDeps, clinic: ClinicId, patient: string, signal: AbortSignal): Promise<Found> {
  const seen = new Map<string, Seen>();
  const texts = new Set<string>();
  const slice = createSlice();
  for (let after = asSeq(0); ;) {
    signal.throwIfAborted();
    const page = await deps.store.changes(clinic, after, AT_ONCE);
    for (const version of page) {
      look(deps, seen, version, patient);
      if (`${version.type}/${version.id}` === patient && !version.deleted)
        identifyingTexts(resourceOf(version.body)).forEach((t) => texts.add(t));
      const pause = slice.breathe();
      if (pause) await pause;
    }
    const last = page.at(-1);
    if (!last) return sorted([...seen.values()], patient, [...texts]);
    after = last.seq;
  }
}

/** Most versions have nothing to do with the patient: that is told from their bytes. */
function look(deps: FindDeps, seen: Map<string, Seen>, version: StoredVersion, patient: string): void {
  const name = `${version.type}/${version.id}`;
  const mentions = name === patient || Buffer.from(version.body).includes(patient);
  const known = seen.get(name);
  if (!known && !mentions) return;
  const one = known ?? { key: { type: version.type, id: version.id }, seqs: [], wasOwn: false, patients: [], mentions: false };
  seen.set(name, one);
  one.seqs.push(version.seq);
  if (version.body.length === 0) return;
  one.patients = patientsOf(deps, version.type, version.id, resourceOf(version.body));
  one.mentions = mentions;
  one.wasOwn ||= one.patients.includes(patient);
}

function sorted(all: readonly Seen[], patient: string, texts: readonly string[]): Found {
  const isOwn = ({ wasOwn, patients }: Seen): boolean => wasOwn && patients.every((p) => p === patient);
  const isFormer = (one: Seen): boolean => one.wasOwn && !isOwn(one) && !one.mentions;
  const gone = all.filter((one) => isOwn(one) || isFormer(one));
  const keys = (of: readonly Seen[]): ResourceKey[] => of.map(({ key }) => key);
  return {
    // The patient comes last: an erasure that was cut off finds it again.
    own: keys(all.filter(isOwn)).sort((a, b) => Number(`${a.type}/${a.id}` === patient) - Number(`${b.type}/${b.id}` === patient)),
    former: keys(all.filter(isFormer)),
    referring: all.filter((one) => !isOwn(one) && one.mentions).map(({ key }) => `${key.type}/${key.id}`),
    seqs: gone.flatMap(({ seqs }) => seqs),
    texts,
  };
}
