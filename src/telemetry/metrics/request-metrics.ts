import { Counter, type Registry } from 'prom-client';
import type { AttemptSummary } from '../../core/books.ts';
import { ERROR_CODES, type ErrorCode } from '../../core/error-codes.ts';
import { type ModelRef, parseModelRef } from '../../core/model.ts';
import { toUsd } from '../../core/money.ts';
import type { Observer } from '../../core/observer.ts';
import type { Usage } from '../../core/usage.ts';
import type { Verification } from '../../core/verification.ts';
import { createLabelValues, OTHER } from './label-values.ts';
import { type Distribution, TalliedCounter, TalliedHistogram, type Tally } from './tallies.ts';

/** Of model calls: from a cached prompt on fast hardware to a reasoning model that thinks for minutes. */
const CALL_BUCKETS_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640];
const FIRST_TOKEN_BUCKETS_SECONDS = [0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 12, 25, 50, 120];
/** Of our own work: a millisecond or so, and the waits before a retry. */
const OVERHEAD_BUCKETS_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** What the check calls its findings; beyond so many they are `other`. */
const REASON_CODE = /^[a-z][a-z_-]{0,40}$/;
const REASONS_MAX = 50;

/** What every request and every refusal adds to. */
export type RequestMetrics = Observer & {
  /** A caller that was turned away before there was a request. */
  recordRefusal(code: ErrorCode): void;
};

/** `isKnownModel`: configured or in the catalogue; any other is counted as `other`. */
export function createRequestMetrics(registry: Registry, isKnownModel: (ref: ModelRef) => boolean): RequestMetrics {
  const meters = defineMeters(registry);
  for (const code of ERROR_CODES) {
    meters.errors.inc({ code }, 0);
    meters.refusals.inc({ code }, 0);
  }
  const models = createLabelValues((ref) => isKnownModel(ref as ModelRef));
  const overhead = meters.overhead.series({});
  const cacheHits = meters.cacheHits.series({});
  const cacheMisses = meters.cacheMisses.series({});
  const ofEnd = new SeriesCache(
    (kind) => new SeriesCache((status) => new SeriesCache((cache) => meters.requests.series({ kind, status, cache }))),
  );
  const ofKind = new SeriesCache((kind) => meters.duration.series({ kind }));
  const ofModel = new SeriesCache((model) => {
    const provider = (model !== OTHER && parseModelRef(model)?.provider) || OTHER;
    return new ModelMeters(meters, { provider, model });
  });

  const reasons = createLabelValues((code) => REASON_CODE.test(code), REASONS_MAX);
  const countCheck = ({ outcome, reasons: codes }: Verification) => {
    meters.verifications.inc({ outcome });
    if (outcome === 'escalated') meters.escalations.inc({ reason: reasons.of(codes[0] ?? OTHER) });
  };

  return {
    requestEnded(event) {
      const { kind, status, cache, attempts } = event;
      ofEnd.at(kind).at(status).at(cache).add();
      if (cache === 'hit' || cache === 'coalesced') cacheHits.add();
      else if (cache === 'miss') cacheMisses.add();
      if (event.error) meters.errors.inc({ code: event.error });
      if (event.fallbackReason) meters.fallbacks.inc({ code: event.fallbackReason });
      if (event.plan.pacing && attempts.length > 0) meters.paced.inc({ side: event.plan.pacing.side });
      if (event.verification) countCheck(event.verification);
      if (event.costNanoUsd === undefined) meters.unpriced.inc();
      ofKind.at(kind).observe(event.latencyMs / 1_000);
      overhead.observe(Math.max(0, event.latencyMs - upstreamMs(attempts)) / 1_000);
      if (event.model && event.firstTokenMs !== undefined && attempts.length > 0) {
        ofModel.at(models.of(event.model)).firstToken.observe(event.firstTokenMs / 1_000);
      }
      for (const attempt of attempts) ofModel.at(models.of(attempt.model)).record(attempt);
    },
    recordRefusal: (code) => meters.refusals.inc({ code }),
  };
}

/** Series by what tells them apart. Values come from bounded sets only, so nothing is ever dropped. */
class SeriesCache<Series> {
  readonly #kept = new Map<string, Series>();
  readonly #create: (key: string) => Series;

  constructor(create: (key: string) => Series) {
    this.#create = create;
  }

  at(key: string): Series {
    let series = this.#kept.get(key);
    if (series === undefined) {
      series = this.#create(key);
      this.#kept.set(key, series);
    }
    return series;
  }
}

type ModelLabels = { readonly provider: string; readonly model: string };
type Meters = ReturnType<typeof defineMeters>;

