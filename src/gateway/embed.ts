import { GatewayError, toGatewayError } from '../core/errors.ts';
import { createCallId } from '../core/ids.ts';
import type { EmbedOutput } from '../core/provider.ts';
import type { EmbedRequest } from '../core/request.ts';
import type { Candidate, Rejection } from '../core/route-plan.ts';
import { callerLeft } from '../resilience/attempt-timers.ts';
import type { CallFrame } from '../resilience/call-frame.ts';
import { elapsedMs } from '../resilience/elapsed-ms.ts';
import type { Exchange } from '../resilience/exchange.ts';
import type { CandidateResult } from '../resilience/run-candidate.ts';
import { runInSlot } from '../resilience/run-in-slot.ts';
import { estimateTextTokens } from '../routing/estimate-tokens.ts';
import { type EmbeddingPlan, planEmbedding } from '../routing/plan-embedding.ts';
import { totalCost } from './attempt-costs.ts';
import { type BookedRequest, bookEnd, bookFailure, bookStart } from './book-request.ts';
import { rejectionOf, requestFailure } from './failures.ts';
import type { EmbedAnswer } from './gateway.ts';
import { patienceOf } from './money/patience.ts';
import { spendingOf } from './money/spending-of.ts';
import type { GatewayParts } from './parts.ts';

/** Embeds with the model of the plan: vectors of another mean something else, so there is nothing to fall back to. */
export async function embed(parts: GatewayParts, request: EmbedRequest, signal: AbortSignal): Promise<EmbedAnswer> {
  const { clock, table, providers } = parts;
  const begunAtMs = clock.monotonicMs();
  const catalog = await parts.catalog();
  const health = parts.health.snapshot();
  const nowMs = clock.nowMs();
  const plan = planEmbedding({ request, table, catalog, providers: providers.settings, health, nowMs });
  const call: BookedRequest = {
    id: createCallId(nowMs),
    startedAtMs: nowMs,
    kind: 'embed',
    caller: request.caller,
    metadata: request.metadata,
    streamed: false,
    plan: { ...plan, strategy: 'priority', configHash: table.configHash },
    elapsedMs: () => elapsedMs(begunAtMs, clock.monotonicMs()),
  };
  bookStart(parts, call, 'off');

  try {
    const chosen = firstChoice(parts, plan);
    parts.retryBudget.countRequest(begunAtMs);
    const frame: CallFrame = {
      requestId: call.id,
      signal,
      endsAtMs: begunAtMs + parts.limits.totalMs,
      endKind: 'total',
      estimate: { inputTokens: plan.inputTokensEstimated, outputTokens: estimateTextTokens },
    };
    const result = await askPatiently(parts, request, { frame, candidate: chosen });
    if (result.type === 'rejected' || result.type === 'refused') {
      throw uncalled(plan, [{ model: chosen.model.ref, ...rejectionOf(result) }]);
    }
    if (result.type === 'failed') throw result.error.with({ attempts: result.attempts });
    const { attempts, usage } = result;
    const costNanoUsd = totalCost(attempts);
    const { ref } = chosen.model;
    bookEnd(parts, call, { status: 'success', cache: 'off', model: ref, attempts, usage, costNanoUsd });
    return { ...result.answer, usage, requestId: call.id, ref, attempts, costNanoUsd, latencyMs: call.elapsedMs() };
  } catch (thrown) {
    throw bookFailure(parts, call, { error: toGatewayError(thrown), cache: 'off' });
  }
}

/** Waits where there is no room at the moment. */
async function askPatiently(
  parts: GatewayParts,
  request: EmbedRequest,
  { frame, candidate }: { readonly frame: CallFrame; readonly candidate: Candidate },
): Promise<CandidateResult<EmbedOutput>> {
  const { signal, estimate } = frame;
  const demand = { inputTokens: estimate.inputTokens, maxOutputTokens: 0 };
  const terms = spendingOf(parts, request).termsFor(candidate, demand);
  const patience = patienceOf(parts, request.caller, frame);
  try {
    for (;;) {
      const result = await runInSlot(parts, {
        frame,
        info: candidate.model,
        exchange: embedExchange(candidate, request),
        terms: patience.guard(terms),
        standing: patience.hasTurn ? 'waited' : 'newcomer',
        isPacedByReader: false,
        attemptsLeft: parts.limits.attemptsMax,
        hasNext: false,
        affords: () => true,
        onRetry: () => undefined,
      });
      if (result.type !== 'refused') return result;
      patience.hold(candidate, result.refusal);
      if ((await patience.next()).length > 0) continue;
      return signal.aborted ? { type: 'failed', error: callerLeft(signal), attempts: [] } : result;
    }
  } finally {
    patience.leave();
  }
}

function noneEmbeds(): GatewayError {
  return new GatewayError('capability_missing', 'No model of the configured providers is known to embed.', {
    hint: 'OpenAI and Gemini have such models, and Ollama once one is pulled (`ollama pull nomic-embed-text`): configure one of them, or give a model of yours the capability "embedding" under `models`.',
    retryable: false,
  });
}

function uncalled(plan: EmbeddingPlan, rejected: readonly Rejection[] = []): GatewayError {
  return requestFailure({ plan, attempts: [], errors: [], rejected, forced: true });
}

function firstChoice({ providers }: GatewayParts, plan: EmbeddingPlan): Candidate {
  const { candidates, rejected } = plan;
  if (candidates[0]) return candidates[0];
  const isAnyUsable = providers.settings.some(({ status }) => status === 'configured');
  throw rejected.length === 0 && isAnyUsable ? noneEmbeds() : uncalled(plan);
}

function embedExchange({ model }: Candidate, { input, dimensions }: EmbedRequest): Exchange<EmbedOutput> {
  return {
    streamed: () => false,
    async run(provider, context) {
      if (!provider.embed) {
        throw new GatewayError('capability_missing', `${provider.id} has no embeddings.`, {
          hint: 'Name an embedding model.',
        });
      }
      return provider.embed({ model, input, ...(dimensions !== undefined && { dimensions }) }, context);
    },
  };
}
