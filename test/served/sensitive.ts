/** Labels, consents and the context of files: what they keep from whom, on the whole server. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '../../src/fhir/model/principal.ts';
import type { Asked, Told } from './ask.ts';
import type { Clinic, ServedWorld } from './world.ts';

export const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

export const idsIn = (told: Told): string[] =>
  ((told.body['entry'] ?? []) as { resource: { id: string } }[]).map(({ resource }) => resource.id);

interface Setting {
  readonly world: ServedWorld;
  readonly as: (role: Role, path: string, asked?: Asked, clinic?: Clinic) => Promise<Told>;
  /** May do everything, labelled or not. */
  readonly put: (resource: { readonly resourceType?: string; readonly id?: string }) => Promise<void>;
}

export function sensitiveTests(at: () => Setting): void {
  let { world, as, put } = {} as Setting;
  beforeAll(() => {
    ({ world, as, put } = at());
  });

  describe('labels', () => {
    const plain = ({ text }: Told): string => text.replaceAll('restricted', 'no-such').replace(/"id":"[^"]+"/, '');
    it('keep a restricted note from whoever may not see it, by every way', async () => {
      const label = encodeURIComponent(`${CONFIDENTIALITY}|R`);
      for (const role of ['SUPER_ADMIN', 'CLINIC_ADMIN', 'NURSE', 'THERAPIST', 'PATIENT'] as const) {
        for (const path of ['ClinicalImpression/restricted-note', 'ClinicalImpression/restricted-note/_history/1']) {
          const [hidden, never] = [await as(role, `/fhir/R4/${path}`), await as(role, `/fhir/R4/${path.replace('restricted', 'no-such')}`)];
          expect([role, path, hidden.status, plain(hidden)]).toEqual([role, path, never.status, plain(never)]);
        }
        expect([role, idsIn(await as(role, `/fhir/R4/ClinicalImpression?_security=${label}`))]).toEqual([role, []]);
        const all = await as(role, '/fhir/R4/Patient/seen/$everything');
        // Administrators find it named in the AuditEvents of who wrote it.
        expect([role, idsIn(all).includes('restricted-note')]).toEqual([role, false]);
      }
    });

    it('are searched by, by whoever may see it', async () => {
      const label = encodeURIComponent(`${CONFIDENTIALITY}|R`);
      expect(idsIn(await as('DOCTOR', `/fhir/R4/ClinicalImpression?_security=${label}`))).toContain('treated-note');
      expect(idsIn(await as('DOCTOR', `/fhir/R4/ClinicalImpression?_security=${label}`, {}, 'second'))).toEqual([]);
      const named = await world.systemToken(`system/ClinicalImpression.rs?_security=${label}`);
      expect(idsIn(await world.ask('/fhir/R4/ClinicalImpression', { token: named })).toSorted()).toEqual([
        'restricted-note',
        'treated-note',
      ]);
      const unnamed = await world.systemToken('system/ClinicalImpression.rs');
      expect(idsIn(await world.ask('/fhir/R4/ClinicalImpression?patient=seen', { token: unnamed }))).toEqual(['plain-note']);
    });
  });

  describe('a consent', () => {
    const consent = (status: string): object => ({
      resourceType: 'Consent',
      id: 'no-nurses',
      status,
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
      category: [{ text: 'privacy' }],
      patient: { reference: 'Patient/private' },
      policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
      provision: {
        type: 'deny',
        actor: [
          {
            reference: { reference: 'Organization/demo' },
            role: { coding: [{ system: 'https://nadi.example/fhir/CodeSystem/role', code: 'THERAPIST' }] },
          },
        ],
        class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'ClinicalImpression' }],
      },
    });
    const state = (status: string) => as('CLINIC_ADMIN', '/fhir/R4/Consent/no-nurses', { method: 'PUT', fhir: consent(status) });
    const found = async (role: Role) => [
      (await as(role, '/fhir/R4/ClinicalImpression/private-note')).status,
      idsIn(await as(role, '/fhir/R4/ClinicalImpression?patient=private')).length,
      (await as(role, '/fhir/R4/Patient/private')).status,
    ];

    it('that denies counts for the next request, for whom it names alone, and no longer once it is withdrawn', async () => {
      expect(await found('THERAPIST')).toEqual([200, 1, 200]);
      for (let round = 0; round < 3; round += 1) {
        expect([200, 201]).toContain((await state('active')).status);
        expect(await found('THERAPIST')).toEqual([404, 0, 200]);
        expect(await found('CLINIC_ADMIN')).toEqual([200, 1, 200]);
        expect((await state('inactive')).status).toBe(200);
        expect(await found('THERAPIST')).toEqual([200, 1, 200]);
      }
    });
  });

  describe('the context of a file', () => {
    const binary = (id: string, context?: string): object => ({
      ...{ resourceType: 'Binary', id, contentType: 'text/plain', data: Buffer.from('as told').toString('base64') },
      ...(context === undefined ? {} : { securityContext: { reference: context } }),
    });
    beforeAll(async () => {
      await put(binary('file-plain'));
      await put(binary('file-of-note', 'ClinicalImpression/plain-note'));
      await put(binary('file-restricted', 'ClinicalImpression/restricted-note'));
      await put(binary('file-of-nothing', 'ClinicalImpression/nowhere'));
      await put(binary('file-elsewhere', 'https://else.example/fhir/Patient/1'));
    });
    const seen = async (role: Role): Promise<string[]> => {
      const ids = ['file-plain', 'file-of-note', 'file-restricted', 'file-of-nothing', 'file-elsewhere'];
      const read: string[] = [];
      for (const id of ids) {
        const alone = await as(role, `/fhir/R4/Binary/${id}`);
        const others = [await as(role, `/fhir/R4/Binary/${id}/_history/1`), await as(role, `/fhir/R4/Binary/${id}/_history`)];
        expect([role, id, others.map(({ status }) => status)]).toEqual([role, id, [alone.status, alone.status]]);
        const entry = [{ request: { method: 'GET', url: `Binary/${id}` } }];
        const batch = await as(role, '/fhir/R4', { fhir: { resourceType: 'Bundle', type: 'batch', entry } });
        expect([role, id, batch.text.includes('YXMgdG9sZA')]).toEqual([role, id, alone.status === 200]);
        if (alone.status === 200) read.push(id);
      }
      expect([
        role,
        idsIn(await as(role, '/fhir/R4/Binary?_count=50'))
          .filter((id) => ids.includes(id))
          .toSorted(),
      ]).toEqual([role, read.toSorted()]);
      return read;
    };

    it('counts for whoever reads, finds or changes it: who may not see the note may not see its file', async () => {
      expect(await seen('NURSE')).toEqual(['file-plain', 'file-of-note']);
      expect(await seen('SUPPORT_STAFF')).toEqual([]);
      // The doctor is in an emergency since above: that opens what is read, and nothing to be changed.
      expect((await as('DOCTOR', '/fhir/R4/Binary/file-restricted')).status).toBe(200);
      for (const asked of [{ method: 'PUT', fhir: binary('file-restricted') }, { method: 'DELETE' }])
        expect((await as('DOCTOR', '/fhir/R4/Binary/file-restricted', asked)).status).toBe(403);
      expect((await as('NURSE', '/fhir/R4/Binary/file-restricted')).status).toBe(404);
      expect((await as('NURSE', '/fhir/R4/Binary/file-of-note', { method: 'PUT', fhir: binary('file-of-note') })).status).toBe(200);
    });

    it('is of the note’s author, whose note it is', async () => {
      const assessor = { reference: world.person('demo', 'COUNSELOR').fhirUser };
      const meta = { security: [{ system: CONFIDENTIALITY, code: 'R' }] };
      const note = {
        resourceType: 'ClinicalImpression',
        id: 'own-note',
        status: 'completed',
        subject: { reference: 'Patient/seen' },
        assessor,
        meta,
      };
      await put(note);
      await put(binary('file-own', 'ClinicalImpression/own-note'));
      expect((await as('COUNSELOR', '/fhir/R4/Binary/file-own')).status).toBe(200);
      expect((await as('COUNSELOR', '/fhir/R4/Binary/file-restricted')).status).toBe(404);
      expect((await as('NURSE', '/fhir/R4/Binary/file-own')).status).toBe(404);
    });
  });
}
