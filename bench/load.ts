/** Load from this process on a server in another one. */
import autocannon from 'autocannon';

export interface Shot {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: string;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** Requests a second of `clients` connections that shoot in turn for `seconds`. Throws when an answer isn't 2xx. */
export async function load(
  base: string,
  clients: number,
  seconds: number,
  shots: readonly Shot[],
  headers: Readonly<Record<string, string>> = {},
): Promise<LoadResult> {
  const result = await autocannon({
    url: base,
    connections: clients,
    duration: seconds,
    headers: { ...headers },
    requests: shots.map((s) => ({
      method: s.method ?? 'GET',
      path: s.path,
      ...(s.body === undefined ? {} : { body: s.body, headers: { ...headers, 'content-type': 'application/fhir+json' } }),
    })),
  });
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed > 0) throw new Error(`${failed} of ${result.requests.total} requests to ${base} failed`);
  return { perSecond: result.requests.total / result.duration, p50: result.latency.p50, p99: result.latency.p99 };
}

export const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;

export interface Comparison {
  readonly ours: number;
  readonly floor: number;
  readonly p99: number;
}

/** Ours and the floor in turn, so that a machine that slows down slows both; of the rounds, the one whose ratio is the median. */
export async function compare(rounds: number, ours: () => Promise<LoadResult>, floor: () => Promise<LoadResult>): Promise<Comparison> {
  const results: { ours: LoadResult; floor: LoadResult }[] = [];
  for (let i = 0; i < rounds; i++) results.push({ floor: await floor(), ours: await ours() });
  const ratioOf = (r: (typeof results)[number]): number => r.ours.perSecond / r.floor.perSecond;
  const { ours: us, floor: bare } = results.sort((a, b) => ratioOf(a) - ratioOf(b))[Math.floor(rounds / 2)] as (typeof results)[number];
  return { ours: us.perSecond, floor: bare.perSecond, p99: us.p99 };
}
