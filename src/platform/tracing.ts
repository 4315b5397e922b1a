/**
 * Traces for OpenTelemetry, where a collector is configured: one span for each request, with its route and never what was
 * in it. The packages are loaded only then; they take half a second.
 */
import type { Context } from '@opentelemetry/api';
import type { TraceParent } from './trace-context.ts';

export interface RequestSpan {
  readonly name: string;
  readonly parent: TraceParent | undefined;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly status: number;
  readonly attributes: Readonly<Record<string, string | number>>;
}

export interface Tracing {
  record(span: RequestSpan): void;
  /** Sends what waits, and ends. */
  close(): Promise<void>;
}

export interface TracingOptions {
  /** The base of an OTLP/HTTP collector; `/v1/traces` is added. */
  readonly endpoint: string;
  readonly version: string;
}

/** Spans wait here while the collector is away; beyond, new ones are dropped, so that memory stays bounded. */
const MAX_WAITING = 4096;
const EXPORT_MS = 5000;

/** Opens the way to a collector. A collector that is away costs nothing but its spans. */
export async function openTracing({ endpoint, version }: TracingOptions): Promise<Tracing> {
  const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces`, timeoutMillis: EXPORT_MS });
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'nadi', 'service.version': version }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.AlwaysOnSampler() }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter, maxQueueSize: MAX_WAITING, exportTimeoutMillis: EXPORT_MS })],
  });
  const tracer = provider.getTracer('nadi');
  const contextOf = (parent: TraceParent | undefined): Context =>
    parent === undefined
      ? api.ROOT_CONTEXT
      : api.trace.setSpanContext(api.ROOT_CONTEXT, {
          traceId: parent.traceId,
          spanId: parent.spanId,
          traceFlags: parent.sampled ? api.TraceFlags.SAMPLED : api.TraceFlags.NONE,
          isRemote: true,
        });
  return {
    record({ name, parent, startedAt, endedAt, status, attributes }) {
      const options = { kind: api.SpanKind.SERVER, startTime: startedAt, attributes };
      const span = tracer.startSpan(name, options, contextOf(parent));
      if (status >= 500) span.setStatus({ code: api.SpanStatusCode.ERROR });
      span.end(endedAt);
    },
    close: () => provider.shutdown().catch(() => undefined),
  };
}
