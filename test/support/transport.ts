import { onTestFinished } from 'vitest';
import type { CallContext } from '../../src/core/provider.ts';
import { createTransport, type Transport, type TransportOptions } from '../../src/providers/shared/transport.ts';

/** A transport that closes with the test. */
export function transportOf(options: Partial<TransportOptions> = {}): Transport {
  const transport = createTransport({ connectMs: 2_000, ...options });
  onTestFinished(() => transport.close());
  return transport;
}

export function contextOf(more: Partial<CallContext> = {}): CallContext {
  return { signal: new AbortController().signal, ...more };
}
