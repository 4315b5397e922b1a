import { describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeServer, stopAll } from '../../src/operation/shutdown.ts';

describe('closing a server', () => {
  it('lets accepted requests end and takes no more', async () => {
    const accepted = Promise.withResolvers<undefined>();
    const go = Promise.withResolvers<undefined>();
    const server = createServer((_request, response) => {
      accepted.resolve(undefined);
      void go.promise.then(() => response.end('done'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const answer = fetch(url).then((r) => r.text());
    await accepted.promise;
    const closed = closeServer(server);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    go.resolve(undefined);
    expect(await answer).toBe('done');
    await closed;
  });

  it('cuts what does not end', async () => {
    const accepted = Promise.withResolvers<undefined>();
    const server = createServer(() => accepted.resolve(undefined));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const answer = fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const cut = expect(answer).rejects.toThrow('fetch failed');
    await accepted.promise;
    await closeServer(server, 20);
    await cut;
  });
});

it('stops all, in order, whatever fails', async () => {
  const stopped: string[] = [];
  const failed = await stopAll([
    { name: 'a', stop: () => void stopped.push('a') },
    { name: 'b', stop: () => Promise.reject(new Error('no')) },
    { name: 'c', stop: () => Promise.resolve(stopped.push('c')).then(() => undefined) },
  ]);
  expect([stopped, failed]).toEqual([['a', 'c'], ['b']]);
});
