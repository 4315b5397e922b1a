/** What makes AuditEvents beside the server's work: several at it at once, and a store that is away for a while. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { createAudit, type Audit } from '../../src/audit/index.ts';
import type { Runner } from '../../src/audit/events/runner.ts';
import { asClinicId, type ClinicId } from '../../src/fhir/model/ids.ts';
import { fhirError } from '../../src/fhir/outcome/error.ts';
import { key, put, query, setOf } from '../contract/store/context.ts';
import { onEachStore, SECRET, type World } from './world.ts';

const POLL_MS = 50;

onEachStore('the runner of AuditEvents', (open) => {
  let world: World;
  const runners: Runner[] = [];
  let clinic: ClinicId;
  let clinics = 0;
  beforeAll(async () => {
    world = await open();
  }, 60_000);
  afterAll(() => world.close());
  beforeEach(() => {
    clinic = asClinicId(`clinic-${(clinics += 1)}`);
  });
  afterEach(() => Promise.all(runners.splice(0).map((runner) => runner.stop())));

  const append = (audit: Audit, requestId: string): Promise<string> =>
    audit.log.append({ clinic, category: 'rest', what: 'read', outcome: 'success', status: 200, requestId, target: 'Patient/p' });
  const made = (): Promise<number> => world.store.count(clinic, query('AuditEvent'));
  const versionsMade = async (): Promise<number> =>
    (await world.store.history(clinic, { scope: { type: key('AuditEvent', 'x').type }, limit: 1 })).total;
  async function until(count: number): Promise<void> {
    while ((await made()) < count) await wait(POLL_MS);
  }

  it('in two processes makes each event once, and none is missing', async () => {
    const processes = [world.another(), world.another()];
    const errors: unknown[] = [];
    runners.push(...processes.map((audit) => audit.start((error) => errors.push(error))));
    for (let wave = 0; wave < 5; wave += 1) {
      const records = processes.flatMap((audit, p) => Array.from({ length: 20 }, (_, i) => append(audit, `p${p}-${wave}-${i}`)));
      const writes = Array.from({ length: 5 }, (_, i) => world.store.write(clinic, setOf([put('Patient', `w${wave}-${i}`)])));
      await Promise.all([...records, ...writes]);
    }
    await until(225);
    await Promise.all(processes.map((audit) => audit.catchUp(clinic)));
    expect([await made(), await versionsMade(), errors]).toEqual([225, 225, []]);
  });

  it('goes on by itself when what it works on was away, and nothing is lost or doubled', async () => {
    const away = { now: true };
    const failing = <Part extends object>(part: Part): Part =>
      Object.fromEntries(
        Object.entries(part).map(([name, method]: [string, (...args: unknown[]) => unknown]) => [
          name,
          (...args: unknown[]) => (away.now ? Promise.reject(fhirError('unavailable', 'is away', 'Wait.')) : method(...args)),
        ]),
      ) as Part;
    const { tools, clock } = world;
    const parts = { store: failing(world.store), records: failing(world.records), journal: failing(world.audit.journal) };
    const errors: unknown[] = [];
    const runner = createAudit({ ...tools, clock, ...parts, secret: SECRET, observer: 'nadi' });
    for (let i = 0; i < 30; i += 1) await append(world.audit, `before-${i}`);
    runners.push(runner.start((error) => errors.push(error)));
    runners[0]?.wake(clinic);
    while (errors.length === 0) await wait(POLL_MS);
    await expect(append(runner, 'refused')).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await made()).toBe(0);
    away.now = false;
    await append(world.audit, 'after');
    await until(31);
    // Away again in the middle of its work, wherever that is.
    const all = Array.from({ length: 40 }, (_, i) => append(world.audit, `during-${i}`));
    for (let i = 0; i < 6; i += 1) {
      away.now = true;
      await wait(POLL_MS);
      away.now = false;
      runners[0]?.wake(clinic);
      await wait(POLL_MS);
    }
    await Promise.all(all);
    await until(71);
    expect([await made(), await versionsMade()]).toEqual([71, 71]);
    for (const error of errors) expect(error).toMatchObject({ kind: 'unavailable' });
  });
});
