/** All routes of a type as one tree, so that each element is looked up once however many parameters read it. */
import type { JsonObject, JsonValue } from '../../../model/json.ts';
import type { Route, Step, Test } from './routes.ts';

/** What is done with a value that a route ends in. */
export type Emit<Output> = (value: JsonValue, out: Output) => void;

export interface Branch<Output> extends Step {
  readonly branches: Branch<Output>[];
  readonly emits: Emit<Output>[];
}

export interface Plan<Output> {
  readonly context: Root<Output>;
  readonly resource: Root<Output>;
}

interface Root<Output> {
  readonly branches: Branch<Output>[];
  readonly emits: Emit<Output>[];
}

export interface Planned<Output> {
  readonly route: Route;
  readonly emit: Emit<Output>;
}

export function createPlan<Output>(routes: readonly Planned<Output>[]): Plan<Output> {
  const plan: Plan<Output> = { context: { branches: [], emits: [] }, resource: { branches: [], emits: [] } };
  for (const { route, emit } of routes) {
    let at: Root<Output> = plan[route.from];
    for (const step of route.steps) at = branchFor(at.branches, step);
    at.emits.push(emit);
  }
  return plan;
}

function branchFor<Output>(branches: Branch<Output>[], step: Step): Branch<Output> {
  const known = branches.find((b) => b.property === step.property && b.index === step.index && b.test?.key === step.test?.key);
  if (known) return known;
  const made: Branch<Output> = { ...step, branches: [], emits: [] };
  branches.push(made);
  return made;
}

/** Names of the properties that hold the values: a resource without any of them has none. Undefined if it may have one all the same. */
export function namesOf<Output>({ context, resource }: Plan<Output>): ReadonlySet<string> | undefined {
  if (context.emits.length > 0 || resource.emits.length > 0) return undefined;
  const names = new Set<string>();
  const collect = (branches: readonly Branch<Output>[]): void => {
    for (const branch of branches) {
      if (branch.emits.length > 0) names.add(branch.property);
      collect(branch.branches);
    }
  };
  collect([...context.branches, ...resource.branches]);
  return names;
}

/** Calls the plan's emits with every value there is, in the order of the definitions. */
export function runPlan<Output extends { readonly resource: JsonObject }>(plan: Plan<Output>, context: JsonValue, out: Output): void {
  runRoot(plan.context, context, out);
  runRoot(plan.resource, out.resource, out);
}

function runRoot<Output extends { readonly resource: JsonObject }>(root: Root<Output>, value: JsonValue, out: Output): void {
  for (const emit of root.emits) emit(value, out);
  if (root.branches.length > 0 && isTree(value)) walk(root.branches, value, out);
}

const isTree = (value: JsonValue): value is JsonObject => typeof value === 'object' && value !== null;

function walk<Output extends { readonly resource: JsonObject }>(
  branches: readonly Branch<Output>[],
  parent: JsonObject,
  out: Output,
): void {
  for (const branch of branches) {
    const value = parent[branch.property];
    if (value === undefined) continue;
    if (!Array.isArray(value)) {
      if (!branch.index) visit(branch, value, out);
    } else if (branch.index === undefined) {
      for (const v of value) visit(branch, v, out);
    } else {
      visit(branch, value[branch.index] ?? null, out);
    }
  }
}

function visit<Output extends { readonly resource: JsonObject }>(branch: Branch<Output>, value: JsonValue, out: Output): void {
  if (value === null || (branch.test && !holds(branch.test, value, out))) return;
  for (const emit of branch.emits) emit(value, out);
  if (branch.branches.length > 0 && isTree(value)) walk(branch.branches, value, out);
}

const holds = (test: Test, value: JsonValue, out: { readonly resource: JsonObject }): boolean => test.holds(value, out.resource);
