/**
 * A server under load is killed (`kill -9`) at a random moment, again and again: whatever it had answered is in the trail, once,
 * the chains are whole, and each has its one AuditEvent. `SOAK_RUNS` says how often; a few times unless given.
 */
import { afterAll, describe, expect, it } from '@jest/globals';
import { rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { decodeBlock, type LoggedRecord } from '../../src/audit/log/record.ts';
import { verifyClinic } from '../../src/audit/log/verify.ts';
import { openServices, type Services } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import { asClinicId, type ClinicId } from '../../src/fhir/model/ids.ts';
import type { JsonObject } from '../../src/fhir/model/json.ts';
import type { RecordKind } from '../../src/records/port.ts';
import { availableStores, freshEnvironment } from '../../tools/running-server.ts';
import { feed, query } from '../contract/store/context.ts';
import { askAt, type Ask, type Asked } from '../served/ask.ts';
import { killPrograms, serve } from '../served/program.ts';

const ROUNDS = Number(process.env['SOAK_RUNS'] ?? 2);
const CLIENT = { id: 'ehr', secret: 'a secret between two servers' };
const CLIENTS = 8;
/** Answers before it may be killed, and how long after that it is, at most. */
const [AT_LEAST, LONGEST_MS] = [60, 400];
const TRAILS = ['demo', '_platform'].map(asClinicId);

/** What may be asked, and how many records it leaves: a write that succeeds leaves a version, a read that fails a correction. */
interface Kind {
  readonly path: (n: number) => string;
  readonly asked: (token: string, n: number) => Asked;
  readonly status: readonly number[];
  readonly leaves: 'version' | 'record' | 'corrected';
}
const KINDS: readonly Kind[] = [
  {
    path: (n) => `/fhir/R4/Patient/p${n % 20}`,
    asked: (token, n) => ({ method: 'PUT', token, fhir: { resourceType: 'Patient', id: `p${n % 20}`, name: [{ family: `n${n}` }] } }),
    status: [200, 201],
    leaves: 'version',
  },
  { path: () => '/fhir/R4/Patient?_count=2', asked: (token) => ({ token }), status: [200], leaves: 'record' },
  { path: () => '/fhir/R4/Patient/nobody', asked: (token) => ({ token }), status: [404], leaves: 'corrected' },
  { path: () => '/fhir/R4/Patient/p1', asked: () => ({}), status: [401], leaves: 'record' },
  { path: () => '/users', asked: (token) => ({ token }), status: [403], leaves: 'record' },
  {
    path: () => '/fhir/R4/Patient',
    asked: (token) => ({ token, fhir: { resourceType: 'Nothing' } }),
    status: [400, 422],
    leaves: 'record',
  },
];

interface Answered {
  readonly requestId: string;
  readonly leaves: Kind['leaves'];
}

/** Asks until nobody answers. */
async function askOn(ask: Ask, token: string, name: string, answered: Answered[], onAnswer: () => void): Promise<void> {
  for (let n = 0; ; n += 1) {
    const requestId = `${name}-${n}`;
    const { path, asked, status, leaves } = KINDS[n % KINDS.length] as Kind;
    const asking = asked(token, n);
    const told = await ask(path(n), { ...asking, headers: { ...asking.headers, 'x-request-id': requestId } }).catch(() => undefined);
    if (!told) return;
    expect([path(n), status]).toEqual([path(n), expect.arrayContaining([told.status])]);
    answered.push({ requestId, leaves });
    onAnswer();
  }
}

async function loadAndKill(environment: Readonly<Record<string, string>>, round: number): Promise<Answered[]> {
  const { child, ended, url } = await serve(environment);
  const ask = askAt(url);
  const headers = { authorization: `Basic ${Buffer.from(`${CLIENT.id}:${encodeURIComponent(CLIENT.secret)}`).toString('base64')}` };
  const form = { grant_type: 'client_credentials', scope: 'system/*.cruds' };
  const token = String((await ask('/oauth2/token', { form, headers })).body['access_token']);
  const answered: Answered[] = [];
  const onAnswer = (): void => {
    if (answered.length === AT_LEAST) void wait(Math.random() * LONGEST_MS).then(() => child.kill('SIGKILL'));
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, i) => askOn(ask, token, `r${round}-c${i}`, answered, onAnswer)));
  await ended;
  return answered;
}

