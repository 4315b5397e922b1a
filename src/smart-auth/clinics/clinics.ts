/** Clinics: a record in `_platform`, and the Organization of the same id inside. The Organization is written first; both are repaired by doing it again. */
import type { ClinicId } from '../../fhir/model/ids.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { Clock } from '../../platform/clock.ts';
import type { RecordStore, StoredRecord } from '../../records/port.ts';
import { CLINIC, MEMBERSHIP, PLATFORM, type Clinic } from '../accounts/records.ts';
import type { Author, Resources } from '../accounts/resources.ts';
import type { Sessions } from '../sessions/sessions.ts';

export type StoredClinic = StoredRecord<Clinic>;

export interface ClinicDetails {
  readonly name: string;
  readonly timeZone?: string;
  readonly active?: boolean;
  readonly openRegistration?: boolean;
  readonly selfRegistration?: boolean;
}

export interface Clinics {
  find(clinic: ClinicId): Promise<StoredClinic | undefined>;
  list(limit: number, cursor?: string): Promise<readonly StoredClinic[]>;
  /** `created` is false where it was there. */
  settle(author: Author, details: ClinicDetails): Promise<{ readonly clinic: StoredClinic; readonly created: boolean }>;
  /** One that is deactivated ends the tokens of all its people. Throws `conflict`. */
  change(author: Author, found: StoredClinic, details: ClinicDetails): Promise<StoredClinic>;
}

export interface ClinicDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly resources: Resources;
  readonly sessions: Sessions;
}

export const DEFAULT_ZONE = 'Asia/Kolkata';

export function createClinics(deps: ClinicDeps): Clinics {
  const { records, clock } = deps;
  return {
    find: (clinic) => records.get(CLINIC, PLATFORM, clinic),
    list: (limit, cursor) => records.list(CLINIC, PLATFORM, { limit, ...(cursor === undefined ? {} : { after: cursor }) }),
    async settle(author, details) {
      const { clinic } = author.principal;
      const before = await records.get(CLINIC, PLATFORM, clinic);
      if (before) return { clinic: before, created: false };
      await writeOrganization(deps, author, details.name, true);
      const value: Clinic = {
        timeZone: DEFAULT_ZONE,
        active: true,
        openRegistration: false,
        selfRegistration: false,
        createdAt: clock.now(),
        ...details,
      };
      const written = await records.insert(CLINIC, PLATFORM, clinic, value);
      if (written.ok) return { clinic: written.record, created: true };
      const there = await records.get(CLINIC, PLATFORM, clinic);
      if (there) return { clinic: there, created: false };
      throw changedMeanwhile();
    },
    async change(author, found, details) {
      const value: Clinic = { ...found.value, ...details };
      await writeOrganization(deps, author, value.name, value.active);
      const written = await records.replace(CLINIC, PLATFORM, found.id, found.revision, value);
      if (!written.ok) throw changedMeanwhile();
      if (!value.active) await endAllIn(deps, author.principal.clinic);
      return written.record;
    },
  };
}

async function writeOrganization({ resources }: ClinicDeps, author: Author, name: string, active: boolean): Promise<void> {
  const id = author.principal.clinic;
  const before = await resources.read(author, 'Organization', id);
  await resources.put(author, { resourceType: 'Organization', id, ...before?.resource, name, active });
}

const BATCH = 500;

async function endAllIn({ records, sessions }: ClinicDeps, clinic: ClinicId): Promise<void> {
  for (let after = ''; ;) {
    const members = await records.list(MEMBERSHIP, clinic, { after, limit: BATCH });
    await Promise.all(members.map(({ id }) => sessions.endAll(id, clinic)));
    after = members.at(-1)?.id ?? '';
    if (members.length < BATCH) return;
  }
}

const changedMeanwhile = (): Error =>
  fhirError('conflict', 'someone else changed this clinic at the same time', 'Read it again, then repeat the change.');
