import { readFileSync } from 'node:fs';
import type { AgentOptions } from 'node:https';
import {
  type Attributes,
  type Context,
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import type { ProviderId } from '../../core/model.ts';
import { addressOf, type UsableProxy } from '../../core/network/proxies.ts';
import { parseTraceparent } from '../../core/network/traceparent.ts';
import type { Observer } from '../../core/observer.ts';
import type { Logger } from '../../core/ports.ts';
import { ATTRIBUTE } from './span-names.ts';
import { type ProviderFacts, type SpanPlan, toSpans } from './to-spans.ts';

export type TracingOptions = {
  /** The collector's full address for traces: `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string;
  /** The way to it; absent where none is needed. */
  readonly proxy?: UsableProxy | undefined;
  readonly version: string;
  readonly factsOf: (id: ProviderId) => ProviderFacts | undefined;
  readonly logger: Logger;
};

export type Tracing = Observer & {
  /** Sends what waits, for a second at most. */
  close(): Promise<void>;
};

const EXPORT_MS = 2_000;
const FLUSH_MS_MAX = 1_000;
/** Spans that wait for a collector; beyond that they are dropped. */
const QUEUE_MAX = 2_048;
const COMPLAINT = 'traces cannot be sent; check that the OTLP endpoint is right and takes JSON over HTTP';
const LOSS = 'traces may be incomplete';
/** One complaint of a kind in this time is enough. */
const COMPLAINT_EVERY_MS = 300_000;

/**
 * Sends each request as OpenTelemetry spans by OTLP over HTTP. Headers, compression and the service's
 * name come from the usual `OTEL_*` variables. A collector that is down costs spans, nothing else.
 */
export function createTracing({ url, proxy, version, factsOf, logger }: TracingOptions): Tracing {
  const complain = complainSeldom(logger);
  const passed = () => undefined;
  // Its warnings alone tell of spans that found no room and of those that the collector did not take.
  const warn = (...words: unknown[]) => complain(LOSS, words.join(' '));
  diag.setLogger(
    { error: passed, warn, info: passed, debug: passed, verbose: passed },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const exporter = watched(
    new OTLPTraceExporter({ url, timeoutMillis: EXPORT_MS, ...(proxy && { httpAgentOptions: through(proxy) }) }),
    (reason) => complain(COMPLAINT, reason),
  );
  const provider = new TracerProvider({
    resource: resourceOf(version),
    spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize: QUEUE_MAX, exportTimeoutMillis: EXPORT_MS })],
  });
  const tracer = provider.getTracer('signalbox', version);
  return {
    requestEnded(event) {
      emit(tracer, toSpans(event, factsOf), remoteContext(event.traceparent));
    },
    async close() {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, FLUSH_MS_MAX);
      // What could not be sent has been complained of.
      await Promise.race([provider.shutdown().catch(() => undefined), promise]);
      clearTimeout(timer);
    },
  };
}

/** Whom it is for was decided: Node itself would take it to loopback too. Its agents know it from 22.21 and 24.5 on. */
function through(proxy: UsableProxy): AgentOptions {
  const address = addressOf(proxy);
  return {
    keepAlive: true,
    proxyEnv: { HTTP_PROXY: address, HTTPS_PROXY: address },
    // The SDK reads them for agents of its own only.
    ca: fileNamedBy('CERTIFICATE'),
    cert: fileNamedBy('CLIENT_CERTIFICATE'),
    key: fileNamedBy('CLIENT_KEY'),
  };
}

/** Undefined where it cannot be read, as with the SDK. */
function fileNamedBy(variable: string): Buffer | undefined {
  const path = process.env[`OTEL_EXPORTER_OTLP_TRACES_${variable}`] || process.env[`OTEL_EXPORTER_OTLP_${variable}`];
  try {
    return path ? readFileSync(path) : undefined;
  } catch {
    return undefined;
  }
}

function resourceOf(version: string) {
  // The SDK's own default would be `unknown_service`.
  const name = process.env.OTEL_SERVICE_NAME || 'signalbox';
  return defaultResource().merge(
    resourceFromAttributes({ [ATTRIBUTE.serviceName]: name, [ATTRIBUTE.serviceVersion]: version }),
  );
}

const KINDS = { server: SpanKind.SERVER, internal: SpanKind.INTERNAL, client: SpanKind.CLIENT } as const;

function emit(tracer: Tracer, plan: SpanPlan, parent: Context): void {
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(plan.attributes)) if (value !== undefined) attributes[name] = value;
  const span = tracer.startSpan(plan.name, { kind: KINDS[plan.kind], startTime: plan.startMs, attributes }, parent);
  if (plan.error) span.setStatus({ code: SpanStatusCode.ERROR });
  const context = trace.setSpan(parent, span);
  for (const child of plan.children) emit(tracer, child, context);
  span.end(plan.endMs);
}

function remoteContext(traceparent: string | undefined): Context {
  const from = parseTraceparent(traceparent);
  if (!from) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: from.traceId,
    spanId: from.spanId,
    traceFlags: from.sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  });
}

function complainSeldom(logger: Logger): (message: string, reason: string) => void {
  const complainedAtMs = new Map<string, number>();
  return (message, reason) => {
    const nowMs = performance.now();
    if (nowMs - (complainedAtMs.get(message) ?? Number.NEGATIVE_INFINITY) <= COMPLAINT_EVERY_MS) return;
    complainedAtMs.set(message, nowMs);
    logger.warn({ reason }, message);
  };
}

function watched(exporter: SpanExporter, complain: (reason: string) => void): SpanExporter {
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.error) complain(result.error.message);
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}
