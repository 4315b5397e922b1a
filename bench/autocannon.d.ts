/** What the benchmarks use of autocannon, which brings no types. */
declare module 'autocannon' {
  interface Options {
    readonly url: string;
    readonly connections: number;
    readonly duration: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly requests: readonly { method: string; path: string; body?: string; headers?: Record<string, string> }[];
  }
  interface Result {
    readonly requests: { readonly total: number };
    readonly latency: { readonly p50: number; readonly p99: number };
    readonly duration: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly non2xx: number;
    readonly errors: number;
    readonly timeouts: number;
  }
  const autocannon: (options: Options) => Promise<Result>;
  export { autocannon as default };
}
