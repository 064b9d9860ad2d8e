import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

type AnyValue = { stringValue?: string; intValue?: number | string; doubleValue?: number; boolValue?: boolean };
type KeyValue = { readonly key: string; readonly value: AnyValue };
type OtlpSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly status: { readonly code?: number };
};
type OtlpBody = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
};

export type ReceivedSpan = Pick<OtlpSpan, 'traceId' | 'spanId' | 'parentSpanId' | 'name'> & {
  readonly kind: 'internal' | 'server' | 'client';
  readonly failed: boolean;
  readonly durationMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
};

export type OtlpReceiver = {
  readonly origin: string;
  /** All that came, whole, as it stood on the wire. */
  readonly bodies: readonly string[];
  readonly spans: () => readonly ReceivedSpan[];
  readonly resource: () => Readonly<Record<string, unknown>>;
  readonly close: () => Promise<void>;
};

/** https://opentelemetry.io/docs/specs/otlp: the numbers of SpanKind. */
const KINDS = { 1: 'internal', 2: 'server', 3: 'client' } as const;

/** A collector that keeps what it is sent; `answer` lets it fail or hang. */
export async function startOtlpReceiver(
  answer: (response: ServerResponse) => void = (response) => response.end('{}'),
): Promise<OtlpReceiver> {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    // Undefined: it was cut off, as by the end of a test while more is on its way.
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return;
    if (request.url === '/v1/traces') bodies.push(body);
    answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const parsed = () => bodies.flatMap((body) => (JSON.parse(body) as OtlpBody).resourceSpans);
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    spans: () => parsed().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(toSpan))),
    resource: () => toRecord(parsed()[0]?.resource.attributes ?? []),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function toSpan(span: OtlpSpan): ReceivedSpan {
  const { traceId, spanId, parentSpanId, name } = span;
  return {
    traceId,
    spanId,
    ...(parentSpanId && { parentSpanId }),
    name,
    kind: KINDS[span.kind as keyof typeof KINDS],
    failed: span.status.code === 2,
    durationMs: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
    attributes: toRecord(span.attributes),
  };
}

function toRecord(attributes: readonly KeyValue[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? Number(value.intValue ?? value.doubleValue),
    ]),
  );
}
