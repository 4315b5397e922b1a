/** An OTLP collector that keeps what it is sent. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Collector {
  readonly endpoint: string;
  /** Path and body of each request. */
  readonly received: readonly string[];
  close(): Promise<void>;
}

export async function openCollector(): Promise<Collector> {
  const received: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        received.push(`${request.url} ${Buffer.concat(chunks).toString()}`);
        response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
