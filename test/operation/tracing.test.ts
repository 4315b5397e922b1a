/** Traces: a server as a process of its own, and a collector that keeps what it is sent. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killPrograms, serve } from '../served/program.ts';
import { openCollector } from './collector.ts';

afterEach(killPrograms);

describe('traces', () => {
  it('L1: has a span for each request under the trace of its caller, and nothing of what was asked', async () => {
    const collector = await openCollector();
    const { url, child, ended } = await serve({
      AUTH: 'none',
      DATA_DIR: mkdtempSync(join(tmpdir(), 'nadi-')),
      PORT: '0',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    });
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await (await fetch(`${url}/fhir/R4/Patient/rao-1?name=Rao`, { headers: { traceparent } })).text();
    child.kill('SIGTERM');
    await ended;
    await collector.close();
    const sent = collector.received.join('');
    expect(sent).toMatch(/^\/v1\/traces /);
    expect(sent).toContain('"traceId":"4bf92f3577b34da6a3ce929d0e0e4736"');
    expect(sent).toContain('"parentSpanId":"00f067aa0ba902b7"');
    expect(sent).toContain('"name":"GET /fhir/R4/:type/:id"');
    expect(sent).not.toMatch(/rao/i);
  });
});
