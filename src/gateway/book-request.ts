import type { RequestCache, RequestEnd } from '../core/books.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Call } from './call.ts';
import type { GatewayParts } from './parts.ts';

/**
 * Books the start. Not awaited: the row rides in the same commit as the first attempt, which is
 * awaited and fails when the books cannot be written.
 */
export function bookStart(parts: GatewayParts, call: Call, cache: RequestCache): void {
  const { id, request, plan, startedAtMs } = call;
  const { tier, task, strategy, rule, configHash } = plan;
  const { tenant, client } = request.caller;
  const row = {
    id,
    startedAtMs,
    kind: 'chat' as const,
    tenant,
    client,
    ...(tier && { tier }),
    ...(task && { task }),
    strategy,
    ...(rule !== undefined && { rule }),
    cache,
    configHash,
  };
  parts.ledger.recordRequest(row).catch((error: unknown) => logUnbooked(parts, call, error));
}

/** Books an end that no attempt hangs on: the answer need not wait for the disk. */
export function bookEnd(parts: GatewayParts, call: Call, end: RequestEnd): void {
  parts.ledger.endRequest(call.id, end).catch((error: unknown) => logUnbooked(parts, call, error));
}

export function bookFailure(parts: GatewayParts, call: Call, cache: RequestCache, error: GatewayError): GatewayError {
  const status = error.code === 'cancelled' ? 'cancelled' : error.code === 'stream_truncated' ? 'truncated' : 'failed';
  if (error.code === 'internal') {
    parts.logger.error({ requestId: call.id, cause: describe(error.cause) }, 'request failed inside');
  }
  bookEnd(parts, call, { status, cache, latencyMs: call.elapsedMs(), error: error.code });
  return error.with({ requestId: call.id });
}

function logUnbooked(parts: GatewayParts, call: Call, error: unknown): void {
  parts.logger.error({ requestId: call.id, cause: describe(error) }, 'a request could not be booked');
}

function describe(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
