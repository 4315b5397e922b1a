/** Memory for bodies is shared: small ones pass, large ones wait, and nobody keeps what isn't used. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createBodyBudget, MEMORY_FACTOR, SMALL_BODY, type Share } from '../../src/fhir/http/body-budget.ts';
import { client, onEachStore, type TestApp } from './harness.ts';

const MB = 1_000_000;
const OPTIONS = { bytes: 10 * MB * MEMORY_FACTOR, waitMs: 60_000, maxWaiting: 8 };

describe('budget', () => {
  it('lets in what fits, the others in the order they came', async () => {
    const budget = createBodyBudget(OPTIONS);
    const order: string[] = [];
    const [first, second, third] = [budget.open(), budget.open(), budget.open()];
    expect(first.take(6 * MB)).toBeUndefined();
    const waits = [second, third].map(async (share, i) => {
      await share.take((i === 0 ? 6 : 1) * MB);
      order.push(`waited ${i}`);
    });
    expect(budget.open().take(SMALL_BODY)).toBeUndefined();
    expect(budget.used).toBe(6 * MB * MEMORY_FACTOR);
    first.release();
    await Promise.all(waits);
    expect(order).toEqual(['waited 0', 'waited 1']);
    expect(budget.used).toBe(7 * MB * MEMORY_FACTOR);
    for (const share of [second, third]) share.release();
    expect(budget.used).toBe(0);
  });

  it('refuses when too many wait, and what has waited too long', async () => {
    const budget = createBodyBudget({ ...OPTIONS, waitMs: 1, maxWaiting: 1 });
    expect(budget.open().take(10 * MB)).toBeUndefined();
    const waiting = budget.open().take(MB);
    await expect(budget.open().take(MB)).rejects.toMatchObject({ kind: 'unavailable', retryAfter: 5 });
    await expect(waiting).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('serves those that have a part before those that have none', async () => {
    const budget = createBodyBudget(OPTIONS);
    const [grows, stays, late] = [budget.open(), budget.open(), budget.open()];
    expect(grows.take(4 * MB)).toBeUndefined();
    expect(stays.take(6 * MB)).toBeUndefined();
    const order: string[] = [];
    const newcomer = late.take(MB)?.then(() => order.push('newcomer'));
    const rest = grows.take(8 * MB)?.then(() => order.push('rest'));
    stays.release();
    await Promise.all([newcomer, rest]);
    expect(order).toEqual(['rest', 'newcomer']);
  });

  it('refuses one when all that is given out waits for more', async () => {
    const budget = createBodyBudget(OPTIONS);
    const shares: Share[] = [budget.open(), budget.open()];
    for (const share of shares) expect(share.take(5 * MB)).toBeUndefined();
    const first = shares[0]?.take(9 * MB);
    await expect(shares[1]?.take(9 * MB)).rejects.toMatchObject({ kind: 'unavailable' });
    shares[1]?.release();
    await first;
    expect(budget.used).toBe(9 * MB * MEMORY_FACTOR);
  });

  it('takes back what is given up while it is waited for', async () => {
    const budget = createBodyBudget(OPTIONS);
    const [holder, waiting] = [budget.open(), budget.open()];
    expect(holder.take(10 * MB)).toBeUndefined();
    const room = waiting.take(5 * MB);
    waiting.release();
    await expect(room).rejects.toMatchObject({ kind: 'unavailable' });
    holder.release();
    expect(budget.used).toBe(0);
    expect(budget.open().take(10 * MB)).toBeUndefined();
  });

  it('takes a body that is larger than all there is as all there is', () => {
    const budget = createBodyBudget(OPTIONS);
    expect(budget.open().take(50 * MB)).toBeUndefined();
    expect(budget.used).toBe(OPTIONS.bytes);
  });
});

onEachStore('large bodies', (open) => {
  const BODY = 2 * MB;
  let app: TestApp;
  let peak = 0;
  beforeAll(async () => {
    app = await open({ budget: { bytes: 2 * BODY * MEMORY_FACTOR, maxWaiting: 100 }, limits: { bodyGraceMs: 200 } });
    const { budget } = app;
    const { open: openShare } = budget;
    // What is given out is looked at after each step.
    budget.open = () => {
      const share = openShare();
      const look = (): void => void (peak = Math.max(peak, budget.used));
      return {
        take: (bytes) => {
          const room = share.take(bytes);
          look();
          return room?.then(look);
        },
        release: () => share.release(),
      };
    };
  }, 60_000);
  afterAll(() => app.close());

  const bundle = (n: number): string =>
    JSON.stringify({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: Array.from({ length: 20 }, (_, i) => ({
        resource: { resourceType: 'Basic', id: `b${n}-${i}`, code: { text: 'x'.repeat(BODY / 20 - 200) } },
        request: { method: 'PUT', url: `Basic/b${n}-${i}` },
      })),
    });

  it('are all answered, and never have more than the budget together', async () => {
    peak = 0;
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => client(app).post('', bundle(n))));
    expect(answers.map((a) => a.status)).toEqual(Array(10).fill(200));
    expect(peak).toBeGreaterThan(BODY * MEMORY_FACTOR * 0.9);
    expect(peak).toBeLessThanOrEqual(2 * BODY * MEMORY_FACTOR);
    expect(app.budget.used).toBe(0);
  }, 60_000);

  it('without a length count as they grow', async () => {
    peak = 0;
    const gzip = { 'Content-Encoding': 'gzip' };
    const answers = await Promise.all(Array.from({ length: 4 }, (_, n) => client(app).post('', gzipSync(bundle(n)), gzip)));
    expect(answers.filter((a) => a.status === 200).length).toBeGreaterThan(0);
    for (const { status, headers } of answers) if (status !== 200) expect([status, headers['retry-after']]).toEqual([503, '5']);
    expect(peak).toBeGreaterThan(BODY * MEMORY_FACTOR * 0.9);
    expect(peak).toBeLessThanOrEqual(2 * BODY * MEMORY_FACTOR);
    expect(app.budget.used).toBe(0);
  }, 60_000);

  /** A POST to the base whose body is only begun. */
  const begin = async (bytes: number): Promise<ClientRequest> => {
    const { port } = app.server.address() as AddressInfo;
    const headers = { 'Content-Type': 'application/fhir+json', 'Content-Length': String(bytes) };
    const sent = httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/fhir/R4', headers, agent: new Agent() });
    sent.on('error', () => undefined);
    sent.write('{"resourceType":"Bundle",');
    while (app.budget.used === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    return sent;
  };

  it('that come too slowly give back what they have', async () => {
    const slow = await begin(2 * BODY);
    const [answer] = (await once(slow, 'response')) as [IncomingMessage];
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5']);
    expect(app.budget.used).toBe(0);
    slow.destroy();
    expect((await client(app).post('', bundle(1))).status).toBe(200);
  }, 60_000);

  it('that are broken off give back what they have', async () => {
    const aborted = await begin(2 * BODY);
    const others = client(app).post('', bundle(2));
    aborted.destroy();
    expect((await others).status).toBe(200);
    expect(app.budget.used).toBe(0);
  }, 60_000);
});
