/** Cases of one type put together: what both find is what is found. */
import { SEARCH_CASES } from './index.ts';
import type { SearchCase } from './types.ts';

const typeOf = (of: SearchCase): string => of.search.slice(0, of.search.indexOf('?'));
const queryOf = (of: SearchCase): string => of.search.slice(of.search.indexOf('?') + 1);

/** Result parameters may occur once only, so cases that have them can't be joined. */
const joinable = Object.values(SEARCH_CASES)
  .flat()
  .filter((c) => !/[?&]_(sort|type|format|contained)/.test(c.search) && queryOf(c) !== '' && typeOf(c) !== '');

/** Each case once as the first, with others that are spread over all topics. */
export const COMBINED_CASES: readonly SearchCase[] = [...Map.groupBy(joinable, typeOf).values()].flatMap((cases) =>
  cases.map((first, i) => {
    const others = [cases[(i * 7 + 3) % cases.length], cases[(i * 5 + 11) % cases.length]].filter((c) => c !== undefined).slice(i % 2);
    return {
      search: [first.search, ...others.map(queryOf)].join('&'),
      finds: first.finds.filter((id) => others.every((o) => o.finds.includes(id))),
    };
  }),
);
