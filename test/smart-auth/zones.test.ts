import { expect, it } from '@jest/globals';
import { asClinicId } from '../../src/fhir/model/ids.ts';
import { CLINIC, PLATFORM } from '../../src/smart-auth/accounts/records.ts';
import { createClinicZones } from '../../src/smart-auth/clinics/zones.ts';
import { onEachRecordStore } from '../api/set-up.ts';

onEachRecordStore('time zones of clinics', (open) => {
  it('are known at once after they were learnt, and without a record are those of most clinics', async () => {
    const { records, dispose } = await open();
    const [known, made, none] = ['known', 'made', 'none'].map(asClinicId) as [
      ReturnType<typeof asClinicId>,
      ReturnType<typeof asClinicId>,
      ReturnType<typeof asClinicId>,
    ];
    const value = { name: 'Made', timeZone: 'Europe/Paris', active: true, openRegistration: false, selfRegistration: false, createdAt: 0 };
    await records.insert(CLINIC, PLATFORM, made, value);
    const zones = createClinicZones(records, new Map([[known, 'UTC']]));
    for (const clinic of [known, made, none]) await zones.learn(clinic);
    expect([zones.of(known), zones.of(made), zones.of(none)]).toEqual(['UTC', 'Europe/Paris', 'Asia/Kolkata']);
    await dispose();
  });
});
