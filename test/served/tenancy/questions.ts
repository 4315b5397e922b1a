/** Random questions of the first clinic to the whole server: of everyone in it, to every route, about either clinic. */
import fc from 'fast-check';
import { ROLES } from '../../../src/fhir/model/principal.ts';
import { bodyOf, reads, searched, TYPES, worldFrom, writes, type Request, type World } from '../../http/access/generated.ts';
import { registerSystem } from '../systems.ts';
import type { Asked } from '../ask.ts';
import type { ServedWorld } from '../world.ts';
import { FHIR, namedBase, type Place, type Question } from './place.ts';
import { transactionOf, type Resource } from './records.ts';

/** Records of the other clinic have this tag. */
export const SECRET = 'bb-secret';
/** Ours are numbered from 0, theirs from here: some ids are of both, and both refer to either's. */
const THEIRS_FROM = 2;
const SUBJECTS = 6;

export interface Asker {
  readonly name: string;
  readonly token?: string;
  /** Who sees AuditEvents, which come by themselves at any time, and in either world at another. */
  readonly seesTrail: boolean;
}

/** What random questions are made of. */
export interface Subjects {
  readonly askers: readonly Asker[];
  readonly routes: ServedWorld['routes'];
  /** Of the patient who asks. */
  readonly patient: string;
  /** By the name of a path's parameter: ours, theirs and one of nobody. */
  readonly ours: Readonly<Record<string, readonly string[]>>;
  readonly theirs: Readonly<Record<string, readonly string[]>>;
  readonly emails: readonly string[];
}

const OPEN_TO_SYSTEM = [...TYPES, 'Basic', 'Practitioner', 'Location'].map((type) => `system/${type}.cruds`).join(' ');
const TRAIL = new Set(['SUPER_ADMIN', 'CLINIC_ADMIN']);
export const SEES_MUCH = new Set(['SYSTEM', 'DOCTOR', 'NURSE', 'PATIENT']);
/** Whom the tests before have sent away. */
const LEFT = 'THERAPIST';

export async function subjectsOf({ world }: Place): Promise<Subjects> {
  const person = (role: (typeof ROLES)[number]): Asker => ({
    ...{ name: role, token: world.person('demo', role).token, seesTrail: TRAIL.has(role) },
  });
  const system = await registerSystem(world, 'demo', OPEN_TO_SYSTEM);
  const askers: Asker[] = [
    ...ROLES.filter((role) => role !== LEFT).map(person),
    { name: 'SYSTEM', token: await system.token(OPEN_TO_SYSTEM), seesTrail: false },
    { name: 'granular', token: await system.token('system/Observation.rs system/Patient.r'), seesTrail: false },
    { name: 'NOBODY', seesTrail: false },
  ];
  const patient = world.person('demo', 'PATIENT').fhirUser.split('/')[1] as string;
  const [ours, theirs] = await Promise.all([idsOf(world, 'demo'), idsOf(world, 'second')]);
  const emails = [world.person('second', 'DOCTOR').email, world.person('second', 'PATIENT').email, 'new@demo.test'];
  return { askers, routes: world.routes.filter(isComparable), patient, ours, theirs, emails };
}

async function idsOf(world: ServedWorld, clinic: 'demo' | 'second'): Promise<Subjects['ours']> {
  const { token } = world.person(clinic, 'CLINIC_ADMIN');
  const listed = async (path: string): Promise<string[]> =>
    [...(await world.ask(path, { token })).text.matchAll(/"(?:id|clientId)":"([^"]+)"/g)].map(([, id = '']) => id);
  const home = `/clinics/${clinic}`;
  await world.ask(`${home}/locations`, { token, json: { name: `${clinic} room` } });
  const [users, apps, locations, staff, audit] = await Promise.all(
    ['/users', `${home}/apps`, `${home}/locations`, `${home}/staff`, '/audit'].map(listed),
  );
  const of = (ids: readonly string[] | undefined): readonly string[] => (ids ?? []).slice(0, 8);
  return {
    ...{ clinicId: [clinic], id: [...of(users), ...of(audit)], staffId: of(staff), locationId: of(locations) },
    ...{ appId: of(apps), clientId: of(apps) },
  };
}

