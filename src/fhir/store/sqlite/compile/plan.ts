/**
 * Names what drives a search: SQLite's planner doesn't choose. The rarest part of the tree, by counts up to a limit;
 * where all are frequent, an index that has the order asked for.
 */
import type { Node } from '../../../search/ast.ts';
import type { MatchQuery } from '../../port.ts';
import { condition, needsResource } from './condition.ts';
import { driversOf, type Driver } from './driver.ts';
import type { Scope } from './scope.ts';
import { allOf, NOTHING, raw, sql, type Sql } from './sql.ts';

/** What matches no more is rare: all of it is looked at, whatever else is asked for. */
export const RARE = 1000;
/** What matches no more is good enough: to find something rarer costs more than it can save. */
const FEW = 50;
/** Counts end here. */
const COUNTED = 20_000;

/** Counts the rows of a statement, up to one more than `most`. */
export type Estimate = (walk: Sql, most: number) => number;

export interface Plan {
  /** `FROM` and what is joined, by `d.rid` or `r.rid`. */
  readonly from: Sql;
  readonly rid: Sql;
  readonly where: readonly Sql[];
  /** The rows come in natural order as they are. */
  readonly ordered: boolean;
  /** A resource can come twice; in an ordered plan, next to itself. */
  readonly repeats: boolean;
  readonly hasResource: boolean;
  /** Rows that are tested, `Infinity` if that depends on the data; an ordered plan may stop sooner. */
  readonly cost: number;
  /** Each row is a match. */
  readonly exact: boolean;
}

export interface PlanInput {
  readonly where: Node;
  readonly seq: MatchQuery['seq'];
  readonly scope: Scope;
  /** Live resources of the type. */
  readonly live: number;
  readonly estimate: Estimate;
}

/** How many resources kinds of conditions have, as a rule: the least first. */
const LIKELY: Readonly<Record<Node['op'], number>> = {
  none: 0,
  id: 0,
  uri: 1,
  reference: 1,
  string: 2,
  'reference-in': 2,
  composite: 3,
  token: 3,
  or: 4,
  'last-updated': 5,
  date: 5,
  number: 5,
  quantity: 5,
  present: 6,
  not: 6,
  and: 6,
  type: 6,
  chain: 6,
  has: 6,
  all: 6,
};

interface Choice {
  readonly driver: Driver;
  readonly covers: Node;
  readonly count: number;
}

/** The parts of the tree that must all hold. */
export const conjuncts = (where: Node): readonly Node[] => (where.op === 'and' ? where.of : where.op === 'all' ? [] : [where]);

/**
 * What few resources meet is tested first, and the rest of those that meet it: left to itself, SQLite makes joins of several
 * tests and takes the wrong one first.
 */
function testsInOrder(parts: readonly Node[], rid: Sql, scope: Scope): readonly Sql[] {
  const tests = rareFirst(parts).map((part) => condition(part, rid, scope));
  return tests.length === 0 ? [] : [tests.reduceRight((others, test) => sql`CASE WHEN ${test} THEN ${others} END`)];
}

const rareFirst = (parts: readonly Node[]): readonly Node[] => parts.toSorted((a, b) => LIKELY[a.op] - LIKELY[b.op]);

/**
 * For searches that need all matches (`wanted` is `Infinity`), or the first ones in natural order. An index in that order
 * is left when the page is full.
 */
export function planOf(input: PlanInput, wanted: number): Plan {
  const only = wanted < Infinity ? onlyWalk(input) : undefined;
  if (only) return streamPlan(input, only, wanted);
  const choices = choicesOf(input, RARE);
  const rarest = least(choices);
  if (rarest && rarest.count <= RARE) return setPlan(input, rarest);
  const streamed = least(choices.filter((choice) => choice.driver.ordered));
  if (streamed) return streamPlan(input, streamed, wanted);
  const worth = worthAll(input, wanted);
  return worth ? setPlan(input, worth) : scanPlan(input);
}

/** One part, with one index that has all its matches in natural order: nothing to count, nothing to choose. */
function onlyWalk({ where, scope }: PlanInput): Choice | undefined {
  const [covers, ...others] = conjuncts(where);
  if (!covers || others.length > 0) return undefined;
  const [driver, ...more] = driversOf(covers, scope);
  return driver?.ordered && more.length === 0 ? { driver, covers, count: Infinity } : undefined;
}

/** For searches in an order that the store has an index of: undefined if going by that index is cheaper. */
export function rarePlan(input: PlanInput, wanted: number): Plan | undefined {
  const rarest = least(choicesOf(input, RARE));
  if (!rarest) return undefined;
  const worth = rarest.count <= RARE ? rarest : worthAll(input, wanted);
  return worth && setPlan(input, worth);
}

