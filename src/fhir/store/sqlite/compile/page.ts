/** A page's keys as statements: `rid` and then the sort's values, in order. */
import { asSeq } from '../../../model/ids.ts';
import { and } from '../../../search/ast.ts';
import { condition, needsResource } from './condition.ts';
import type { SortTerm } from '../../port.ts';
import { alias, behind, isColumn, joinSorts, orderBy, sortKey, type Position, type SortKey } from './order.ts';
import { conjuncts, planOf, rarePlan, RARE, scanPlan, seqConditions, testsOf, untilFull, type Plan, type PlanInput } from './plan.ts';
import { pidOf } from './scope.ts';
import { allOf, joined, limited, NOTHING, raw, sql, type Sql } from './sql.ts';

export interface PageSql {
  readonly sql: Sql;
  /** Rows that are tested, `Infinity` if that depends on the data. */
  readonly cost: number;
}

/** In natural order. */
export function naturalPage(input: PlanInput, after: Position | undefined, limit: number): PageSql {
  const plan = planOf(input, limit);
  const where = [...plan.where, ...(after ? [sql`${plan.rid} > ${after.rid}`] : [])];
  const page = sql`SELECT ${plan.rid} AS rid ${plan.from} WHERE ${allOf(where)}${groupOf(plan)} ORDER BY ${plan.rid} ${limited(limit)}`;
  return { sql: page, cost: plan.ordered && plan.exact ? limit : plan.cost };
}

/** A resource that comes several times counts once. */
const groupOf = (plan: Plan): Sql => (plan.repeats ? sql` GROUP BY ${plan.rid}` : NOTHING);

/** In the order of the last change. */
export function seqPage(input: PlanInput, after: Position | undefined, limit: number, changed: number): PageSql {
  const from = Math.max(Number(after?.keys[0] ?? 0), input.seq?.above ?? 0);
  const seq = { ...input.seq, above: asSeq(from) };
  const plan = changed <= RARE ? undefined : rarePlan({ ...input, seq }, limit);
  if (plan) {
    const page = sql`SELECT d.rid AS rid, r.seq AS k0 ${plan.from} WHERE ${allOf(plan.where)}${groupOf(plan)} ORDER BY r.seq ${limited(limit)}`;
    return { sql: page, cost: plan.cost };
  }
  const tests = testsOf({ ...input, seq: undefined }, raw('r.rid'));
  const where = allOf([
    sql`r.cid = ${input.scope.cid}`,
    ...seqConditions(seq),
    sql`r.tid = ${input.scope.tid} AND r.deleted = 0`,
    ...tests,
  ]);
  const page = sql`SELECT r.rid AS rid, r.seq AS k0 FROM resource r INDEXED BY resource_seq WHERE ${where} ORDER BY r.seq ${limited(limit)}`;
  return { sql: page, cost: changed };
}

/**
 * By the terms of a sort. The rarest part of the tree drives; where all are frequent, the first term's index does, and
 * those without a value for it follow as a page of their own (`rest`), asked for when the first isn't full.
 */
export function sortedPage(
  input: PlanInput,
  terms: readonly SortTerm[],
  after: Position | undefined,
  limit: number,
): PageSql & { rest?: PageSql } {
  const [first] = terms;
  if (!first) return naturalPage(input, after, limit);
  const rare = rarePlan(input, limit);
  if (rare) return fromPlan(rare, input, { terms, after, limit });
  if (isColumn(first)) return byColumn(input, first, { terms, after, limit });
  if (!input.scope.param(first.param)?.ordered) return fromPlan(planOf(input, Infinity), input, { terms, after, limit });
  const rest = withoutValue(input, { terms, after, limit });
  return after && after.keys[0] === null ? rest : { ...byIndex(input, first, { terms, after, limit }), rest };
}

export interface PageOf {
  readonly terms: readonly SortTerm[];
  readonly after: Position | undefined;
  readonly limit: number;
}

/**
 * The first of a sorted set whether or not they meet what is asked by `not`, which most do (not labelled, not a result that waits),
 * and whether they do (`met`, of `k.rid`): a test for each that is shown instead of one for each that is sorted. Undefined where
 * that saves nothing.
 */
export function hopedPage(input: PlanInput, { terms, after, limit }: PageOf): HopedPage | undefined {
  const parts = conjuncts(input.where);
  const denials = parts.filter(({ op }) => op === 'not');
  if (denials.length === 0 || terms.length === 0) return undefined;
  const { seq, scope, estimate } = input;
  const rare = rarePlan({ seq, scope, estimate, live: RARE, where: and(...parts.filter(({ op }) => op !== 'not')) }, limit);
  if (!rare || rare.cost <= limit || rare.cost > RARE) return undefined;
  const met = allOf(denials.map((denial) => condition(denial, raw('k.rid'), scope)));
  return { ...fromPlan(rare, input, { terms, after, limit }), met };
}