/** FHIR is asked by what its own tests are made of; pages hold tokens of one time, `/audit` what comes by itself, metrics how long it took. */
const isComparable = ({ method, path }: ServedWorld['routes'][number]): boolean =>
  !/\/fhir\/R4|^\/metrics$|^\/audit$/.test(path) && !(method === 'GET' && /^\/oauth2\/(?!userinfo|style)/.test(path));

/** Puts random records into both clinics. */
export async function fillAtRandom(place: Place, seed: number, patient: string): Promise<void> {
  const some = (first: number): World => fc.sample(worldFrom(first, SUBJECTS), { seed: seed + first, numRuns: 1 })[0] as World;
  const own = (world: World): Resource[] =>
    world
      .filter(({ resourceType }) => resourceType === 'Observation' || resourceType === 'Encounter')
      .map((one) => renamed({ ...one, id: `own-${one.id}`, subject: 0, tag: 'released' }, patient));
  const ours = some(0);
  await must(place.ask(FHIR, transactionOf([...ours.map((one) => bodyOf(one) as Resource), ...own(ours)])));
  await must(place.askOther('', transactionOf(some(THEIRS_FROM).map((one) => marked(bodyOf(one))))));
}

const renamed = (one: World[number], patient: string): Resource =>
  JSON.parse(JSON.stringify(bodyOf(one)).replaceAll('Patient/patient0', `Patient/${patient}`).replaceAll('urn:t', 'urn:r')) as Resource;

function marked(body: object): Resource {
  const { meta } = body as { readonly meta: { readonly tag: readonly object[] } };
  return { ...(body as Resource), meta: { ...meta, tag: [...meta.tag, { system: 'urn:owner', code: SECRET }] } };
}

async function must(asked: Promise<{ readonly status: number; readonly text: string }>): Promise<void> {
  const { status, text } = await asked;
  if (status !== 200) throw new Error(text);
}

export interface RandomQuestion extends Question {
  readonly who: string;
}

const secretSearches: fc.Arbitrary<Request> = fc
  .tuple(fc.constantFrom(...TYPES), fc.constantFrom('', '&_total=accurate', '&_summary=count', '&_revinclude=*', '&_include=*'))
  .map(([type, control]): Request => ['GET', `${type}?_tag=urn:owner|${SECRET}${control}`]);
/** What the other clinic alone has; references of ours lead there as well. */
export const THEIR_KEYS = [
  ...['Patient/patient4', 'Patient/patient5', 'Observation/observation9', 'Observation/observation10', 'Encounter/encounter3'],
  ...['Encounter/encounter4', 'Organization/organization2', 'Organization/organization3', 'Patient/bb-patient', 'Observation/bb-pulse'],
];
const theirKeys: fc.Arbitrary<Request> = fc
  .tuple(fc.constantFrom(...THEIR_KEYS), fc.constantFrom('', '', '/_history', '/_history/1', '/$everything', '/Observation', '/*'))
  .map(([key, rest]): Request => ['GET', key + rest]);

const BASES = [FHIR, FHIR, FHIR, FHIR, FHIR, `/clinics/demo${FHIR}`, namedBase('bb')] as const;

