/** Traces: a server as a process of its own, and a collector that keeps what it is sent. */
import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

interface Collector {
  readonly server: Server;
  readonly endpoint: string;
  readonly received: string[];
}

async function collect(): Promise<Collector> {
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
  return { server, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

describe('traces', () => {
  it('L1: has a span for each request under the trace of its caller, and nothing of what was asked', async () => {
    const { server, endpoint, received } = await collect();
    const env = {
      PATH: process.env['PATH'],
      AUTH: 'none',
      DATA_DIR: mkdtempSync(join(tmpdir(), 'nadi-')),
      PORT: '0',
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    };
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    while (!output.includes('nadi ready at')) await once(child.stdout, 'data');
    const url = /nadi ready at (\S+)/.exec(output)?.[1] as string;
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await (await fetch(`${url}/fhir/R4/Patient/rao-1?name=Rao`, { headers: { traceparent } })).text();
    const ended = once(child, 'close');
    child.kill('SIGTERM');
    await ended;
    await new Promise((resolve) => server.close(resolve));
    const sent = received.join('');
    expect(sent).toMatch(/^\/v1\/traces /);
    expect(sent).toContain('"traceId":"4bf92f3577b34da6a3ce929d0e0e4736"');
    expect(sent).toContain('"parentSpanId":"00f067aa0ba902b7"');
    expect(sent).toContain('"name":"GET /fhir/R4/:type/:id"');
    expect(sent).not.toMatch(/rao/i);
  });
});
