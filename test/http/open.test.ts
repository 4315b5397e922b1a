/** What is served to whoever doesn't say who they are. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { fhirError } from '../../src/fhir/outcome/error.ts';
import { client, onEachStore, type TestApp } from './harness.ts';

onEachStore('without a token', (open) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await open({
      identify: () => {
        throw fhirError('unauthenticated', 'sign in first', 'Send a token.', 'Authorization');
      },
    });
  });
  afterAll(() => app.close());

  it('what the server can do is told, in the form that was asked for, also below a clinic', async () => {
    const { body } = await client(app).get('metadata').expect(200);
    expect(body.resourceType).toBe('CapabilityStatement');
    await client(app).get('metadata?_summary=true').expect(200);
    await client(app, '/clinics/nowhere/fhir/R4').get('metadata').expect(200);
  });

  it('nothing else is', async () => {
    for (const path of ['', 'Patient', 'Patient/1', 'metadata/1', 'Patient/metadata', '_history', 'Patient/$validate']) {
      await client(app).get(path).expect(401);
    }
    await client(app).post('', { resourceType: 'Bundle', type: 'batch' }).expect(401);
    await client(app).post('metadata', { resourceType: 'Patient' }).expect(405);
  });
});
