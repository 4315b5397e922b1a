/** What the trails of both clinics say of all that was asked: of the records that AuditEvents are made of (trail.test.ts). */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { namedBase, type Place } from './place.ts';
import { trailIn } from './twins.ts';

/** Asked before the server ends. */
export function attemptTests(at: () => Place): void {
  it('T1: an attempt is answered with 404, also under the name of the clinic and outside FHIR', async () => {
    const { token } = at().world.person('demo', 'DOCTOR');
    for (const [id, path, status] of [
      ['trail-plain', 'Patient/bb-patient', 404],
      ['trail-named', `${namedBase('bb')}/Patient/bb-patient`, 404],
      ['trail-api', '/clinics/second/locations', 404],
      ['trail-own', 'Patient/aa-patient', 200],
    ] as const) {
      expect([id, (await at().ask(path, { token, headers: { 'x-request-id': id } })).status]).toEqual([id, status]);
    }
    await at().askOther('Patient/bb-patient', { headers: { 'x-request-id': 'trail-other' } });
  });
}

/** After the server has ended. */
export function trailTests(at: () => Place): void {
  describe('the trail of all that was asked', () => {
    let ours: readonly string[];
    let theirs: readonly string[];
    const of = (lines: readonly string[], id: string): string[] => lines.filter((line) => line.includes(`"requestId":"${id}"`));
    beforeAll(async () => {
      await at().world.drain();
      ours = await trailIn(at().world.environment, 'demo');
      theirs = await trailIn(at().world.environment, 'second');
    });

    it('T1: attempts stand in the trail of the clinic whose people made them, with who made them', () => {
      const { account, fhirUser } = at().world.person('demo', 'DOCTOR');
      const last = (id: string): string => of(ours, id).at(-1) ?? '';
      for (const [id, outcome] of [
        ['trail-plain', 'failed'],
        ['trail-named', 'refused'],
        ['trail-api', 'refused'],
      ] as const) {
        expect(JSON.parse(last(id))).toMatchObject({ outcome, status: 404, account, subject: fhirUser });
      }
      expect(JSON.parse(last('trail-own'))).toMatchObject({ outcome: 'success', status: 200, account, subject: fhirUser });
    });

    it('T1 T2 T3 T4 T5 T6 T7 T8 T9 T10: every question stands in it, and none in that of the other clinic', () => {
      expect(
        at()
          .asked()
          .filter((id) => of(ours, id).length === 0),
      ).toEqual([]);
      expect(of(theirs, 'trail-other')).toHaveLength(1);
      expect(theirs.length).toBeGreaterThan(20);
      const text = theirs.join('');
      // Whoever comes to its own address without a token is nobody's person.
      const strangers = theirs
        .filter((line) => line.includes('"fuzz-'))
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
      expect(strangers.filter(({ status, account, client }) => status !== 401 || account !== undefined || client !== undefined)).toEqual(
        [],
      );
      expect(text).not.toMatch(/"requestId":"(try-\d+|forged|trail-(plain|named|api|own))"/);
      for (const role of ['DOCTOR', 'CLINIC_ADMIN', 'PATIENT'] as const)
        expect(text).not.toContain(at().world.person('demo', role).account);
    });
  });
}
