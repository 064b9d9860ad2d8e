import { onTestFinished } from 'vitest';
import type { CallContext } from '../../src/core/provider.ts';
import { Exchange } from '../../src/providers/shared/exchange.ts';
import {
  createTransport,
  type Transport,
  type TransportOptions,
} from '../../src/providers/shared/transport/transport.ts';

/** A transport that closes with the test. */
export function transportOf(options: Partial<TransportOptions> = {}): Transport {
  const transport = createTransport({ connectMs: 2_000, ...options });
  onTestFinished(() => transport.close());
  return transport;
}

export function contextOf(more: Partial<CallContext> = {}): CallContext {
  return { signal: new AbortController().signal, ...more };
}

/** The `fetch` that an SDK gets for one call. */
export function fetchOf(transport: Transport, context: CallContext = contextOf()): typeof fetch {
  const settings = { id: 'x', kind: 'openai', keys: [], status: 'configured' } as const;
  return new Exchange({ transport, settings }, { context }).fetch;
}
