import { expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { send } from '../../src/fhir/http/send.ts';
import { PLAIN_JSON } from '../../src/fhir/http/negotiate.ts';

const unused = (): never => {
  throw new Error('plain answers need no work');
};

it('a large answer to a slow reader leaves no listeners behind', async () => {
  const piece = Buffer.alloc(1024 * 1024, 32);
  const answer = { status: 200, headers: {}, body: Array<Buffer>(40).fill(piece) };
  const listeners = (response: ServerResponse): number => response.listenerCount('close') + response.listenerCount('error');
  const sent = Promise.withResolvers<[number, number]>();
  const server = createServer((request, response) => {
    const before = listeners(response);
    let most = 0;
    response.on('drain', () => (most = Math.max(most, listeners(response))));
    void send({ request, response, work: { indent: unused, toXml: unused } }, answer, PLAIN_JSON).then(() => sent.resolve([before, most]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const [message] = (await once(get({ port: (server.address() as AddressInfo).port }), 'response')) as [IncomingMessage];
  await once(message.resume(), 'end');
  const [before, most] = await sent.promise;
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(before + 4);
  await new Promise((resolve) => server.close(resolve));
});
