import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createObserver } from '../../src/operation/observe.ts';
import { createOperationHandler, type Dependencies } from '../../src/operation/routes.ts';
import { loggerTo } from '../../src/platform/logger.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { createMetrics } from '../../src/platform/metrics.ts';
import { traceParentOf } from '../../src/platform/trace-context.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function open(dependencies: Dependencies, isDraining = false): Promise<{ url: string; lines: string[] }> {
  const metrics = createMetrics();
  const lines: string[] = [];
  const observe = createObserver({
    logger: loggerTo('info', { write: (l: string) => void lines.push(l) }),
    metrics,
    timer: () => performance.now(),
    clock: systemClock,
  });
  const handle = createOperationHandler({ dependencies, metrics, isDraining: () => isDraining });
  const server = createServer((request, response) => {
    response.setHeader('X-Request-Id', 'r-1');
    observe(request, response);
    if (!handle(request, response)) response.writeHead(404).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, lines };
}

const up = (): Promise<void> => Promise.resolve();
const down = (): Promise<void> => Promise.reject(new Error('no connection to 10.0.0.1'));

describe('operation', () => {
  it('is alive whatever it depends on', async () => {
    const { url } = await open({ database: down });
    const response = await fetch(`${url}/healthz`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'up' }]);
  });

  it('is ready when everything it depends on answers', async () => {
    const { url } = await open({ database: up, redis: up });
    const response = await fetch(`${url}/readyz`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ready', dependencies: { database: 'up', redis: 'up' } }]);
  });

  it('names what is away, without saying more', async () => {
    const { url } = await open({ database: up, redis: down });
    const response = await fetch(`${url}/readyz`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await response.json()).toEqual({ status: 'unavailable', dependencies: { database: 'up', redis: 'down' } });
  });

  it('is not ready while it drains', async () => {
    const { url } = await open({ database: up }, true);
    const response = await fetch(`${url}/readyz`);
    expect([response.status, await response.json()]).toEqual([503, { status: 'draining', dependencies: { database: 'up' } }]);
  });

  it('exposes figures of the requests before', async () => {
    const { url } = await open({});
    await fetch(`${url}/fhir/R4/Patient/1`);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('nadi_requests_total{interaction="read",status="404"} 1');
  });

  it('takes GET and HEAD, and leaves other paths alone', async () => {
    const { url } = await open({});
    const statuses = [];
    for (const [method, path] of [
      ['POST', '/healthz'],
      ['HEAD', '/healthz'],
      ['GET', '/healthz?x=1'],
      ['GET', '/healthzz'],
      ['GET', '/constructor'],
    ] as const) {
      statuses.push((await fetch(url + path, { method })).status);
    }
    expect(statuses).toEqual([405, 200, 200, 404, 404]);
  });

  it('logs a request by its route and id alone', async () => {
    const { url, lines } = await open({});
    await fetch(`${url}/fhir/R4/Patient/rao-1?name=Rao`, {
      headers: { 'X-Secret': 'Rao', traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(JSON.parse(lines[0]!)).toMatchObject({
      requestId: 'r-1',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      method: 'GET',
      route: '/fhir/R4/:type/:id',
      interaction: 'read',
      status: 404,
      msg: 'request',
    });
    expect(lines.join('')).not.toMatch(/rao/i);
  });

  it.each(['', '00-xyz', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, 'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'])(
    'begins no trace from %j',
    (header) => {
      expect(traceParentOf(header)).toBeUndefined();
    },
  );
});
