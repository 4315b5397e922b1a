/**
 * Calls that leave this server to an address that someone outside named: key sets of apps, subscriptions, providers. A name
 * is resolved once and the connection goes to the address that was checked, so that a second answer of DNS changes nothing.
 */
import { lookup as dnsLookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { Clock } from './clock.ts';
import { networksOf, plainAddress } from './networks.ts';

/** Refused, failed or too late; says nothing that the other side sent. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError';
}

export interface OutboundRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** From the first look-up to the last byte. */
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
}

export interface OutboundAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Uint8Array;
}

/** Redirects aren't followed: an answer of 3xx is given back as it is. Throws OutboundError. */
export type Outbound = (url: string, request?: OutboundRequest) => Promise<OutboundAnswer>;

interface Resolved {
  readonly address: string;
  readonly family: 4 | 6;
}

export interface OutboundOptions {
  /** Addresses, networks and host names that are reached though they are private (OUTBOUND_ALLOW). */
  readonly allow: readonly string[];
  readonly clock: Clock;
  /** All addresses of a name. */
  readonly resolve?: (host: string) => Promise<readonly Resolved[]>;
}

const TIMEOUT_MS = 5000;
const MAX_BYTES = 256 * 1024;

export function createOutbound({ allow, clock, resolve = resolveAll }: OutboundOptions): Outbound {
  const guard = createGuard(allow);
  const breaker = createBreaker(clock);
  return async (text, request = {}) => {
    const url = urlOf(text);
    breaker.assertClosed(url.host);
    const deadline = AbortSignal.timeout(request.timeoutMs ?? TIMEOUT_MS);
    try {
      const target = await checkedAddress(url, guard, resolve, deadline);
      const answer = await call(url, target, request, deadline);
      breaker.worked(url.host);
      return answer;
    } catch (error) {
      if (!(error instanceof RefusedError)) breaker.failed(url.host);
      throw error instanceof OutboundError ? error : new OutboundError('the other side could not be reached', { cause: error });
    }
  };
}

/** Refused by us, which says nothing about the other side. */
class RefusedError extends OutboundError {}

function urlOf(text: string): URL {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw new RefusedError('only http and https are called');
  if (url.username !== '' || url.password !== '') throw new RefusedError('a URL with a user name or password is not called');
  return url;
}

async function resolveAll(host: string): Promise<readonly Resolved[]> {
  const found = await dnsLookup(host, { all: true });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
}

interface Guard {
  isAllowedHost(host: string): boolean;
  isAllowed(address: string): boolean;
}

async function checkedAddress(
  url: URL,
  guard: Guard,
  resolve: (host: string) => Promise<readonly Resolved[]>,
  deadline: AbortSignal,
): Promise<Resolved> {
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const version = isIP(host);
  const found =
    version === 0 ? await untilAborted(resolve(host), deadline) : [{ address: host, family: version === 6 ? (6 as const) : (4 as const) }];
  const first = found[0];
  if (!first) throw new OutboundError('the host has no address');
  // One bad address among good ones is somebody trying.
  if (!guard.isAllowedHost(host) && !found.every(({ address }) => guard.isAllowed(address)))
    throw new RefusedError('this host is not one that the server may call');
  // Without TLS anyone on the way reads and writes along: only where the operator said so.
  if (url.protocol === 'http:' && !guard.isAllowedHost(host) && isPublic(first.address))
    throw new RefusedError('hosts outside are called over https only');
  return first;
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(new OutboundError('no answer in time'));
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([work, aborted.promise]).finally(() => signal.removeEventListener('abort', abort));
}

/** https://www.iana.org/assignments/iana-ipv4-special-registry and its sister for IPv6 */
const SPECIAL: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

const isSpecial = networksOf(SPECIAL);

/** What is no address is nowhere. */
const isPublic = (address: string): boolean => isIP(plainAddress(address)) !== 0 && !isSpecial(address);

function createGuard(allow: readonly string[]): Guard {
  const isNetwork = (entry: string): boolean => isIP(entry.split('/', 1)[0] ?? '') !== 0;
  const isAllowedNetwork = networksOf(allow.filter(isNetwork));
  const hosts = new Set(allow.filter((entry) => !isNetwork(entry)).map((entry) => entry.toLowerCase()));
  return {
    isAllowedHost: (host) => hosts.has(host.toLowerCase()),
    isAllowed: (address) => isPublic(address) || isAllowedNetwork(address),
  };
}

/** The name goes into Host and the certificate's check, the address is the one that was looked at. */
function call(url: URL, target: Resolved, request: OutboundRequest, signal: AbortSignal): Promise<OutboundAnswer> {
  const options: RequestOptions = {
    method: request.method ?? 'GET',
    headers: { ...request.headers, 'User-Agent': 'nadi', 'Accept-Encoding': 'identity', Connection: 'close' },
    agent: false,
    signal,
    lookup: (_host, { all }, done) => (all ? done(null, [target]) : done(null, target.address, target.family)),
  };
  const { promise, resolve, reject } = Promise.withResolvers<OutboundAnswer>();
  const sent = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options);
  sent.once('error', (error) => reject(new OutboundError('the other side could not be reached', { cause: error })));
  sent.once('response', (response) => collect(response, request.maxBytes ?? MAX_BYTES).then(resolve, reject));
  sent.end(request.body);
  return promise.finally(() => sent.destroy());
}

async function collect(response: IncomingMessage, limit: number): Promise<OutboundAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new OutboundError(`the answer has more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

const FAILURES = 5;
const OPEN_MS = 30_000;
const MAX_HOSTS = 10_000;

interface Breaker {
  assertClosed(host: string): void;
  worked(host: string): void;
  failed(host: string): void;
}

/** A host that failed several times in a row is left alone for a while. */
function createBreaker(clock: Clock): Breaker {
  const failures = new Map<string, { count: number; at: number }>();
  return {
    assertClosed(host) {
      const state = failures.get(host);
      if (state && state.count >= FAILURES && clock.now() - state.at < OPEN_MS)
        throw new RefusedError('this host failed several times just now');
    },
    worked: (host) => void failures.delete(host),
    failed(host) {
      if (failures.size >= MAX_HOSTS) failures.clear();
      failures.set(host, { count: (failures.get(host)?.count ?? 0) + 1, at: clock.now() });
    },
  };
}
