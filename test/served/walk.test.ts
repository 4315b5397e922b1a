/**
 * Every route that is served, asked by everyone, against what a manager would write down (`routes.ts`): whether they are let
 * past permission. What the FHIR routes then show to whom is walked in memory on all of R4 (test/smart-auth/walk.test.ts), and
 * below over HTTP on a record of each kind.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROLES, type Role } from '../../src/fhir/model/principal.ts';
import type { ServedRoute } from '../../src/surfaces.ts';
import { availableStores, type StoreName } from '../../tools/running-server.ts';
import { registerApp, tokensFor } from './app.ts';
import { CALLERS, EXPECTED_ROUTES, type Caller } from './routes.ts';
import { deletes, INTERACTIONS, keepRecords, type Kept } from './walk-records.ts';
import { openServedWorld, type ServedWorld } from './world.ts';

const opened = new Map<StoreName, Promise<ServedWorld>>();
function worldOn(store: StoreName): Promise<ServedWorld> {
  const world = opened.get(store) ?? openServedWorld(store);
  opened.set(store, world);
  return world;
}
afterAll(async () => {
  for (const world of opened.values()) await (await world).close();
});

const nameOf = ({ method, path }: Pick<ServedRoute, 'method' | 'path'>): string => `${method} ${path}`;

/** What is wrong with the rules of routes, before anything is asked. */
function problemsIn(routes: readonly ServedRoute[]): string[] {
  const expected = new Map(EXPECTED_ROUTES.map((route) => [route.name, route]));
  const served = new Set(routes.map(nameOf));
  return [
    ...routes.flatMap((route) => {
      const name = nameOf(route);
      const rule = (route.rule as ServedRoute['rule'] | undefined) ?? {};
      const isOpen = 'open' in rule && rule.open !== '';
      if (!isOpen && !('own' in rule || 'group' in rule || 'filtered' in rule)) return [`${name} has no rule`];
      const row = expected.get(name);
      if (!row) return [`${name}: nobody wrote down who may use it`];
      return isOpen === (row.open !== undefined) ? [] : [`${name} is ${isOpen ? 'open, and should not be' : 'not open'}`];
    }),
    ...[...expected.keys()].filter((name) => !served.has(name)).map((name) => `${name} is not served`),
  ];
}

/** A clinic that isn't there serves for who works in all: nothing of it can be harmed. */
const placeholders = (caller: Caller): Readonly<Record<string, string>> => ({
  ':clinicId': caller === 'SUPER_ADMIN' ? 'nowhere' : 'demo',
  ':type': 'Patient',
  ':vid': '1',
  ':member': 'Observation',
});
const pathFor = ({ method, path }: ServedRoute, caller: Caller): string => {
  const filled = path.replace(/:[a-zA-Z]+/g, (name) => placeholders(caller)[name] ?? 'made-up');
  return method === 'DELETE' && path.endsWith(':type') ? `${filled}?_id=made-up` : filled;
};

async function tokensOfApps(world: ServedWorld): Promise<readonly (readonly [Caller, string])[]> {
  const scope = 'openid fhirUser user/*.cruds patient/*.cruds';
  const app = await registerApp(world, { scope });
  const tokenOf = async (role: Role, asked: string) =>
    String((await tokensFor(world, world.person('demo', role), app, asked))['access_token']);
  return [
    ['APP_OF_CLINIC_ADMIN', await tokenOf('CLINIC_ADMIN', 'openid fhirUser user/*.cruds')],
    ['APP_OF_SUPER_ADMIN', await tokenOf('SUPER_ADMIN', 'openid fhirUser user/*.cruds')],
    ['APP_OF_PATIENT', await tokenOf('PATIENT', 'openid fhirUser patient/*.cruds')],
  ];
}