const recordsIn = async ({ audit }: Services, clinic: ClinicId): Promise<LoggedRecord[]> => {
  const chains = await audit.journal.chains(clinic, 0);
  const blocks = await Promise.all(chains.map(({ number }) => audit.journal.blocks(clinic, number, -1, 100_000)));
  return blocks.flat().flatMap(decodeBlock);
};

const counted = (ids: readonly string[]): ReadonlyMap<string, number> =>
  new Map([...Map.groupBy(ids, (id) => id)].map(([id, of]) => [id, of.length]));

const CHECKPOINT: RecordKind<{ readonly until: number }> = { name: 'audit-events' };
/** As if it had been a while: who died has its checkpoint half a minute longer. */
async function forgetHolder({ records }: Services): Promise<void> {
  const found = await records.get(CHECKPOINT, TRAILS[0] as ClinicId, 'checkpoint');
  if (found) await records.replace(CHECKPOINT, TRAILS[0] as ClinicId, 'checkpoint', found.revision, { ...found.value, until: 0 });
}

async function eventIds({ deps }: Services, clinic: ClinicId): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | undefined; ;) {
    const asked = { ...query('AuditEvent'), limit: 500 };
    const page = await deps.store.search(clinic, after === undefined ? asked : { ...asked, after });
    for (const { body } of page.items) {
      const { entity } = JSON.parse(Buffer.from(body).toString()) as {
        entity: { what: { identifier?: { value: string } }; type: JsonObject }[];
      };
      ids.push(...entity.flatMap(({ what, type }) => (type['code'] === 'XrequestId' ? [what.identifier?.value ?? ''] : [])));
    }
    if (page.next === undefined) return ids;
    after = page.next;
  }
}

async function check(services: Services, answered: readonly Answered[]): Promise<void> {
  const clinic = TRAILS[0] as ClinicId;
  const records = (await Promise.all(TRAILS.map((trail) => recordsIn(services, trail)))).flat();
  const first = counted(records.filter(({ corrects }) => corrects === undefined).map(({ requestId }) => requestId));
  const corrected = counted(records.filter(({ corrects }) => corrects !== undefined).map(({ requestId }) => requestId));
  const versions = counted((await feed(services.deps.store, clinic, 1000)).map(({ trace }) => trace.requestId));
  const left = ({ requestId, leaves }: Answered): boolean => {
    if (leaves === 'version') return versions.get(requestId) === 1 && !first.has(requestId);
    return first.get(requestId) === 1 && (corrected.get(requestId) ?? 0) === (leaves === 'corrected' ? 1 : 0);
  };
  expect(answered.filter((one) => !left(one))).toEqual([]);
  // Nor is what was never answered there twice.
  for (const counts of [first, corrected, versions])
    expect([...counts].filter(([id, count]) => id.startsWith('r') && count > 1)).toEqual([]);
  for (const trail of TRAILS) expect(await verifyClinic(services.audit, trail)).toHaveProperty('records');
  await forgetHolder(services);
  await services.audit.catchUp(clinic);
  const events = counted(await eventIds(services, clinic));
  expect([...events].filter(([id, count]) => id.startsWith('r') && count > 1)).toEqual([]);
  const unheard = new Set((await recordsIn(services, TRAILS[1] as ClinicId)).map(({ requestId }) => requestId));
  expect(answered.filter(({ requestId }) => !unheard.has(requestId) && events.get(requestId) !== 1)).toEqual([]);
  await forgetHolder(services);
}

describe.each(availableStores())('R1: a server that is killed, on %s', (store) => {
  const fresh = freshEnvironment(store);
  const environment = {
    ...fresh,
    ...{ AUTH: 'required', LOG_LEVEL: 'fatal', BOOTSTRAP_CLIENT_ID: CLIENT.id, BOOTSTRAP_CLIENT_SECRET: CLIENT.secret },
  };
  afterAll(() => {
    killPrograms();
    rmSync(fresh['DATA_DIR'] as string, { recursive: true });
  });

  it('has everything that it answered in its trail, once, and a chain that is whole', async () => {
    const answered: Answered[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      answered.push(...(await loadAndKill(environment, round)));
      const services = await openServices(loadConfig(environment));
      await check(services, answered);
      await services.close();
    }
    expect(answered.length).toBeGreaterThanOrEqual(ROUNDS * AT_LEAST);
  }, 600_000);
});
