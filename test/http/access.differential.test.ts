/**
 * Random filters and random requests: a caller under a filter is answered as one to whom nothing else is stored. The
 * second clinic has only what the filter leaves, chosen here by rules in plain code.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { and, not, or, type Node } from '../../src/fhir/search/ast.ts';
import { longer } from '../soak.ts';
import { askerOf, filterOf, refersTo, token, type Ask, type Rules } from './access/ask.ts';
import {
  bodyOf,
  PATIENTS,
  reads,
  STATUSES,
  TAGS,
  TYPES,
  worldFrom,
  writes,
  type Request,
  type Resource,
  type World,
} from './access/generated.ts';
import { onEachStore, type TestApp } from './harness.ts';

/** A filter twice: as a tree, and as what it means. */
interface Rule {
  readonly node: Node;
  readonly holds: (resource: Resource, world: World) => boolean;
}

const tagged = fc.constantFrom(...TAGS).map((tag): Rule => ({ node: token('_tag', 'urn:t', tag), holds: (r) => r.tag === tag }));
const everyone: Rule = { node: { op: 'all' }, holds: () => true };
const noone: Rule = { node: { op: 'none' }, holds: () => false };
const about = fc
  .nat(PATIENTS - 1)
  .map((n): Rule => ({ node: refersTo('subject', 'Patient', `patient${n}`), holds: (r) => r.subject === n }));
const ofPatientsWith = fc.constantFrom(...TAGS).map((tag): Rule => ({
  node: { op: 'chain', param: 'subject', type: 'Patient', where: token('_tag', 'urn:t', tag) },
  holds: (r, world) => world.some((p) => p.id === `patient${r.subject}` && p.tag === tag),
}));
const withObservation = fc.constantFrom(...STATUSES).map((status): Rule => ({
  node: { op: 'has', type: 'Observation', param: 'subject', where: { op: 'token', param: 'status', code: status } },
  holds: (r, world) => world.some((o) => o.resourceType === 'Observation' && `patient${o.subject}` === r.id && o.status === status),
}));

const composed = (leaf: fc.Arbitrary<Rule>): fc.Arbitrary<Rule> =>
  fc.oneof(
    leaf,
    leaf.map(({ node, holds }): Rule => ({ node: not(node), holds: (r, w) => !holds(r, w) })),
    fc.tuple(leaf, leaf).map(([a, b]): Rule => ({ node: or(a.node, b.node), holds: (r, w) => a.holds(r, w) || b.holds(r, w) })),
    fc.tuple(leaf, leaf).map(([a, b]): Rule => ({ node: and(a.node, not(b.node)), holds: (r, w) => a.holds(r, w) && !b.holds(r, w) })),
  );
const fixed = fc.constantFrom(everyone, noone);
const clinical = fc.oneof({ arbitrary: composed(fc.oneof(tagged, about, ofPatientsWith)), weight: 5 }, fixed);
const rules = fc.record({
  Patient: fc.oneof({ arbitrary: composed(fc.oneof(tagged, withObservation)), weight: 5 }, fixed),
  Observation: clinical,
  Encounter: clinical,
  Organization: fc.oneof(tagged, fixed),
});

/** The caller may write nothing: what they are told is of what they see alone. */
const requests = fc.array(fc.oneof({ arbitrary: reads, weight: 3 }, { arbitrary: writes, weight: 1 }), { minLength: 12, maxLength: 12 });

/** Without times, cursors and ids that were made. */
const plain = (text: string): string =>
  text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/_cursor=[^"&]*/g, '_cursor=X')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'NEW');

/** Every page of what a request is answered with. */
async function answersTo(ask: Ask, [method, path, body, headers]: Request): Promise<string[]> {
  const answers: string[] = [];
  let url: string | undefined = path;
  while (url !== undefined && answers.length < 40) {
    const { status, headers: answered, text, json }: Awaited<ReturnType<Ask>> = await ask(method, url, body, headers);
    const { 'Last-Modified': _at, ...rest } = answered;
    answers.push(plain(JSON.stringify([status, rest]) + text));
    url = method === 'GET' ? json.link?.find((l) => l.relation === 'next')?.url : undefined;
  }
  return answers;
}

onEachStore('filter against absence', (open) => {
  let app: TestApp;
  let clinics = 0;
  beforeAll(async () => {
    app = await open();
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  const clinicWith = async (resources: World): Promise<string> => {
    const clinic = `clinic${clinics++}`;
    const entry = resources.map((r) => ({ request: { method: 'PUT', url: `${r.resourceType}/${r.id}` }, resource: bodyOf(r) }));
    const all = askerOf(app)(filterOf({ '*': 'all' }), clinic);
    if (entry.length > 0) expect((await all('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(200);
    return clinic;
  };
  const readable = (node: Node): Rules[string] => ({ read: node, search: node });

  it(
    'answers alike',
    async () => {
      await fc.assert(
        fc.asyncProperty(worldFrom(0, PATIENTS), rules, requests, async (resources, by, asked) => {
          const left = resources.filter((r) => by[r.resourceType].holds(r, resources));
          const filtered = askerOf(app)(
            filterOf(Object.fromEntries(TYPES.map((t) => [t, readable(by[t].node)]))),
            await clinicWith(resources),
          );
          const alone = askerOf(app)(filterOf(Object.fromEntries(TYPES.map((t) => [t, readable({ op: 'all' })]))), await clinicWith(left));
          for (const request of asked) {
            expect([request, await answersTo(filtered, request)]).toEqual([request, await answersTo(alone, request)]);
          }
        }),
        { numRuns: longer(15) },
      );
      expect(app.faults).toEqual([]);
    },
    longer(240_000),
  );
});
