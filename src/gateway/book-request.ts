import type { AttemptSummary, RequestCache, RequestEnd, RequestStart } from '../core/books.ts';
import { type GatewayError, toDefectFields } from '../core/errors.ts';
import type { CallId } from '../core/ids.ts';
import type { ModelRef } from '../core/model.ts';
import type { RequestEvent } from '../core/observer.ts';
import type { CallerInfo } from '../core/request.ts';
import { totalCost } from './attempt-costs.ts';
import type { GatewayParts } from './parts.ts';

type Books = Pick<GatewayParts, 'ledger' | 'logger' | 'observer'>;

/** A request as the books and the observer know it. */
export type BookedRequest = {
  readonly id: CallId;
  readonly startedAtMs: number;
  readonly kind: 'chat' | 'embed';
  readonly caller: CallerInfo;
  /** What the caller said of the request. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly streamed: boolean;
  readonly plan: RequestEvent['plan'];
  readonly elapsedMs: () => number;
};

/** How it ended; what the books do not keep is for the observer. */
export type Ending = Omit<RequestEnd, 'latencyMs'> &
  Pick<RequestEvent, 'attempts' | 'usage' | 'costNanoUsd' | 'fallbackReason'>;

/**
 * Books the start. Not awaited: the row rides in the same commit as the first attempt, which is
 * awaited and fails when the books cannot be written.
 */
export function bookStart(books: Books, request: BookedRequest, cache: RequestCache): void {
  logUnbooked(books, request, books.ledger.recordRequest(toStart(request, cache)));
}

/** The same of a request that needed no attempt: its start and its end are one row, written once. */
export function bookAtOnce(books: Books, request: BookedRequest, ending: Ending): number {
  const latencyMs = request.elapsedMs();
  logUnbooked(books, request, books.ledger.recordRequest(toStart(request, ending.cache), toEnd(ending, latencyMs)));
  books.observer.requestEnded(toEvent(request, ending, latencyMs));
  return latencyMs;
}

function toStart({ id, startedAtMs, kind, caller, metadata, plan }: BookedRequest, cache: RequestCache): RequestStart {
  const { tenant, client, team, user } = caller;
  const { tier, task, strategy, rule, configHash } = plan;
  return { id, startedAtMs, kind, tenant, client, team, user, metadata, tier, task, strategy, rule, cache, configHash };
}

function toEnd(ending: Ending, latencyMs: number): RequestEnd {
  const { status, cache, model, error, savedNanoUsd, coalescedInto, verification } = ending;
  return { status, cache, latencyMs, model, error, savedNanoUsd, coalescedInto, verification };
}

/**
 * Books the end and tells the observer. Not awaited: the attempts, which are what costs, are already settled.
 * Returns how long the request took, in milliseconds.
 */
export function bookEnd(books: Books, request: BookedRequest, ending: Ending): number {
  const latencyMs = request.elapsedMs();
  logUnbooked(books, request, books.ledger.endRequest(request.id, toEnd(ending, latencyMs)));
  books.observer.requestEnded(toEvent(request, ending, latencyMs));
  return latencyMs;
}

/** Books how a request failed and gives the error its id. `cut`: some of the answer had reached the caller. */
export function bookFailure(
  books: Books,
  request: BookedRequest,
  { error, cache, cut = false }: { readonly error: GatewayError; readonly cache: RequestCache; readonly cut?: boolean },
): GatewayError {
  const { id, plan } = request;
  if (error.code === 'internal')
    books.logger.error({ requestId: id, ...toDefectFields(error) }, 'request failed inside');
  const { attempts } = error;
  bookEnd(books, request, {
    status: statusOf(error, cut),
    cache,
    error: error.code,
    attempts,
    usage: attempts.findLast(({ usage }) => usage && usage.source !== 'none')?.usage,
    costNanoUsd: totalCost(attempts),
    fallbackReason: reasonToFallBack(plan, attempts),
  });
  return error.with({ requestId: id });
}

function statusOf({ code }: GatewayError, cut: boolean): RequestEnd['status'] {
  if (code === 'cancelled') return 'cancelled';
  return cut || code === 'stream_truncated' ? 'truncated' : 'failed';
}

/** What ended the turn of the plan's first candidate, once another one had to be asked. */
export function reasonToFallBack(
  { candidates }: BookedRequest['plan'],
  attempts: readonly AttemptSummary[],
): RequestEvent['fallbackReason'] {
  const first = candidates[0]?.model.ref;
  const asked = inTurn(attempts);
  if (asked.every(({ model }) => model === first)) return undefined;
  return asked.findLast(({ model }) => model === first)?.error;
}

/** Without who was asked beside the first, to compare. */
function inTurn(attempts: readonly AttemptSummary[]): readonly AttemptSummary[] {
  return attempts.filter(({ role }) => role !== 'peer');
}

function toEvent(request: BookedRequest, ending: Ending, latencyMs: number): RequestEvent {
  const { id, startedAtMs, kind, caller, streamed, plan } = request;
  const { status, cache, model, error, attempts, usage, costNanoUsd, fallbackReason, verification } = ending;
  const { tenant, client, traceparent, entry } = caller;
  return {
    id,
    startedAtMs,
    kind,
    tenant,
    client,
    status,
    cache,
    streamed,
    plan,
    model,
    fallbackReason,
    attempts,
    latencyMs,
    firstTokenMs: firstTokenMs(startedAtMs, lastFor(model, inTurn(attempts))),
    usage,
    costNanoUsd,
    error,
    verification,
    traceparent,
    entry,
  };
}

function firstTokenMs(startedAtMs: number, attempt: AttemptSummary | undefined): number | undefined {
  if (attempt?.firstTokenMs === undefined) return undefined;
  return Math.max(0, attempt.startedAtMs - startedAtMs + attempt.firstTokenMs);
}

/** The attempt that gave the answer; without one, the last. */
function lastFor(model: ModelRef | undefined, attempts: readonly AttemptSummary[]): AttemptSummary | undefined {
  const last = attempts.at(-1);
  if (last === undefined || model === undefined || last.model === model) return last;
  return attempts.findLast((attempt) => attempt.model === model) ?? last;
}

function logUnbooked({ logger }: Books, { id }: BookedRequest, booking: Promise<void>): void {
  booking.catch((error: unknown) => logger.error({ requestId: id, error }, 'a request could not be booked'));
}
