/** The search cases against `match.ts`, before and after the rewrites. */
import { describe, expect, it } from '@jest/globals';
import { matches } from '../../src/fhir/search/match.ts';
import { print } from '../../src/fhir/search/print.ts';
import { rewrite } from '../../src/fhir/search/rewrite/index.ts';
import { COMBINED_CASES } from '../cases/search/combined.ts';
import { SEARCH_CASES } from '../cases/search/index.ts';
import { extractor } from './extracting.ts';
import { OPEN_ACCESS, parse, TIME_ZONE } from './set-up.ts';
import { findIn, linksIn, loadWorld } from './world.ts';

const world = loadWorld(extractor, TIME_ZONE);

for (const [topic, cases] of Object.entries({ ...SEARCH_CASES, combined: COMBINED_CASES })) {
  describe(topic, () => {
    it.each(cases)('$search', ({ search, finds, tree }) => {
      const parsed = parse(search);
      if (tree !== undefined) expect(print(parsed.where)).toBe(tree);
      const isSorted = search.includes('_sort=');
      for (const where of [parsed.where, rewrite(parsed.where, parsed.types, OPEN_ACCESS)]) {
        const found = findIn(world, parsed, where);
        expect(isSorted ? found : found.toSorted()).toEqual(isSorted ? finds : finds.toSorted());
      }
    });
  });
}

it('needs of a resource no more entries than the tree asks for', () => {
  const links = linksIn(world);
  let fewer = 0;
  for (const { search } of Object.values({ ...SEARCH_CASES, combined: COMBINED_CASES }).flat()) {
    const { types, where } = parse(search);
    for (const subject of world.filter(({ type }) => types.some((t) => t === type))) {
      const entries = extractor.extractFor(where, subject.type, Buffer.from(JSON.stringify(subject.resource)), TIME_ZONE);
      expect([search, matches(where, { ...subject, entries }, links)]).toEqual([search, matches(where, subject, links)]);
      fewer += Number(entries.token.length < subject.entries.token.length);
    }
  }
  expect(fewer).toBeGreaterThan(1000);
});

it('refuses a tree with links when it has no resolver', () => {
  const [subject] = world;
  const { where } = parse('Observation?patient.name=x');
  expect(() => subject && matches(where, subject)).toThrow(TypeError);
});
