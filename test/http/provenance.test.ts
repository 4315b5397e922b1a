import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { client, onEachStore, type TestApp } from './harness.ts';

const PROVENANCE = { resourceType: 'Provenance', recorded: '2026-01-02T03:04:05Z', agent: [{ who: { display: 'a doctor' } }] };
const header = (value: unknown): { 'X-Provenance': string } => ({ 'X-Provenance': JSON.stringify(value) });

onEachStore('X-Provenance', (open) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await open();
  });
  afterAll(() => app.close());

  interface Page {
    readonly entry?: readonly { readonly resource: { readonly target: readonly { reference: string }[]; readonly agent: unknown } }[];
  }
  const about = async (reference: string) =>
    ((await client(app).get(`Provenance?target=${reference}`)).body as unknown as Page).entry?.map((e) => e.resource) ?? [];
  const patient = (id: string) => ({ resourceType: 'Patient', id });

  it('is stored with the resource that is created, updated or patched', async () => {
    await client(app).put('Patient/p', patient('p'), header(PROVENANCE)).expect(201);
    const patch = JSON.stringify([{ op: 'add', path: '/active', value: true }]);
    await client(app)
      .patch('Patient/p', patch, { ...header(PROVENANCE), 'Content-Type': 'application/json-patch+json' })
      .expect(200);
    const created = await client(app).post('Patient', { resourceType: 'Patient' }, header(PROVENANCE)).expect(201);
    expect(await about('Patient/p')).toHaveLength(2);
    const [one] = await about(`Patient/${created.body.id}`);
    expect(one).toMatchObject({ target: [{ reference: `Patient/${created.body.id}` }], agent: PROVENANCE.agent });
  });

  it('of a transaction names all that it wrote', async () => {
    const entry = ['t1', 't2'].map((id) => ({ resource: patient(id), request: { method: 'PUT', url: `Patient/${id}` } }));
    await client(app).post('', { resourceType: 'Bundle', type: 'transaction', entry }, header(PROVENANCE)).expect(200);
    const [one] = await about('Patient/t1');
    expect(one?.target.map(({ reference }) => reference)).toEqual(['Patient/t1', 'Patient/t2']);
  });

  it('that is no good leaves nothing written', async () => {
    for (const wrong of [{ ...PROVENANCE, target: [{ reference: 'Patient/x' }] }, { resourceType: 'Provenance' }, patient('x'), 7])
      expect((await client(app).put('Patient/none', patient('none'), header(wrong))).status).toBeGreaterThanOrEqual(400);
    await client(app).get('Patient/none').expect(404);
  });
});
