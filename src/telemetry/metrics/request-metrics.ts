import { Counter, Histogram, type Registry } from 'prom-client';
import type { AttemptSummary } from '../../core/books.ts';
import type { ErrorCode } from '../../core/error-codes.ts';
import { type ModelRef, parseModelRef } from '../../core/model.ts';
import { toUsd } from '../../core/money.ts';
import type { RequestEvent } from '../../core/observer.ts';
import type { Usage } from '../../core/usage.ts';
import { createLabelValues, OTHER } from './label-values.ts';

/** Of model calls: from a cached prompt on fast hardware to a reasoning model that thinks for minutes. */
const CALL_BUCKETS_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640];
const FIRST_TOKEN_BUCKETS_SECONDS = [0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 12, 25, 50, 120];
/** Of our own work: a millisecond or so, and the waits before a retry. */
const OVERHEAD_BUCKETS_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** What every request and every refusal adds to. */
export type RequestMetrics = {
  recordRequest(event: RequestEvent): void;
  recordRefusal(code: ErrorCode): void;
};

/** `isKnownModel`: configured or in the catalogue; any other is counted as `other`. */
export function createRequestMetrics(registry: Registry, isKnownModel: (ref: ModelRef) => boolean): RequestMetrics {
  const meters = defineMeters(registry);
  const models = createLabelValues((ref) => isKnownModel(ref as ModelRef));

  function labelsOf(ref: ModelRef): ModelLabels {
    const model = models.of(ref);
    return { provider: (model !== OTHER && parseModelRef(model)?.provider) || OTHER, model };
  }

  function recordAttempt(attempt: AttemptSummary): void {
    const labels = labelsOf(attempt.model);
    meters.attempts.inc({ ...labels, status: attempt.status });
    if (attempt.error) meters.attemptErrors.inc({ provider: labels.provider, code: attempt.error });
    // Nothing left, so nothing upstream took any time.
    if (attempt.status === 'not_sent') return;
    meters.upstream.observe(labels, attempt.latencyMs / 1_000);
    if (attempt.usage) countTokens(meters, labels, attempt.usage);
    if (attempt.costNanoUsd) meters.cost.inc(labels, toUsd(attempt.costNanoUsd));
  }

  return {
    recordRequest(event) {
      const { kind, status, cache, attempts } = event;
      meters.requests.inc({ kind, status, cache });
      if (cache === 'hit' || cache === 'coalesced') meters.cacheHits.inc();
      else if (cache === 'miss') meters.cacheMisses.inc();
      if (event.error) meters.errors.inc({ code: event.error });
      if (event.fallbackReason) meters.fallbacks.inc({ code: event.fallbackReason });
      if (event.costNanoUsd === undefined) meters.unpriced.inc();
      meters.duration.observe({ kind }, event.latencyMs / 1_000);
      meters.overhead.observe(Math.max(0, event.latencyMs - upstreamMs(attempts)) / 1_000);
      if (event.model && event.firstTokenMs !== undefined && attempts.length > 0) {
        meters.firstToken.observe(labelsOf(event.model), event.firstTokenMs / 1_000);
      }
      for (const attempt of attempts) recordAttempt(attempt);
    },
    recordRefusal: (code) => meters.refusals.inc({ code }),
  };
}

type ModelLabels = { readonly provider: string; readonly model: string };
type Meters = ReturnType<typeof defineMeters>;

/** Time in which at least one attempt was under way; attempts of one request follow each other. */
function upstreamMs(attempts: readonly AttemptSummary[]): number {
  return attempts.reduce((sum, { latencyMs, status }) => (status === 'not_sent' ? sum : sum + latencyMs), 0);
}

/** Every token once: the classes add up to the total. */
function countTokens({ tokens, reasoning }: Meters, labels: ModelLabels, usage: Usage): void {
  const classes = {
    input: usage.inputTokens,
    cached_input: usage.cachedInputTokens,
    cache_write: usage.cacheWriteTokens,
    output: usage.outputTokens,
  };
  for (const [name, count] of Object.entries(classes)) if (count > 0) tokens.inc({ ...labels, class: name }, count);
  if (usage.reasoningTokens > 0) reasoning.inc(labels, usage.reasoningTokens);
}

function defineMeters(registry: Registry) {
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter({ name: `signalbox_${name}`, help, labelNames, registers: [registry] });
  const histogram = <Label extends string>(
    name: string,
    help: string,
    { buckets, labelNames = [] }: { readonly buckets: number[]; readonly labelNames?: readonly Label[] },
  ) => new Histogram({ name: `signalbox_${name}`, help, labelNames, buckets, registers: [registry] });
  const perModel = ['provider', 'model'] as const;
  return {
    requests: counter('requests_total', 'Requests that ended.', ['kind', 'status', 'cache']),
    errors: counter('request_errors_total', 'Requests that ended with an error, by its code.', ['code']),
    refusals: counter('refusals_total', 'Calls turned away before there was a request, by error code.', ['code']),
    fallbacks: counter('fallbacks_total', 'Requests that left their first candidate, by the reason.', ['code']),
    unpriced: counter('unpriced_requests_total', 'Requests whose cost is unknown, since a price is.'),
    cacheHits: counter('cache_hits_total', 'Requests answered from the cache or by a call already under way.'),
    cacheMisses: counter('cache_misses_total', 'Requests the cache was asked for in vain.'),
    attempts: counter('attempts_total', 'Upstream attempts, by how they ended.', [...perModel, 'status']),
    attemptErrors: counter('attempt_errors_total', 'Upstream attempts that failed, by error code.', [
      'provider',
      'code',
    ]),
    tokens: counter('tokens_total', 'Tokens used upstream; the classes add up.', [...perModel, 'class']),
    reasoning: counter('reasoning_tokens_total', 'The part of the output tokens spent on reasoning.', perModel),
    cost: counter('cost_usd_total', 'Cost of all priced attempts, in US dollars.', perModel),
    duration: histogram('request_duration_seconds', 'From the request to the end of its answer.', {
      buckets: CALL_BUCKETS_SECONDS,
      labelNames: ['kind'],
    }),
    overhead: histogram('overhead_seconds', 'Of a request, what was not spent upstream; waits before a retry count.', {
      buckets: OVERHEAD_BUCKETS_SECONDS,
    }),
    upstream: histogram('upstream_latency_seconds', 'Of one attempt, from sending to its end.', {
      buckets: CALL_BUCKETS_SECONDS,
      labelNames: perModel,
    }),
    firstToken: histogram('first_token_seconds', 'From the request to the first content from upstream.', {
      buckets: FIRST_TOKEN_BUCKETS_SECONDS,
      labelNames: perModel,
    }),
  };
}
