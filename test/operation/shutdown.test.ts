import { describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { closeServer, silentConnections, stopAll } from '../../src/operation/shutdown.ts';

describe('closing a server', () => {
  it('lets accepted requests end and takes no more', async () => {
    const accepted = Promise.withResolvers<undefined>();
    const go = Promise.withResolvers<undefined>();
    const server = createServer((_request, response) => {
      accepted.resolve(undefined);
      void go.promise.then(() => response.end('done'));
    });
    const silent = silentConnections(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const answer = fetch(url).then((r) => r.text());
    await accepted.promise;
    const closed = closeServer(server, silent);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    go.resolve(undefined);
    expect(await answer).toBe('done');
    await closed;
  });

  it('answers what was on its way, and says that the connection ends', async () => {
    const server = createServer((_request, response) => response.end('done'));
    const silent = silentConnections(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\n');
    const [accepted] = (await once(server, 'connection')) as [Socket];
    while (accepted.bytesRead === 0) await setTimeout(5);
    const closed = closeServer(server, silent);
    socket.write('Host: x\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\nConnection: close\r\n/);
    await closed;
  });

  it('waits for none that is connected and asks nothing', async () => {
    const server = createServer((_request, response) => response.end('done'));
    const silent = silentConnections(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(server, 'connection');
    const ended = once(socket, 'close');
    // Longer than a test may take.
    await closeServer(server, silent, 600_000);
    expect(await ended).toEqual([false]);
  });

  it('cuts what does not end', async () => {
    const accepted = Promise.withResolvers<undefined>();
    const server = createServer(() => accepted.resolve(undefined));
    const silent = silentConnections(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const answer = fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const cut = expect(answer).rejects.toThrow('fetch failed');
    await accepted.promise;
    await closeServer(server, silent, 20);
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