export interface HopedPage extends PageSql {
  readonly met: Sql;
}

function fromPlan(plan: Plan, { scope }: PlanInput, { terms, after, limit }: PageOf): PageSql {
  const keys = terms.map((term) => sortKey(term, scope));
  const resource = !plan.hasResource && terms.some(isColumn) ? sql` CROSS JOIN resource r ON r.rid = ${plan.rid}` : NOTHING;
  const from = sql`${plan.from}${resource}${joinSorts(keys, plan.rid)}`;
  return { sql: page({ keys, rid: plan.rid, from, where: plan.where, group: groupOf(plan), after, limit }), cost: plan.cost };
}

/** The first term is a column of `resource` that has an index. */
function byColumn(input: PlanInput, first: SortTerm, { terms, after, limit }: PageOf): PageSql {
  const { scope } = input;
  const rid = raw('r.rid');
  const keys = terms.map((term) => sortKey(term, scope));
  const index = raw(first.param === '_id' ? 'resource_key' : 'resource_time');
  const from = sql`FROM resource r INDEXED BY ${index}${joinSorts(keys, rid)}`;
  const where = [sql`r.tid = ${scope.tid} AND r.deleted = 0`, ...bound(keys[0], after), ...testsOf(input, rid)];
  return { sql: page({ keys, rid, from, where, group: NOTHING, after, limit }), cost: costOf(input, limit) };
}

/** The first term has an index: one row for each resource that has a value. */
function byIndex(input: PlanInput, first: SortTerm, { terms, after, limit }: PageOf): PageSql {
  const { scope } = input;
  const rid = raw('s.rid');
  const own: SortKey = { value: raw(first.descending ? 's.hi' : 's.lo'), descending: first.descending };
  const keys = [own, ...terms.slice(1).map((term) => sortKey(term, scope))];
  const index = raw(first.descending ? 'INDEXED BY sort_hi' : 'NOT INDEXED');
  const resource = usesResource(input, terms) ? raw(' CROSS JOIN resource r ON r.rid = s.rid') : NOTHING;
  const from = sql`FROM sort s ${index}${resource}${joinSorts(keys, rid)}`;
  const where = [sql`s.pid = ${pidOf(scope, first.param)}`, ...bound(own, after), ...testsOf(input, rid)];
  return { sql: page({ keys, rid, from, where, group: NOTHING, after, limit }), cost: costOf(input, limit) };
}

/** Those that have no value for the first term, by the others. */
function withoutValue(input: PlanInput, { terms, after, limit }: PageOf): PageSql {
  const { scope } = input;
  const rid = raw('r.rid');
  const plan = scanPlan(input);
  const [first, ...others] = terms.map((term) => sortKey(term, scope));
  const keys = [{ value: raw('NULL'), descending: false }, ...others];
  const where = [...plan.where, sql`${first?.value ?? NOTHING} IS NULL`];
  const from = sql`${plan.from}${joinSorts([...keys, ...(first ? [first] : [])], rid)}`;
  const behindThose = after && after.keys[0] === null ? after : undefined;
  return { sql: page({ keys, rid, from, where, group: NOTHING, after: behindThose, limit }), cost: input.live };
}

const usesResource = ({ where, seq }: PlanInput, terms: readonly SortTerm[]): boolean =>
  seq !== undefined || needsResource(where) || terms.some(isColumn);

/** Lets the index begin where the page does. */
const bound = (key: SortKey | undefined, after: Position | undefined): Sql[] =>
  !after || !key ? [] : [sql`${key.value} ${raw(key.descending ? '<=' : '>=')} ${after.keys[0] ?? null}`];

/** An index that has the order is left as soon as the page is full, unless matches are rare in it. */
const costOf = ({ where, live }: PlanInput, limit: number): number => (where.op === 'all' ? limit : untilFull(live));

interface Parts {
  readonly keys: readonly SortKey[];
  readonly rid: Sql;
  readonly from: Sql;
  readonly where: readonly Sql[];
  readonly group: Sql;
  readonly after: Position | undefined;
  readonly limit: number;
}

function page({ keys, rid, from, where, group, after, limit }: Parts): Sql {
  const columns = joined([sql`${rid} AS rid`, ...keys.map(({ value }, i) => sql`${value} AS ${alias(i)}`)], ', ');
  const conditions = after ? [...where, behind(keys, rid, after)] : where;
  return sql`SELECT ${columns} ${from} WHERE ${allOf(conditions)}${group} ORDER BY ${orderBy(keys, rid)} ${limited(limit)}`;
}
