import type { Node } from '../../../search/ast.ts';

/** What is searched: one type of one clinic. */
export interface Scope {
  readonly cid: number;
  readonly tid: number;
  readonly type: string;
  /** What conditions come to here: filters come with every search. */
  readonly folded: WeakMap<Node, Node>;
  /** Counts what `key` stands for, once: what an app asks begins with the same patient each time. */
  counted(key: string, count: () => number): number;
  /** Undefined for a parameter that no resource of the type has ever had a value for. */
  param(name: string): Param | undefined;
  /** The number of a code system; -1 for one that the clinic has never had. */
  system(name: string): number;
}

export interface Param {
  readonly pid: number;
  /** Whether sorts by it have an index. */
  readonly ordered: boolean;
}

export const pidOf = (scope: Scope, name: string): number => scope.param(name)?.pid ?? -1;
