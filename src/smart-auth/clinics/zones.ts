/** The time zone of a clinic where a promise can't be waited for. It never changes, so what is known once stays true. */
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { RecordStore } from '../../records/port.ts';
import { CLINIC, PLATFORM } from '../accounts/records.ts';
import { DEFAULT_ZONE } from './clinics.ts';

export interface ClinicZones {
  knows(clinic: ClinicId): boolean;
  /** To be awaited before anything is done in a clinic: whoever verifies a token does. */
  learn(clinic: ClinicId): Promise<void>;
  of(clinic: ClinicId): string;
}

export function createClinicZones(records: RecordStore, known: ReadonlyMap<ClinicId, string>): ClinicZones {
  const zones = new Map(known);
  return {
    knows: (clinic) => zones.has(clinic),
    async learn(clinic) {
      if (zones.has(clinic)) return;
      const found = await records.get(CLINIC, PLATFORM, clinic);
      if (found) zones.set(clinic, found.value.timeZone);
    },
    of: (clinic) => zones.get(clinic) ?? DEFAULT_ZONE,
  };
}
