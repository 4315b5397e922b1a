import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { pingRedis } from '../../src/operation/redis.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Says `answers` one after another, whatever it is asked, and keeps what it was asked. */
async function fakeRedis(answers: readonly string[]): Promise<{ address: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      asked.push(data.toString());
      for (const answer of answers) socket.write(answer);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe('asking Redis', () => {
  it('is answered by one that serves', async () => {
    const { address, asked } = await fakeRedis(['+PO', 'NG\r\n']);
    await expect(pingRedis(`redis://${address}/0`, 1000)).resolves.toBeUndefined();
    expect(asked).toEqual(['*1\r\n$4\r\nPING\r\n']);
  });

  it('signs in first where the URL has a password', async () => {
    const { address, asked } = await fakeRedis(['+OK\r\n', '+PONG\r\n']);
    await pingRedis(`redis://app:p%40ss@${address}`, 1000);
    expect(asked).toEqual(['*3\r\n$4\r\nAUTH\r\n$3\r\napp\r\n$4\r\np@ss\r\n*1\r\n$4\r\nPING\r\n']);
  });

  it.each([
    ['an error', ['-NOAUTH Authentication required.\r\n'], 'refused'],
    ['silence', [], 'no answer in time'],
  ])('takes %s for no', async (_what, answers, message) => {
    const { address } = await fakeRedis(answers);
    await expect(pingRedis(`redis://${address}`, 100)).rejects.toThrow(message);
  });

  it('takes nobody there for no', async () => {
    await expect(pingRedis('redis://127.0.0.1:1', 500)).rejects.toThrow('ECONNREFUSED');
  });

  const real = process.env['TEST_REDIS_URL'];
  // Redis is no part of `npm test` on its own; CI names one.
  (real ? it : it.skip)('works with the real one', async () => {
    await expect(pingRedis(real ?? '', 2000)).resolves.toBeUndefined();
  });
});