/** All that is counted of the attempts at one model. */
class ModelMeters {
  readonly firstToken: Distribution;
  readonly #provider: string;
  readonly #attemptErrors: Meters['attemptErrors'];
  readonly #attempts: SeriesCache<Tally>;
  readonly #upstream: Distribution;
  readonly #input: Tally;
  readonly #cachedInput: Tally;
  readonly #cacheWrite: Tally;
  readonly #output: Tally;
  readonly #reasoning: Tally;
  readonly #cost: Tally;

  constructor(meters: Meters, labels: ModelLabels) {
    const tokens = (name: string) => meters.tokens.series({ ...labels, class: name });
    this.firstToken = meters.firstToken.series(labels);
    this.#provider = labels.provider;
    this.#attemptErrors = meters.attemptErrors;
    this.#attempts = new SeriesCache((status) => meters.attempts.series({ ...labels, status }));
    this.#upstream = meters.upstream.series(labels);
    this.#input = tokens('input');
    this.#cachedInput = tokens('cached_input');
    this.#cacheWrite = tokens('cache_write');
    this.#output = tokens('output');
    this.#reasoning = meters.reasoning.series(labels);
    this.#cost = meters.cost.series(labels);
  }

  record({ status, error, latencyMs, usage, costNanoUsd }: AttemptSummary): void {
    this.#attempts.at(status).add();
    if (error) this.#attemptErrors.inc({ provider: this.#provider, code: error });
    // Nothing left, so nothing upstream took any time.
    if (status === 'not_sent') return;
    this.#upstream.observe(latencyMs / 1_000);
    if (usage) this.#countTokens(usage);
    if (costNanoUsd) this.#cost.add(toUsd(costNanoUsd));
  }

  /** Every token once: the classes add up to the total. */
  #countTokens(usage: Usage): void {
    this.#input.add(usage.inputTokens);
    this.#cachedInput.add(usage.cachedInputTokens);
    this.#cacheWrite.add(usage.cacheWriteTokens);
    this.#output.add(usage.outputTokens);
    this.#reasoning.add(usage.reasoningTokens);
  }
}

/** Time in which at least one attempt was under way; those of one request follow each other, but for a peer's. */
function upstreamMs(attempts: readonly AttemptSummary[]): number {
  let sum = 0;
  let untilMs = 0;
  for (const { startedAtMs, latencyMs, status, role } of attempts) {
    if (status === 'not_sent') continue;
    const endMs = startedAtMs + latencyMs;
    // A peer began with the first answer; what it ran longer counts.
    sum += role === 'peer' ? Math.max(0, endMs - untilMs) : latencyMs;
    untilMs = Math.max(untilMs, endMs);
  }
  return sum;
}

function defineMeters(registry: Registry) {
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter({ name: `signalbox_${name}`, help, labelNames, registers: [registry] });
  const tallied = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new TalliedCounter({ name: `signalbox_${name}`, help, labelNames }, registry);
  const histogram = <Label extends string = never>(
    name: string,
    help: string,
    { buckets, labelNames = [] }: { readonly buckets: readonly number[]; readonly labelNames?: readonly Label[] },
  ) => new TalliedHistogram({ name: `signalbox_${name}`, help, labelNames }, buckets, registry);
  const perModel = ['provider', 'model'] as const;
  return {
    requests: tallied('requests_total', 'Requests that ended.', ['kind', 'status', 'cache']),
    errors: counter('request_errors_total', 'Requests that ended with an error, by its code.', ['code']),
    refusals: counter('refusals_total', 'Calls turned away before there was a request, by error code.', ['code']),
    fallbacks: counter('fallbacks_total', 'Requests that left their first candidate, by the reason.', ['code']),
    paced: counter('paced_requests_total', 'Requests under the cost target, by the side they were given to.', ['side']),
    verifications: counter('verifications_total', 'Answers that were checked, by what became of them.', ['outcome']),
    escalations: counter('escalations_total', 'Answers replaced by a stronger model, by what the check found first.', [
      'reason',
    ]),
    unpriced: counter('unpriced_requests_total', 'Requests whose cost is unknown, since a price is.'),
    cacheHits: tallied('cache_hits_total', 'Requests answered from the cache or by a call already under way.', []),
    cacheMisses: tallied('cache_misses_total', 'Requests the cache was asked for in vain.', []),
    attempts: tallied('attempts_total', 'Upstream attempts, by how they ended.', [...perModel, 'status']),
    attemptErrors: counter('attempt_errors_total', 'Upstream attempts that failed, by error code.', [
      'provider',
      'code',
    ]),
    tokens: tallied('tokens_total', 'Tokens used upstream; the classes add up.', [...perModel, 'class']),
    reasoning: tallied('reasoning_tokens_total', 'The part of the output tokens spent on reasoning.', perModel),
    cost: tallied('cost_usd_total', 'Cost of all priced attempts, in US dollars.', perModel),
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
