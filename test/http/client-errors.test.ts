/** What the HTTP parser refuses is answered as well, in the form of any other error outside of FHIR. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { answerClientErrors } from '../../src/fhir/http/client-errors.ts';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function listen(handle: RequestListener, options: ServerOptions = {}): Promise<Server> {
  const server = createServer(options);
  servers.push(server);
  answerClientErrors(server, () => 'made-1');
  server.on('request', handle);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

const open = (server: Server): Socket => connect((server.address() as AddressInfo).port, '127.0.0.1');

/** Sends the text, and takes in all that comes back until the server closes the connection. */
async function exchange(server: Server, text: string): Promise<string> {
  const socket = open(server);
  let answer = '';
  socket.on('data', (chunk: Buffer) => void (answer += chunk.toString()));
  socket.on('error', () => undefined);
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

const ended: RequestListener = (request, response) => void request.resume().once('end', () => response.end('fine'));

const isProblem = (answer: string, status: number, kind: string): void => {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z]`));
  expect(head).toMatch(/^Content-Type: application\/problem\+json\r$/m);
  expect(head).toMatch(/^Connection: close\r$/m);
  expect(head).toMatch(/^X-Request-Id: made-1\r$/m);
  expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
  expect(JSON.parse(body)).toMatchObject({ status, type: expect.stringMatching(`#${kind}$`), requestId: 'made-1' });
};

describe('what the HTTP parser refuses', () => {
  it.each([
    ['no HTTP', 'NONSENSE\r\n\r\n', 400, 'malformed-request'],
    ['a header that is none', `${GET}a b: c\r\n\r\n`, 400, 'malformed-request'],
    ['two lengths', `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400, 'malformed-request'],
    ['headers over the limit', `${GET}X-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers-too-large'],
    ['a chunk without a length', `${POST}zz\r\n`, 400, 'malformed-request'],
    ['chunk extensions over the limit', `${POST}1;${'x'.repeat(20_000)}\r\na\r\n`, 413, 'too-large'],
  ])('is answered with a problem: %s', async (_what, text, status, kind) => {
    isProblem(await exchange(await listen(ended), text), status, kind);
  });

  it('and what does not arrive in time', async () => {
    const server = await listen(ended, { headersTimeout: 100, requestTimeout: 100, connectionsCheckingInterval: 20 });
    isProblem(await exchange(server, GET), 408, 'request-timeout');
    isProblem(await exchange(server, `${POST}5\r\nab`), 408, 'request-timeout');
  });

  it('comes behind an answer that is complete', async () => {
    const server = await listen(ended);
    const socket = open(server);
    socket.write(`${GET}\r\n`);
    await once(socket, 'data');
    let second = '';
    socket.on('data', (chunk: Buffer) => void (second += chunk.toString()));
    socket.write('NONSENSE\r\n\r\nNONSENSE\r\n\r\n');
    await once(socket, 'close');
    isProblem(second, 400, 'malformed-request');
  });

  it('is never taken for the answer to a request before it, nor mixed into one', async () => {
    const silent = await listen(() => undefined);
    expect(await exchange(silent, `${GET}\r\nNONSENSE\r\n\r\n`)).toBe('');
    const begun = await listen((_request, response) => void response.writeHead(200, { 'Content-Length': 9 }).write('half'));
    expect(await exchange(begun, `${POST}zz\r\n`)).toMatch(/^(HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nhalf)?$/);
  });

  it('leaves the server well when the client is gone', async () => {
    const server = await listen(ended);
    for (let i = 0; i < 50; i++) {
      const socket = open(server);
      await once(socket, 'connect');
      socket.write('NONSENSE\r\n\r\n');
      if (i % 2 === 0) socket.resetAndDestroy();
      else socket.destroy();
    }
    expect(await exchange(server, `${GET}Connection: close\r\n\r\n`)).toContain('fine');
  });
});
