import type { AttemptSummary } from '../core/books.ts';
import { toUsd } from '../core/money.ts';
import type { Observer, RequestEvent } from '../core/observer.ts';
import { totalInputTokens } from '../core/usage.ts';
import type { Verification } from '../core/verification.ts';
import type { ServiceLogger } from './logger.ts';

/** Longer plans say nothing more. */
const CANDIDATES_MAX = 20;

/** One line of the log for each request: what was decided, what happened, what it cost. No content. */
export function createRoutingEventLog(logger: ServiceLogger): Observer {
  return {
    requestEnded(event) {
      if (logger.isLevelEnabled('info')) logger.info(toRoutingEvent(event), 'request');
    },
  };
}

/** The fields of that line; `docs/operations.md` lists them. What is not known is left out. */
function toRoutingEvent(event: RequestEvent): object {
  const { plan, usage, costNanoUsd } = event;
  return {
    event: 'request',
    requestId: event.id,
    kind: event.kind,
    status: event.status,
    ...(event.error && { code: event.error }),
    tenant: event.tenant,
    client: event.client,
    entry: event.entry,
    streamed: event.streamed,
    model: event.model,
    tier: plan.tier,
    task: plan.task,
    strategy: plan.strategy,
    rule: plan.rule,
    reason: plan.reason,
    pacing: plan.pacing,
    pinned: plan.isPinned,
    candidates: plan.candidates.slice(0, CANDIDATES_MAX).map(({ model }) => model.ref),
    fallbackReason: event.fallbackReason,
    attempts: event.attempts.map(attemptFields),
    verification: event.verification && verificationFields(event.verification),
    cache: event.cache,
    latencyMs: event.latencyMs,
    firstTokenMs: event.firstTokenMs,
    inputTokens: usage && totalInputTokens(usage),
    cachedInputTokens: usage?.cachedInputTokens,
    outputTokens: usage?.outputTokens,
    usageSource: usage?.source,
    costUsd: costNanoUsd === undefined ? null : toUsd(costNanoUsd),
    configHash: plan.configHash,
  };
}

/** Without its message: a provider may quote the prompt in it. */
function attemptFields({ model, key, role, status, error, latencyMs, firstTokenMs }: AttemptSummary): object {
  return { model, key, role, status, code: error, latencyMs, firstTokenMs };
}

function verificationFields({ checkCostNanoUsd, ...rest }: Verification): object {
  return { ...rest, checkCostUsd: checkCostNanoUsd === undefined ? null : toUsd(checkCostNanoUsd) };
}
