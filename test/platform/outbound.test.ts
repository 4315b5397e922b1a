/** N1: calls to addresses that outsiders name. Each refused one is listened for: nothing arrives there. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createOutbound, OutboundError, type OutboundOptions } from '../../src/platform/outbound.ts';
import { movableClock } from '../smart-auth/clock.ts';

describe('N1: outgoing calls', () => {
  const arrived: IncomingMessage[] = [];
  let server: Server;
  let port: number;

  beforeAll(async () => {
    server = createServer((request, response) => {
      arrived.push(request);
      if (request.url === '/redirect') response.writeHead(302, { Location: 'http://169.254.169.254/latest/meta-data' }).end();
      else if (request.url === '/large') response.end(Buffer.alloc(300 * 1024));
      else if (request.url === '/endless') response.write('x');
      else if (request.url === '/broken') response.destroy();
      else response.end('{"keys":[]}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => void (arrived.length = 0));

  const LOCAL = [{ address: '127.0.0.1', family: 4 as const }];
  const outbound = (more: Partial<OutboundOptions> = {}) =>
    createOutbound({ allow: [], clock: movableClock(), resolve: async () => LOCAL, ...more });

  it.each([
    'http://127.0.0.1:PORT/',
    'http://127.1:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f000001:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://0.0.0.0:PORT/',
    'http://[::1]:PORT/',
    'http://[::]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://[::ffff:7f00:1]:PORT/',
    'http://[64:ff9b::7f00:1]:PORT/',
    'http://localhost:PORT/',
    'http://localhost.:PORT/',
    'http://127.0.0.1.nip.io:PORT/',
    'http://allowed.example.evil.example:PORT/',
    'http://allowed.example@127.0.0.1:PORT/',
    'https://169.254.169.254/latest/meta-data',
    'https://[fd00:ec2::254]/latest/meta-data',
    'https://[::ffff:a9fe:a9fe]/',
    'https://10.0.0.5/',
    'https://172.16.3.4/',
    'https://192.168.1.1/',
    'https://100.64.0.1/',
    'https://[fe80::1]/',
    'file:///etc/passwd',
    'gopher://127.0.0.1:PORT/',
    'not a url',
  ])('%s is not called', async (url) => {
    const call = outbound({ allow: ['allowed.example'] });
    await expect(call(url.replace('PORT', String(port)))).rejects.toThrow(OutboundError);
    expect(arrived).toHaveLength(0);
  });

  it('the same is called where OUTBOUND_ALLOW names address, network or host', async () => {
    for (const allow of ['127.0.0.1', '127.0.0.0/8', 'keys.example']) {
      expect((await outbound({ allow: [allow] })(`http://keys.example:${port}/`)).status).toBe(200);
    }
    expect(arrived).toHaveLength(3);
    expect(arrived[0]?.headers.host).toBe(`keys.example:${port}`);
  });

  it('a name with one private address among public ones is not called', async () => {
    const mixed = [{ address: '93.184.216.34', family: 4 as const }, ...LOCAL];
    await expect(outbound({ resolve: async () => mixed })(`https://mixed.example:${port}/`)).rejects.toThrow(
      'not one that the server may call',
    );
  });

  it('DNS rebinding: a name is resolved once, and the address that was checked is the one that is called', async () => {
    const answers = [LOCAL, [{ address: '127.0.0.9', family: 4 as const }]];
    let asked = 0;
    const call = outbound({ allow: ['127.0.0.1'], resolve: async () => answers[asked++] ?? [] });
    expect((await call(`http://rebind.example:${port}/`)).status).toBe(200);
    expect(asked).toBe(1);
    await expect(call(`http://rebind.example:${port}/`)).rejects.toThrow('not one that the server may call');
  });

  it('a redirect is not followed', async () => {
    const answer = await outbound({ allow: ['127.0.0.1'] })(`http://127.0.0.1:${port}/redirect`, { headers: { Authorization: 'secret' } });
    expect(answer.status).toBe(302);
    expect(arrived).toHaveLength(1);
  });

  it('hosts outside are called over TLS only', async () => {
    const resolve = async () => [{ address: '93.184.216.34', family: 4 as const }];
    await expect(outbound({ resolve })('http://public.example/')).rejects.toThrow('https only');
  });

  it('an answer that is too large, never ends or breaks off is given up', async () => {
    const call = outbound({ allow: ['127.0.0.1'] });
    await expect(call(`http://127.0.0.1:${port}/large`)).rejects.toThrow('bytes');
    await expect(call(`http://127.0.0.1:${port}/endless`, { timeoutMs: 100 })).rejects.toThrow(OutboundError);
    await expect(call(`http://127.0.0.1:${port}/broken`)).rejects.toThrow(OutboundError);
    const slow = outbound({ resolve: () => new Promise(() => undefined) });
    await expect(slow('https://slow.example/', { timeoutMs: 50 })).rejects.toThrow('no answer in time');
  });

  it('a host that failed five times is left alone for half a minute', async () => {
    const clock = movableClock();
    const call = outbound({ allow: ['127.0.0.1'], clock });
    for (let i = 0; i < 5; i += 1) await expect(call(`http://127.0.0.1:${port}/broken`)).rejects.toThrow(OutboundError);
    const seen = arrived.length;
    await expect(call(`http://127.0.0.1:${port}/`)).rejects.toThrow('failed several times');
    expect(arrived).toHaveLength(seen);
    clock.advance(30_000);
    expect((await call(`http://127.0.0.1:${port}/`)).status).toBe(200);
  });
});
