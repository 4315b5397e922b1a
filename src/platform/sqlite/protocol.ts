/** What goes between a program and its SQLite threads. */

export interface ThreadData {
  readonly file: string;
  readonly readOnly: boolean;
  readonly cacheKiB: number;
}

export interface ThreadRequest {
  readonly id: number;
  /** The module that knows the method: a URL to import. */
  readonly module: string;
  readonly method: string;
  readonly args: unknown;
}

export type ThreadReply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  /** `detail` has the error's own properties, such as `errcode` or `issues`. */
  | { readonly id: number; readonly ok: false; readonly message: string; readonly detail: Readonly<Record<string, unknown>> };
