/** What the trails of both clinics say of all that was asked. */
import { expect, it } from '@jest/globals';
import { isOf, namedBase, type Place } from './place.ts';

export function trailTests(at: () => Place): void {
  it('T1: attempts stand in the trail of the clinic whose people made them, and not in the other’s', async () => {
    const { token, account, fhirUser } = at().world.person('demo', 'DOCTOR');
    const asked = { plain: 'trail-plain', named: 'trail-named', api: 'trail-api', own: 'trail-own' };
    const headers = (id: string) => ({ token, headers: { 'x-request-id': id } });
    await at().ask('Patient/bb-patient', headers(asked.plain));
    await at().ask(`${namedBase('bb')}/Patient/bb-patient`, headers(asked.named));
    await at().ask('/clinics/second/locations', headers(asked.api));
    await at().ask('Patient/aa-patient', headers(asked.own));
    const trail = await at().trail('demo', asked.own);
    const eventsOf = (id: string) => trail.filter((event) => isOf(event, id));
    for (const id of [asked.plain, asked.named, asked.api]) {
      expect(eventsOf(id)).toHaveLength(1);
      expect(eventsOf(id)[0]).toMatchObject({ outcome: '4', outcomeDesc: expect.stringContaining('HTTP status 404') });
      expect(JSON.stringify(eventsOf(id))).toContain(`"altId":"${account}"`);
      expect(JSON.stringify(eventsOf(id))).toContain(fhirUser);
    }
    expect(eventsOf(asked.named)[0]).toMatchObject({ outcomeDesc: 'refused, HTTP status 404' });
    expect(eventsOf(asked.own)[0]).toMatchObject({ outcome: '0' });
    // Its next event has been made, so that what was recorded before it would be there as well.
    await at().askOther('Patient/bb-patient', { headers: { 'x-request-id': 'trail-other' } });
    const other = JSON.stringify(await at().trail('second', 'trail-other'));
    for (const theirs of [...Object.values(asked), account, fhirUser]) expect(other).not.toContain(theirs);
  });

  it('T1 T2 T3 T4 T5 T6 T7 T8 T9 T10: the trail of the other clinic tells of none of it', async () => {
    await at().askOther('Patient/bb-patient', { headers: { 'x-request-id': 'the-last' } });
    const trail = await at().trail('second', 'the-last');
    const text = JSON.stringify(trail);
    expect(trail.length).toBeGreaterThan(20);
    expect(text).not.toMatch(/"(try-\d+|forged|trail-(plain|named|api|own))"/);
    for (const role of ['DOCTOR', 'CLINIC_ADMIN', 'PATIENT'] as const) expect(text).not.toContain(at().world.person('demo', role).account);
  });
}
