/**
 * Random URL × role × clinic: with all of the other clinic's data deleted, nothing that the first is answered may change,
 * nor what stands in its trail. Both servers live through the same questions, writes as well.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { StoreName } from '../../../tools/running-server.ts';
import { longer } from '../../soak.ts';
import type { Ask, Told } from '../ask.ts';
import type { Place, Question } from './place.ts';
import { fillAtRandom, questionsOf, SECRET, SEES_MUCH, THEIR_KEYS, subjectsOf, type RandomQuestion, type Subjects } from './questions.ts';
import { openTwins, type Twins } from './twins.ts';

/** As long as each store needs for some eight seconds. */
const RUNS = { sqlite: 28, mongodb: 9 } as const;
const QUESTIONS = 20;
const PAGES = 10;
/** `SOAK_SEED` asks again what failed once. */
const SEED = Number(process.env['SOAK_SEED'] ?? Date.now() % 2 ** 31);

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)|\w{3}, \d\d \w{3} \d{4} [\d:]+ GMT/g;
const UUID = /[0-9a-f]{8}-[0-9a-f-]{27}/g;
/** 256 random bits: of the forms of pages, and in the cookies that belong to them. */
const RANDOM = /(?<![\w-])[\w-]{43}(?![\w-])/g;

/** What one server says, without when, and with ids that it has made since called by their order, or by `name`. */
function plainOf(since: number, name?: string): (text: string) => string {
  const made = new Map<string, string>();
  const isNew = (uuid: string): boolean => parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16) >= since;
  const named = (uuid: string): string => {
    const called = made.get(uuid) ?? name ?? `NEW-${made.size}`;
    made.set(uuid, called);
    return called;
  };
  return (text) =>
    text
      .replaceAll(/_cursor=[^"&]*/g, '_cursor=X')
      .replaceAll(RANDOM, 'RANDOM')
      .replaceAll(TIME, (time) => (Date.parse(time) >= since - 1000 ? 'TIME' : time))
      .replaceAll(UUID, (uuid) => (isNew(uuid) ? named(uuid) : uuid));
}

/** A cursor's length may differ by a block (test/search/cursor.test.ts). */
const headersOf = ({ headers, text }: Told): unknown[] => {
  const chance = new Set(['date', 'keep-alive', ...(text.includes('_cursor=') ? ['content-length'] : [])]);
  return [...headers].filter(([name]) => !chance.has(name));
};

interface Answers {
  readonly pages: readonly string[];
  readonly hasContent: boolean;
}

/** Every page of what a question is answered with. */
async function answersTo(ask: Ask, question: Question, id: string, plain: (text: string) => string): Promise<Answers> {
  const pages: string[] = [];
  let hasContent = false;
  let next: Question | undefined = question;
  while (next !== undefined && pages.length < PAGES) {
    const { path, ...asked }: Question = next;
    const headers = { 'accept-encoding': 'identity', 'x-request-id': `${id}-${pages.length}`, ...asked.headers };
    const told = await ask(path, { ...asked, headers });
    pages.push(plain(JSON.stringify([told.status, headersOf(told)]) + told.text));
    hasContent ||= showsSomething(told);
    next = nextOf(told, question);
  }
  return { pages, hasContent };
}

interface Page {
  readonly link?: readonly { readonly relation: string; readonly url: string }[];
}

function nextOf({ body }: Told, { token }: Question): Question | undefined {
  const { link } = body as Page;
  const url = Array.isArray(link) ? (link as Page['link'])?.find(({ relation }) => relation === 'next')?.url : undefined;
  if (url === undefined) return undefined;
  const { pathname, search } = new URL(url);
  return { path: pathname + search, ...(token === undefined ? {} : { token }) };
}

const showsSomething = ({ status, body }: Told): boolean => {
  if (status !== 200 || body['resourceType'] === 'OperationOutcome') return false;
  if (body['resourceType'] !== 'Bundle') return Object.keys(body).length > 0;
  return body['total'] !== undefined && body['total'] !== 0 ? true : Array.isArray(body['entry']) && body['entry'].length > 0;
};

export function fuzzTests(at: () => Place, store: StoreName): void {
  describe('random questions of one clinic, beside the other and alone', () => {
    let subjects: Subjects;
    let twins: Twins;
    let close = (): Promise<void> => Promise.resolve();
    let began = 0;
    let ended = false;
    const asked = { questions: 0, answers: 0, withContent: 0, theirs: 0 };
    const said = new Set<string>();
    beforeAll(async () => {
      subjects = await subjectsOf(at());
      await fillAtRandom(at(), SEED, subjects.patient);
      twins = await openTwins(at().world);
      close = () => twins.close();
    }, 60_000);
    afterAll(async () => {
      console.log(`fuzz over clinics: ${JSON.stringify(asked)}, seed ${SEED}`);
      await close();
    });

    it(
      'T1 T2 T3 T4 T5 T6 T7 T9 T10: nothing that is answered changes with the other clinic’s data',
      async () => {
        began = Date.now();
        const [plain, plainAlone] = [plainOf(began), plainOf(began)];
        const theirIds = new RegExp([...Object.values(subjects.theirs).flat(), 'second|bb-', ...THEIR_KEYS].join('|'));
        const compare = async (question: RandomQuestion): Promise<void> => {
          const id = `fuzz-${asked.questions}`;
          const [told, alone] = await Promise.all([
            answersTo(twins.both, question, id, plain),
            answersTo(twins.alone, question, id, plainAlone),
          ]);
          asked.questions += 1;
          asked.answers += told.pages.length;
          if (told.hasContent) asked.withContent += 1;
          if (theirIds.test(JSON.stringify({ ...question, token: '' }))) asked.theirs += 1;
          said.add(`${question.who} ${told.pages[0]?.slice(1, 4)}`);
          expect({ question, answers: told.pages }).toEqual({ question, answers: alone.pages });
          for (const page of told.pages) {
            expect([question, page.includes(`"code":"${SECRET}"`), /^\[5/.test(page)]).toEqual([question, false, false]);
          }
        };
        const property = fc.asyncProperty(fc.array(questionsOf(subjects), { minLength: QUESTIONS, maxLength: QUESTIONS }), async (some) => {
          for (const question of some) await compare(question);
        });
        // Both servers have lived through what was asked before: a smaller example would be asked of others.
        await fc.assert(property, { numRuns: longer(RUNS[store]), seed: SEED, endOnFailure: true });
        ended = true;
      },
      longer(60_000),
    );

    it('of which enough had content, and enough asked for what the other clinic holds', () => {
      expect(ended).toBe(true);
      expect(twins.erased).toBeGreaterThan(50);
      expect(asked.withContent).toBeGreaterThan(asked.questions / 8);
      expect(asked.theirs).toBeGreaterThan(asked.questions / 5);
      for (const name of SEES_MUCH) expect([name, said.has(`${name} 200`)]).toEqual([name, true]);
    });

    it('and the trail is the same', async () => {
      const { both, alone } = await twins.trails();
      expect(both.length).toBeGreaterThan(asked.questions / 2);
      const [plain, plainAlone] = [plainOf(began, 'NEW'), plainOf(began, 'NEW')];
      expect(both.map(plain).sort()).toEqual(alone.map(plainAlone).sort());
    });
  });
}
