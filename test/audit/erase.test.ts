import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createPublicKey, verify } from 'node:crypto';
import { erasePatient, type Erasure } from '../../src/audit/erase/index.ts';
import { isAbout, mentions } from '../../src/audit/erase/texts.ts';
import { verifyClinic } from '../../src/audit/log/verify.ts';
import { asClinicId, asResourceId } from '../../src/fhir/model/ids.ts';
import { toResourceText, type JsonObject } from '../../src/fhir/model/json.ts';
import type { Put } from '../../src/fhir/store/port.ts';
import { del, key, query, setOf } from '../contract/store/context.ts';
import { clinic, erasingDeps, onEachStore, type World } from './world.ts';

const CANARIES = ['CanaryFamily', 'canaryfamily', 'CanaryNote', 'CanaryFirst', 'canary-patient', 'canary-token'];

onEachStore('erasing a patient', (open) => {
  let world: World;
  beforeEach(async () => {
    world = await open();
  });
  afterEach(() => world.close());

  const put = (resource: JsonObject & { resourceType: string; id: string }): Put => ({
    op: 'put',
    ...key(resource.resourceType, resource.id),
    expected: 'any',
    text: toResourceText(resource, asResourceId(resource.id)),
    entries: world.tools.extractor.extract(resource, 'UTC'),
    trace: { subject: 'Practitioner/1', requestId: 'w', interaction: 'update' },
  });
  const write = (...resources: (JsonObject & { resourceType: string; id: string })[]) =>
    world.store.write(clinic, setOf(resources.map(put)));
  const note = (id: string, subject: string, text: string, more: JsonObject = {}) => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { text },
    subject: { reference: subject },
    ...more,
  });
  const erase = (patient = 'canary-patient'): Promise<Erasure> =>
    erasePatient(
      erasingDeps(world),
      { clinic, patient: asResourceId(patient), by: 'court', reason: 'request 7' },
      new AbortController().signal,
    );
  const events = async (): Promise<JsonObject[]> =>
    (await world.store.search(clinic, query('AuditEvent'))).items.map((v) => JSON.parse(Buffer.from(v.body).toString()) as JsonObject);

  async function fill(): Promise<void> {
    const patient = {
      resourceType: 'Patient',
      id: 'canary-patient',
      name: [{ family: 'CanaryFirst' }],
      identifier: [{ system: 'urn:x', value: 'canary-token' }],
    };
    await write(patient, { resourceType: 'Patient', id: 'other' }, { resourceType: 'Practitioner', id: '1' });
    await write({ ...patient, name: [{ family: 'CanaryFamily' }] }, note('o1', 'Patient/canary-patient', 'CanaryNote'));
    await write(note('o2', 'Patient/canary-patient', 'CanaryNote'), note('moved', 'Patient/canary-patient', 'CanaryNote'));
    await world.store.write(clinic, setOf([del('Observation', 'o2')]));
    await write(note('moved', 'Patient/other', 'plain'));
    await write(note('of-other', 'Patient/other', 'plain'), {
      resourceType: 'Patient',
      id: 'child',
      link: [{ other: { reference: 'Patient/other' }, type: 'seealso' }],
    });
    const record = { clinic, category: 'rest', outcome: 'success', status: 200, requestId: 'r', subject: 'Practitioner/1' } as const;
    await Promise.all([
      world.audit.log.append({ ...record, what: 'read', target: 'Patient/canary-patient', patient: 'Patient/canary-patient' }),
      world.audit.log.append({ ...record, what: 'search-type', target: 'Patient', query: 'name=canaryfam' }),
      world.audit.log.append({ ...record, what: 'search-type', target: 'Patient', query: 'name=somebody' }),
      world.audit.log.append({
        ...record,
        what: 'read',
        target: 'Observation/o1',
        subject: 'Patient/canary-patient',
        address: '192.0.2.77',
      }),
    ]);
    await world.audit.catchUp(clinic);
  }

  it('leaves nothing of the patient anywhere, and everything of the others', async () => {
    await fill();
    const before = (await events()).length;
    const dirty = (await world.dump()).toString('latin1');
    expect(CANARIES.filter((canary) => !dirty.includes(canary))).toEqual([]);
    const { certificate } = await erase();
    expect(certificate.erased).toEqual({ Observation: { resources: 3, versions: 4 }, Patient: { resources: 1, versions: 2 } });
    const bytes = (await world.dump()).toString('latin1');
    expect([...CANARIES, '192.0.2.77', Buffer.from('Patient?name=canaryfam').toString('base64')].filter((c) => bytes.includes(c))).toEqual(
      [],
    );
    for (const [type, id] of [
      ['Patient', 'other'],
      ['Practitioner', '1'],
      ['Observation', 'of-other'],
      ['Observation', 'moved'],
    ] as const)
      expect(await world.store.read(clinic, key(type, id))).toMatchObject({ deleted: false });
    // What was done is still told; the erasure itself comes with its certificate.
    await world.audit.catchUp(clinic);
    expect((await events()).length).toBe(before + 2);
    expect(JSON.stringify(await events())).toContain(certificate.patient);
    expect(bytes).toContain('name=somebody');
  });

  describe('while others write about the patient', () => {
    /** What is written just before and just after resources go, for the first `times`. */
    const eraseBeside = (times: number, meanwhile: (nr: number) => Promise<unknown>): Promise<Erasure> => {
      const deps = erasingDeps(world);
      let done = 0;
      const store: typeof deps.store = {
        ...deps.store,
        async erase(of, targets) {
          if (done < times) await meanwhile((done += 1));
          const erased = await deps.store.erase(of, targets);
          if (done < times) await meanwhile((done += 1));
          return erased;
        },
      };
      const order = { clinic, patient: asResourceId('canary-patient'), by: 'court', reason: 'request 7' };
      return erasePatient({ ...deps, store }, order, new AbortController().signal);
    };
    const ended = { resourceType: 'Patient', id: 'canary-patient', name: [{ family: 'CanaryFirst' }, { family: 'CanaryFamily' }] };

    it('takes that along: new records, new versions, and the patient made anew', async () => {
      await fill();
      const { certificate } = await eraseBeside(6, (nr) =>
        write(note(`late-${nr}`, 'Patient/canary-patient', 'CanaryNote'), note('moved', 'Patient/canary-patient', 'CanaryNote'), ended),
      );
      const bytes = (await world.dump()).toString('latin1');
      expect(CANARIES.filter((canary) => bytes.includes(canary))).toEqual([]);
      // What was there when it was ordered.
      expect(certificate.erased).toEqual({ Observation: { resources: 3, versions: 4 }, Patient: { resources: 1, versions: 2 } });
      expect(await world.store.read(clinic, key('Observation', 'of-other'))).toMatchObject({ deleted: false });
    });

    it('certifies nothing as long as they don’t stop; run again, it does', async () => {
      await fill();
      const forever = eraseBeside(Infinity, (nr) => write(note(`late-${nr % 3}`, 'Patient/canary-patient', 'CanaryNote')));
      await expect(forever).rejects.toMatchObject({ kind: 'conflict' });
      expect((await world.store.search(clinic, query('DocumentReference'))).items).toEqual([]);
      await erase();
      const bytes = (await world.dump()).toString('latin1');
      expect(CANARIES.filter((canary) => bytes.includes(canary))).toEqual([]);
    });

    it('what is written afterwards is taken by another erasure, also where there is no patient any more', async () => {
      await fill();
      await erase();
      await write(note('after', 'Patient/canary-patient', 'CanaryNote'));
      expect((await erase()).certificate.erased).toEqual({ Observation: { resources: 1, versions: 1 } });
      expect((await world.dump()).toString('latin1')).not.toContain('CanaryNote');
      await expect(erase()).rejects.toMatchObject({ kind: 'not-found' });
    });
  });

  it('leaves a chain that is whole, and says how much of it was erased', async () => {
    await fill();
    await erase();
    expect(await verifyClinic(world.audit, clinic)).toMatchObject({ records: 5, erased: 3 });
    await world.raw.change(1, 0, 'personal', (t) => t.replace('Practitioner/1', 'Practitioner/2'));
    expect(await verifyClinic(world.audit, clinic)).toHaveProperty('what');
  });

  it('names what refers to the patient and stays', async () => {
    await write(
      { resourceType: 'Patient', id: 'p' },
      note('performed', 'Patient/other', 'plain', { performer: [{ reference: 'Patient/p' }] }),
    );
    await write({
      resourceType: 'Basic',
      id: 'b',
      code: { text: 'x' },
      extension: [{ url: 'urn:x', valueReference: { reference: 'Patient/p' } }],
    });
    const { certificate } = await erase('p');
    expect([...certificate.referring].sort()).toEqual(['Basic/b', 'Observation/performed']);
  });

  it('takes what belongs to nobody by itself along with what it is for, and nothing of a patient whose id begins alike', async () => {
    const shows = (id: string, subject: string, ...binaries: string[]) => ({
      resourceType: 'DocumentReference',
      id,
      status: 'current',
      subject: { reference: subject },
      content: binaries.map((binary) => ({ attachment: { url: `Binary/${binary}` } })),
    });
    const binary = (id: string) => ({ resourceType: 'Binary', id, contentType: 'text/plain', data: Buffer.from(id).toString('base64') });
    const provenance = (id: string, ...targets: string[]) => ({
      resourceType: 'Provenance',
      id,
      target: targets.map((reference) => ({ reference })),
      recorded: '2026-01-01T00:00:00Z',
      agent: [{ who: { display: 'x' } }],
    });
    await write(
      { resourceType: 'Patient', id: 'p' },
      { resourceType: 'Patient', id: 'p1' },
      binary('own'),
      binary('shared'),
      binary('lone'),
    );
    await write(shows('d', 'Patient/p', 'own', 'shared'), shows('e', 'Patient/p1', 'shared'), note('o1', 'Patient/p1', 'plain'));
    await write(provenance('of-own', 'DocumentReference/d/_history/1'), provenance('of-both', 'DocumentReference/d', 'Observation/o1'));
    const { certificate } = await erase('p');
    expect(Object.entries(certificate.erased).map(([type, { resources }]) => `${type} ${resources}`)).toEqual([
      'Binary 1',
      'DocumentReference 1',
      'Patient 1',
      'Provenance 1',
    ]);
    expect(certificate.referring).toEqual([]);
    expect(await world.store.read(clinic, key('Binary', 'own'))).toBeUndefined();
    for (const id of ['shared', 'lone']) expect(await world.store.read(clinic, key('Binary', id))).toMatchObject({ deleted: false });
    expect(await world.store.read(clinic, key('Observation', 'o1'))).toMatchObject({ deleted: false });
  });

  it('takes the patient out of the trail of those who belong nowhere, and leaves who is called alike there', async () => {
    await fill();
    const record = { category: 'rest', what: 'search-type', outcome: 'refused', status: 401, requestId: 'r', target: 'Patient' } as const;
    const nowhere = asClinicId('_platform');
    await world.audit.log.append({ ...record, clinic: nowhere, query: 'name=CanaryFamily' });
    await world.audit.log.append({ ...record, clinic: nowhere, query: 'name=somebody' });
    await erase();
    expect(await verifyClinic(world.audit, nowhere)).toMatchObject({ records: 2, erased: 1 });
    expect((await world.dump()).includes('CanaryFamily')).toBe(false);
  });

  it('makes a certificate that can be checked', async () => {
    await fill();
    const { document } = await erase();
    const stored = await world.store.read(clinic, key('DocumentReference', document));
    const resource = JSON.parse(Buffer.from(stored!.body).toString()) as { content: [{ attachment: { data: string } }] };
    expect(world.tools.validator.check(resource as never).filter(({ severity }) => severity === 'error')).toEqual([]);
    const signed = JSON.parse(Buffer.from(resource.content[0].attachment.data, 'base64').toString()) as Record<
      'certificate' | 'signature' | 'publicKey',
      string
    >;
    const check = (text: string): boolean =>
      verify(null, Buffer.from(text), createPublicKey(signed.publicKey), Buffer.from(signed.signature, 'base64'));
    expect(check(signed.certificate)).toBe(true);
    expect(check(signed.certificate.replace('court', 'thief'))).toBe(false);
    expect(JSON.parse(signed.certificate)).toMatchObject({ order: 'court', reason: 'request 7', auditRecords: 3 });
  });

  it('is refused for who is not there', async () => {
    await expect(erase('nobody')).rejects.toMatchObject({ kind: 'not-found' });
  });
});

describe('queries about a patient', () => {
  it.each([
    ['name=canary', true],
    ['name:exact=Canary%20Family&_count=3', true],
    ['identifier=urn:x|A-77', true],
    ['name=nary', false],
    ['_sort=canary', false],
    ['name=ca', false],
    ['status=final', false],
    ['_text=canary', true],
    ['_has:Observation:patient:code=canary', true],
    ['subject=Patient/p-9', true],
    ['_id=x,p-9', true],
    ['_id=p-99', false],
    ['_count=p-9', false],
  ])('%s: %s', (asked, about) => expect(isAbout(asked, ['canary family', 'a-77'], 'p-9')).toBe(about));

  it.each([
    ['looked after Canary-Family at night', true],
    ['A-77, unconscious', true],
    ['canaryfamily', false],
    ['b-77', false],
  ])('a reason: %s: %s', (reason, about) => expect(mentions(reason, ['canary family', 'a-77'])).toBe(about));
});
