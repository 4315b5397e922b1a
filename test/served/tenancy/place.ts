/** Two clinics with records, and how what they are told is compared. */
import { expect } from '@jest/globals';
import { registerSystem } from '../systems.ts';
import type { Asked, Told } from '../ask.ts';
import type { Clinic, ServedWorld } from '../world.ts';
import { ownRecords, recordsAbout, sharedRecords, transactionOf, type Owner, type Resource } from './records.ts';

export const FHIR = '/fhir/R4';
/** The same length, so that answers may have the same length. */
const CLINIC_OF = { bb: 'second', nn: 'nobody' } as const;
export type Foreign = keyof typeof CLINIC_OF;

/** The FHIR base that names the clinic. */
export const namedBase = (x: Foreign): string => `/clinics/${CLINIC_OF[x]}${FHIR}`;

export interface Question extends Asked {
  readonly path: string;
}

export interface Place {
  readonly world: ServedWorld;
  /** Systems that may do everything in their own clinic. */
  readonly tokens: Readonly<Record<Clinic, string>>;
  /** A question of the first clinic, as its system unless a token is given; every one of them is found in the trail. */
  ask(path: string, asked?: Asked): Promise<Told>;
  /** The other clinic's. */
  askOther(path: string, asked?: Asked): Promise<Told>;
  /** What is asked about the other clinic is answered as what is asked about nothing; returns that answer. */
  alike(make: (x: Foreign) => Question): Promise<Told>;
  /** The ids of all that a bundle shows, page by page. */
  idsOf(path: string, token?: string): Promise<string[]>;
  /** Every version there is in the other clinic, as text. */
  otherVersions(): Promise<string>;
  /** The ids of the first clinic's questions that FHIR answered to someone it knew. */
  asked(): readonly string[];
}

export async function openPlace(world: ServedWorld): Promise<Place> {
  const all = 'system/*.cruds';
  const tokens = {
    demo: await (await registerSystem(world, 'demo', all)).token(all),
    second: await (await registerSystem(world, 'second', all)).token(all),
  };
  const place = placeOf(world, tokens);
  await place.fill();
  return place;
}

function placeOf(world: ServedWorld, tokens: Place['tokens']): Place & { fill(): Promise<void> } {
  let asked = 0;
  const known: string[] = [];
  const numbered = async (path: string, question: Asked, id: string): Promise<Told> => {
    const url = path.startsWith('/') ? path : `${FHIR}/${path}`;
    const headers = { 'x-request-id': id, 'accept-encoding': 'identity', ...question.headers };
    const told = await world.ask(url, { token: tokens.demo, ...question, headers });
    if (url.includes(FHIR) && !url.endsWith('/metadata') && ![401, 406].includes(told.status)) known.push(headers['x-request-id']);
    return told;
  };
  const ask: Place['ask'] = (path, question = {}) => numbered(path, question, `try-${++asked}`);
  const askOther: Place['askOther'] = (path, question = {}) => world.ask(`${FHIR}/${path}`, { token: tokens.second, ...question });
  return {
    ...{ world, tokens, ask, askOther },
    async alike(make) {
      const id = `try-${++asked}`;
      const [there, nowhere] = [make('bb'), make('nn')];
      const told = await numbered(nowhere.path, nowhere, id);
      const other = await numbered(there.path, there, id);
      expect([there.path, ...answerOf(other)]).toEqual([there.path, ...answerOf(told)]);
      expect(other.text).not.toMatch(/bb-(name|mrn|code|note|house-name|doctor-name) /);
      return told;
    },
    idsOf: async (path, token = tokens.demo) => (await entriesOf(world, path, token)).map(({ id }) => id),
    otherVersions: async () => versionsOf(await entriesOf(world, '_history?_count=1000', tokens.second)),
    asked: () => known,
    fill: () => fill(world, ask, askOther),
  };
}

/** All that a client is told, without when and by what number. */
function answerOf({ status, headers, text }: Told): unknown[] {
  const shown = [...headers].filter(([name]) => name !== 'date').map(([name, value]) => [name, plain(value)]);
  return [status, shown, plain(text)];
}

const plain = (text: string): string =>
  text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z|\w{3}, \d\d \w{3} \d{4} [\d:]+ GMT/g, 'TIME')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'NEW')
    .replaceAll(/_cursor=[^"&]*/g, '_cursor=X')
    .replaceAll(/\b(bb|nn)\b/g, 'xx')
    .replaceAll(/\b(second|nobody)\b/g, 'clinic');

async function fill(world: ServedWorld, ask: Place['ask'], askOther: Place['askOther']): Promise<void> {
  const bases = (x: Owner) => ({ relative: world.url + FHIR, named: `${world.url}${x === 'aa' ? `/clinics/demo${FHIR}` : namedBase(x)}` });
  const about = (owner: Owner, ...of: Owner[]): Resource[] => of.flatMap((x) => recordsAbout(owner, x, bases(x)));
  const ours = [...ownRecords('aa'), ...sharedRecords('aa'), ...about('aa', 'aa', 'bb', 'nn')];
  const theirs = [...ownRecords('bb'), ...sharedRecords('bb'), ...about('bb', 'bb', 'aa')];
  expect(await ask(FHIR, transactionOf(ours))).toMatchObject({ status: 200 });
  for (const round of [theirs, theirs.map((one) => ({ ...one, language: 'en' }))]) {
    expect(await askOther('', transactionOf(round))).toMatchObject({ status: 200 });
  }
  for (const [as, id] of [
    [ask, 'aa-gone'],
    [askOther, 'bb-gone'],
  ] as const) {
    expect((await as(`Patient/${id}`, { method: 'DELETE' })).status).toBe(204);
  }
}

interface Page {
  readonly entry?: readonly { readonly resource?: Resource; readonly fullUrl?: string; readonly request?: { readonly url: string } }[];
  readonly link?: readonly { readonly relation: string; readonly url: string }[];
}

/** Of a deletion, only where it was. */
async function entriesOf(world: ServedWorld, path: string, token: string): Promise<Resource[]> {
  const found: Resource[] = [];
  let url: string | undefined = path.startsWith('/') ? path : `${FHIR}/${path}`;
  while (url !== undefined) {
    const { status, text, body } = await world.ask(url, { token });
    if (status !== 200) throw new Error(`${url} answered ${status}: ${text}`);
    const { entry = [], link = [] } = body as Page;
    found.push(...entry.map(({ resource, fullUrl = '' }) => resource ?? { resourceType: '', id: fullUrl.split('/').at(-1) ?? '' }));
    url = link.find(({ relation }) => relation === 'next')?.url;
  }
  return found;
}

/** AuditEvents come of themselves. */
const versionsOf = (all: readonly Resource[]): string => JSON.stringify(all.filter(({ resourceType }) => resourceType !== 'AuditEvent'));
