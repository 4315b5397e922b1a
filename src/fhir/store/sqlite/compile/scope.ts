/** What is searched: one type of one clinic. */
export interface Scope {
  readonly cid: number;
  readonly tid: number;
  readonly type: string;
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
