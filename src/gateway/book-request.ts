import type { AttemptSummary, RequestCache, RequestEnd, RequestStart } from '../core/books.ts';
import { type GatewayError, toDefectFields } from '../core/errors.ts';
import type { CallId } from '../core/ids.ts';
import type { ModelRef } from '../core/model.ts';
import type { RequestEvent } from '../core/observer.ts';
import type { CallerInfo } from '../core/request.ts';
import type { RoutePlan } from '../core/route-plan.ts';
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
  readonly metadata?: Readonly<Record<string, string>>;
  readonly streamed: boolean;
  readonly plan: RequestEvent['plan'] & Pick<RoutePlan, 'candidates'>;
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
  books.ledger.recordRequest(toStart(request, cache)).catch((error: unknown) => logUnbooked(books, request.id, error));
}

/** Books a request that needed no attempt: its start and its end are one row, written once. */
export function bookAtOnce(books: Books, request: BookedRequest, ending: Ending): void {
  const latencyMs = request.elapsedMs();
  books.ledger
    .recordRequest(toStart(request, ending.cache), toEnd(ending, latencyMs))
    .catch((error: unknown) => logUnbooked(books, request.id, error));
  books.observer.requestEnded(toEvent(request, ending, latencyMs));
}

function toStart({ id, startedAtMs, kind, caller, metadata, plan }: BookedRequest, cache: RequestCache): RequestStart {
  const { tier, task, strategy, rule, configHash } = plan;
  return {
    id,
    startedAtMs,
    kind,
    tenant: caller.tenant,
    client: caller.client,
    ...(caller.team !== undefined && { team: caller.team }),
    ...(caller.user !== undefined && { user: caller.user }),
    ...(metadata && { metadata }),
    ...(tier && { tier }),
    ...(task && { task }),
    strategy,
    ...(rule !== undefined && { rule }),
    cache,
    configHash,
  };
}

function toEnd(ending: Ending, latencyMs: number): RequestEnd {
  const { attempts, usage, costNanoUsd, fallbackReason, ...kept } = ending;
  return { ...kept, latencyMs };
}

/** Books the end and tells the observer. Not awaited: the attempts, which are what costs, are already settled. */
export function bookEnd(books: Books, request: BookedRequest, ending: Ending): void {
  const latencyMs = request.elapsedMs();
  books.ledger
    .endRequest(request.id, toEnd(ending, latencyMs))
    .catch((error: unknown) => logUnbooked(books, request.id, error));
  books.observer.requestEnded(toEvent(request, ending, latencyMs));
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
  const costNanoUsd = totalCost(attempts);
  const fallbackReason = reasonToFallBack(plan, attempts);
  bookEnd(books, request, {
    status: statusOf(error, cut),
    cache,
    error: error.code,
    attempts,
    ...(costNanoUsd !== undefined && { costNanoUsd }),
    ...(fallbackReason && { fallbackReason }),
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
  if (attempts.every(({ model }) => model === first)) return undefined;
  return attempts.findLast(({ model }) => model === first)?.error;
}

function toEvent(request: BookedRequest, ending: Ending, latencyMs: number): RequestEvent {
  const { id, startedAtMs, kind, caller, streamed, plan } = request;
  const { status, cache, model, error, attempts, usage, costNanoUsd, fallbackReason, verification } = ending;
  const { strategy, tier, task, rule, reason, configHash, pacing, isPinned } = plan;
  const last = lastFor(model, attempts);
  return {
    id,
    startedAtMs,
    kind,
    tenant: caller.tenant,
    client: caller.client,
    status,
    cache,
    streamed,
    plan: {
      strategy,
      reason,
      configHash,
      ...(tier && { tier }),
      ...(task && { task }),
      ...(rule && { rule }),
      ...(pacing && { pacing }),
      ...(isPinned && { isPinned }),
    },
    candidates: plan.candidates.map((candidate) => candidate.model.ref),
    attempts,
    latencyMs,
    ...(model && { model }),
    ...(error && { error }),
    ...(fallbackReason && { fallbackReason }),
    ...(verification && { verification }),
    ...(last?.firstTokenMs !== undefined && {
      firstTokenMs: Math.max(0, last.startedAtMs - startedAtMs + last.firstTokenMs),
    }),
    ...(usage && { usage }),
    ...(costNanoUsd !== undefined && { costNanoUsd }),
    ...(caller.traceparent !== undefined && { traceparent: caller.traceparent }),
    ...(caller.entry !== undefined && { entry: caller.entry }),
  };
}

/** The attempt that gave the answer; without one, the last. */
function lastFor(model: ModelRef | undefined, attempts: readonly AttemptSummary[]): AttemptSummary | undefined {
  const last = attempts.at(-1);
  if (last === undefined || model === undefined || last.model === model) return last;
  return attempts.findLast((attempt) => attempt.model === model) ?? last;
}

function logUnbooked(books: Books, requestId: CallId, error: unknown): void {
  books.logger.error({ requestId, error }, 'a request could not be booked');
}