/** Of FHIR. */
const fhirQuestions = ({ askers, patient }: Subjects): fc.Arbitrary<RandomQuestion> =>
  fc
    .record({
      asker: fc.oneof(fc.constantFrom(...askers), fc.constantFrom(...askers.filter(({ name }) => SEES_MUCH.has(name)))),
      base: fc.constantFrom(...BASES),
      request: fc.oneof(
        { arbitrary: searched, weight: 6 },
        { arbitrary: reads, weight: 4 },
        { arbitrary: secretSearches, weight: 1 },
        { arbitrary: theirKeys, weight: 1 },
        { arbitrary: writes, weight: 2 },
      ),
      isOwn: fc.boolean(),
      byPost: fc.boolean(),
    })
    .filter(({ asker, base, request: [, path] }) => isFair(asker, base + path) && !(asker.seesTrail && SHOWS_TRAIL.test(path)))
    .map(({ asker, base, request, isOwn, byPost }): RandomQuestion => {
      const [method, path, body, headers = {}] = isOwn ? ownOf(request, patient) : request;
      const common = { who: asker.name, ...(asker.token === undefined ? {} : { token: asker.token }) };
      const [, searched, query] = /^([A-Z][a-z]+)\?(.*)$/.exec(path) ?? [];
      if (method === 'GET' && byPost && searched !== undefined) {
        const form = { 'content-type': 'application/x-www-form-urlencoded' };
        return { ...common, path: `${base}/${searched}/_search`, method: 'POST', raw: query ?? '', headers: form };
      }
      const url = /^(\?|$)/.test(path) ? base + path : `${base}/${path}`;
      return { ...common, path: url, method, headers, ...(body === undefined ? {} : { fhir: body }) };
    });

/** Whatever shows everything there is, to whom the trail is shown. */
const SHOWS_TRAIL = /\*|everything|^\?|^_history/;
const ownOf = (request: Request, patient: string): Request =>
  JSON.parse(JSON.stringify(request).replaceAll('patient0', patient).replaceAll('patient1', patient)) as Request;

/** Who works in all clinics is told of the other one, and may: they are asked about their own. */
const isFair = ({ name }: Asker, path: string): boolean => name !== 'SUPER_ADMIN' || !path.includes('/second');

const BODIES: readonly ((subjects: Subjects) => unknown)[] = [
  () => [],
  () => ({ name: 'A room' }),
  () => ({ name: 'An app', authMethod: 'none', redirectUris: ['https://app.example/cb'], grantTypes: ['authorization_code'] }),
  ...[0, 1, 2].map((i) => ({ emails }: Subjects) => ({ givenName: 'Asha', email: emails[i], role: 'NURSE' })),
  () => ({ role: 'NURSE' }),
];
const NOWHERE = '00000000-0000-7000-8000-000000000000';

/** Of every other route. */
const apiQuestions = (subjects: Subjects): fc.Arbitrary<RandomQuestion> =>
  fc
    .record({
      asker: fc.constantFrom(...subjects.askers, ...subjects.askers.filter(({ name }) => name === 'CLINIC_ADMIN')),
      route: fc.constantFrom(...subjects.routes),
      owner: fc.constantFrom('ours', 'theirs', 'theirs', 'nowhere'),
      mixed: fc.boolean(),
      n: fc.nat(),
      body: fc.constantFrom(...BODIES),
    })
    .filter(({ asker, owner, route }) => asker.name !== 'SUPER_ADMIN' || owner !== 'theirs' || !route.path.includes(':'))
    .filter(({ owner, route }) => owner !== 'ours' || route.method === 'GET' || !endsAnAccount(route))
    .map(({ asker, route, owner, mixed, n, body }): RandomQuestion => {
      const idOf = (name: string): string => {
        if (owner === 'nowhere') return name === 'clinicId' ? 'nobody' : NOWHERE;
        const from = name === 'clinicId' && mixed ? subjects.ours : subjects[owner];
        const ids = from[name] ?? [];
        return ids[n % ids.length] ?? NOWHERE;
      };
      const path = route.path.replace(/:([a-zA-Z]+)/g, (_, name: string) => encodeURIComponent(idOf(name)));
      const asked: Asked = route.method === 'GET' ? {} : { json: body(subjects) };
      return { who: asker.name, method: route.method, path, ...asked, ...(asker.token === undefined ? {} : { token: asker.token }) };
    });

/** Ours go on asking, and go on having their clinic. */
const endsAnAccount = ({ method, path }: ServedWorld['routes'][number]): boolean =>
  /^\/(users|auth)\b/.test(path) || (method === 'DELETE' && path === '/clinics/:clinicId');

export const questionsOf = (subjects: Subjects): fc.Arbitrary<RandomQuestion> =>
  fc.oneof({ arbitrary: fhirQuestions(subjects), weight: 7 }, { arbitrary: apiQuestions(subjects), weight: 1 });
