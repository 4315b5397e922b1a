/** Figures for Prometheus. Labels come from closed lists: never an id, a clinic or a value of a request. */
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

export interface Metrics {
  /** `ms` since the request arrived. */
  countRequest(interaction: string, status: number, ms: number): void;
  /** The exposition text, and its content type. */
  expose(): Promise<{ readonly contentType: string; readonly text: string }>;
}

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];

/** A registry of its own, with figures of the process and its event loop. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'nadi_', eventLoopMonitoringPrecision: 20 });
  const registers = [registry];
  const requests = new Counter({
    name: 'nadi_requests_total',
    help: 'Requests answered, by interaction and status',
    labelNames: ['interaction', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'nadi_request_duration_seconds',
    help: 'From the arrival of a request to the end of its answer',
    labelNames: ['interaction'],
    buckets: BUCKETS,
    registers,
  });
  return {
    countRequest: (interaction, status, ms) => {
      requests.inc({ interaction, status });
      durations.observe({ interaction }, ms / 1000);
    },
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
