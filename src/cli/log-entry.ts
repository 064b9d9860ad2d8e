import type { AttemptRecord, RequestRecord } from '../core/books.ts';
import { totalInputTokens, USAGE_PART_NAMES, type Usage, type UsageParts } from '../core/usage.ts';
import type { Verification } from '../core/verification.ts';

/** One request as `signalbox log --json` prints it: always these fields, null where there is no value. */
export function toLogEntry(request: RequestRecord): object {
  return {
    request_id: request.id,
    started_at: new Date(request.startedAtMs).toISOString(),
    tenant: request.tenant,
    client: request.client,
    team: request.team ?? null,
    user: request.user ?? null,
    metadata: request.metadata ?? null,
    tier: request.tier ?? null,
    task: request.task ?? null,
    strategy: request.strategy,
    rule: request.rule ?? null,
    cache: request.cache,
    // Null while it runs.
    status: request.status ?? null,
    model: request.model ?? null,
    cost_nano_usd: request.costNanoUsd,
    config_hash: request.configHash,
    verification: request.verification === undefined ? null : toVerificationEntry(request.verification),
    attempts: request.attempts.map(toAttemptEntry),
  };
}

function toAttemptEntry(attempt: AttemptRecord): object {
  return {
    id: attempt.id,
    provider: attempt.provider,
    model: attempt.model,
    key: attempt.key,
    role: attempt.role ?? 'answer',
    status: attempt.status,
    error: attempt.error ?? null,
    usage: attempt.usage === undefined ? null : toUsageEntry(attempt.usage),
    cost_nano_usd: attempt.costNanoUsd ?? null,
    // Only where something was corrected.
    ...(attempt.correctedNanoUsd !== undefined && { corrected_nano_usd: attempt.correctedNanoUsd }),
    latency_ms: attempt.latencyMs === undefined ? null : Math.round(attempt.latencyMs),
  };
}

function toVerificationEntry(verification: Verification): object {
  const { outcome, doubt, reasons, first, peer, keptBecause, checkMs, checkCostNanoUsd } = verification;
  return {
    outcome,
    doubt,
    reasons,
    first,
    peer: peer ?? null,
    kept_because: keptBecause ?? null,
    check_ms: checkMs,
    check_cost_nano_usd: checkCostNanoUsd ?? null,
  };
}

const PART_NAMES = { ...USAGE_PART_NAMES, modes: 'service_modes' } as const satisfies Record<keyof UsageParts, string>;

/** What was billed apart; most answers have nothing of it, and their entry says nothing of it. */
function toPartEntries(usage: UsageParts): object {
  const names = Object.keys(PART_NAMES) as (keyof UsageParts)[];
  return Object.fromEntries(
    names.flatMap((name) => (usage[name] === undefined ? [] : [[PART_NAMES[name], usage[name]]])),
  );
}

/** `input_tokens` are all of them, as providers report them; the cached ones are a part. */
function toUsageEntry(usage: Usage): object {
  return {
    input_tokens: totalInputTokens(usage),
    cached_input_tokens: usage.cachedInputTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    output_tokens: usage.outputTokens,
    reasoning_tokens: usage.reasoningTokens,
    ...toPartEntries(usage),
    source: usage.source,
  };
}
