import { expect, it } from '@jest/globals';
import { createMetrics } from '../../src/platform/metrics.ts';

it('exposes requests by interaction and status, their durations, and the process', async () => {
  const metrics = createMetrics();
  metrics.countRequest('read', 200, 3);
  metrics.countRequest('read', 200, 30);
  metrics.countRequest('create', 422, 1);
  const { contentType, text } = await metrics.expose();
  expect(contentType).toContain('text/plain');
  expect(text).toContain('nadi_requests_total{interaction="read",status="200"} 2');
  expect(text).toContain('nadi_requests_total{interaction="create",status="422"} 1');
  expect(text).toContain('nadi_request_duration_seconds_bucket{le="0.005",interaction="read"} 1');
  expect(text).toContain('nadi_process_resident_memory_bytes');
  expect(text).toContain('nadi_nodejs_eventloop_lag_p99_seconds');
});