/**
 * The part of which looking at all is cheaper than looking through an order until enough matches have come. How many come
 * is guessed as if parts were independent, and what has more than is counted were no more.
 */
function worthAll(input: PlanInput, wanted: number): Choice | undefined {
  const choices = choicesOf(input, COUNTED);
  const rarest = least(choices);
  if (!rarest || rarest.count > COUNTED) return undefined;
  const parts = Map.groupBy(choices, (choice) => choice.covers).values();
  const share = parts.reduce((product, part) => product * Math.min(1, (least([...part])?.count ?? 0) / input.live), 1);
  return wanted / share > rarest.count * 2 ? rarest : undefined;
}

/** Those that are likely to be rare come first: one that is rare enough is the only one that is counted. */
function choicesOf({ where, scope, estimate }: PlanInput, most: number): readonly Choice[] {
  const choices: Choice[] = [];
  for (const covers of rareFirst(conjuncts(where))) {
    for (const driver of driversOf(covers, scope)) {
      const count = estimate(driver.walk, most);
      choices.push({ driver, covers, count });
      if (count <= FEW) return choices;
    }
  }
  return choices;
}

const least = (choices: readonly Choice[]): Choice | undefined =>
  choices.reduce<Choice | undefined>((best, choice) => (best && best.count <= choice.count ? best : choice), undefined);

function setPlan(input: PlanInput, { driver, covers, count }: Choice): Plan {
  const looked = count > RARE ? [raw('tick(d.rid)')] : [];
  return { ...driven(input, driver.rows, covers, looked), ordered: false, repeats: !driver.distinct, cost: count };
}

/** Rows come as they lie in the index; those of one resource are neighbours. Where each is a match, a page ends the walk. */
function streamPlan(input: PlanInput, { driver, covers }: Choice, limit: number): Plan {
  const isMatch = limit < Infinity && input.seq === undefined && conjuncts(input.where).length === 1;
  const looked = isMatch ? [] : [raw('tick(d.rid)')];
  return { ...driven(input, driver.rows, covers, looked), ordered: true, repeats: !driver.distinct, cost: Infinity };
}

function driven(
  input: PlanInput,
  rows: Sql,
  covers: Node,
  looked: readonly Sql[],
): Pick<Plan, 'from' | 'rid' | 'where' | 'hasResource' | 'exact'> {
  const rest = conjuncts(input.where).filter((n) => n !== covers);
  const hasResource = input.seq !== undefined || rest.some(needsResource);
  const rid = raw('d.rid');
  const resource = hasResource ? raw(' CROSS JOIN resource r ON r.rid = d.rid') : NOTHING;
  const where = [...testsInOrder(rest, rid, input.scope), ...seqConditions(input.seq)];
  return { from: sql`FROM (${rows}) d${resource}`, rid, where: [...where, ...looked], hasResource, exact: rest.length === 0 };
}

/** All live resources of the type, in natural order. */
export function scanPlan(input: PlanInput): Plan {
  const { scope, live } = input;
  const all = conjuncts(input.where);
  return {
    from: raw('FROM resource r INDEXED BY resource_live'),
    rid: raw('r.rid'),
    where: [sql`r.tid = ${scope.tid} AND r.deleted = 0`, ...testsOf(input, raw('r.rid'))],
    ordered: true,
    repeats: false,
    hasResource: true,
    cost: untilFull(live),
    exact: all.length === 0,
  };
}

/** What is left as soon as a page is full: how soon that is depends on the data. */
export const untilFull = (rows: number): number => (rows <= RARE ? rows : Infinity);

/** Everything that the tree and the range of numbers ask, as tests. */
export function testsOf({ where, seq, scope }: PlanInput, rid: Sql): readonly Sql[] {
  return [...testsInOrder(conjuncts(where), rid, scope), ...seqConditions(seq), sql`tick(${rid})`];
}

export const seqConditions = (seq: MatchQuery['seq']): Sql[] => [
  ...(seq?.above === undefined ? [] : [sql`r.seq > ${seq.above}`]),
  ...(seq?.upTo === undefined ? [] : [sql`r.seq <= ${seq.upTo}`]),
];

/** `SELECT rid` of all matches, each once. */
export function matchesOf(plan: Plan): Sql {
  return sql`SELECT ${raw(plan.repeats ? 'DISTINCT ' : '')}${plan.rid} AS rid ${plan.from} WHERE ${allOf(plan.where)}`;
}