describe('every route', () => {
  let world: ServedWorld;
  let tokens: ReadonlyMap<Caller, string>;
  let walked = 0;
  beforeAll(async () => {
    world = await worldOn('sqlite');
    tokens = new Map<Caller, string>([
      ...ROLES.map((role) => [role, world.person('demo', role).token] as const),
      ['SYSTEM', await world.systemToken()],
      ...(await tokensOfApps(world)),
    ]);
  }, 60_000);
  afterAll(() => {
    console.log(`permissions: ${walked} requests of ${CALLERS.length} kinds of callers to ${world.routes.length} routes walked`);
  });

  /** A body of the wrong form: whoever gets past permission is told that it is wrong, and nothing is done. */
  async function isLetPast(route: ServedRoute, caller: Caller): Promise<boolean> {
    const token = tokens.get(caller);
    walked += 1;
    const { status } = await world.ask(pathFor(route, caller), {
      method: route.method,
      ...(token === undefined ? {} : { token }),
      ...(route.method === 'GET' ? {} : { json: [] }),
    });
    if (status >= 500) throw new Error(`${nameOf(route)} answers ${caller} with ${status}`);
    return status !== 401 && status !== 403;
  }

  it('has a rule, and someone wrote down who may use it', () => expect(problemsIn(world.routes)).toEqual([]));

  it('one that is planted without a rule, or without a word of who may, is found', () => {
    const planted = (rule: unknown): ServedRoute => ({ method: 'GET', path: '/planted', rule: rule as ServedRoute['rule'] });
    for (const rule of [undefined, {}, { open: '' }])
      expect(problemsIn([...world.routes, planted(rule)])).toEqual(['GET /planted has no rule']);
    const unknown = ['GET /planted: nobody wrote down who may use it'];
    expect(problemsIn([...world.routes, planted({ group: 'patients', action: 'read' })])).toEqual(unknown);
  });

  it.each(CALLERS)('%s gets past permission where they may, and nowhere else', async (caller) => {
    const expected = EXPECTED_ROUTES.filter(({ may }) => may.has(caller)).map(({ name }) => name);
    const found: string[] = [];
    for (const route of world.routes) if (await isLetPast(route, caller)) found.push(nameOf(route));
    expect(found.toSorted()).toEqual(expected.toSorted());
  });
});

const SOME: readonly Role[] = ['DOCTOR', 'SUPPORT_STAFF', 'PATIENT'];

describe.each(availableStores())('every role, each kind of record, each interaction over HTTP on %s', (store) => {
  let world: ServedWorld;
  let system: string;
  let kept: readonly Kept[];
  let walked = 0;
  beforeAll(async () => {
    world = await worldOn(store);
    system = await world.systemToken();
    kept = await keepRecords(world, system);
  }, 60_000);
  afterAll(() => {
    console.log(`permissions: ${walked} interactions of people with ${kept.length} kinds of records walked on ${store}`);
  });

  async function lettersOf(token: string, record: Kept): Promise<string> {
    const done: string[] = [];
    for (const { name, letter, trial, isDone } of INTERACTIONS) {
      walked += 1;
      if (isDone(await trial(world.ask, token, record), record)) done.push(`${letter} ${name}`);
    }
    walked += 1;
    if (await deletes(world, system, token, record)) done.push('d delete');
    return done.join(', ');
  }

  // The filter is one for both stores (test/smart-auth/stores.test.ts): there a few roles that see rows, elements, nothing.
  const roles = ROLES.map((role, i) => ({ role, i })).filter(({ role }) => store === 'sqlite' || SOME.includes(role));
  it.each(roles)('$role', async ({ role, i }) => {
    const { token } = world.person('demo', role);
    const all = [...INTERACTIONS.map(({ letter, name }) => [letter, name] as const), ['d', 'delete'] as const];
    for (const record of kept) {
      const expected = all.filter(([letter]) => record.letters[i]?.includes(letter)).map((pair) => pair.join(' '));
      expect([record.kind, await lettersOf(token, record)]).toEqual([record.kind, expected.join(', ')]);
    }
  });
});
