import * as z from 'zod';
import { completionText } from '../../core/completion.ts';
import { isJsonObject } from '../../core/json/json.ts';
import { PARAMETER_WORDS } from '../../core/parameters.ts';
import { totalInputTokens, type Usage } from '../../core/usage.ts';
import type { Verification } from '../../core/verification.ts';
import type { GatewayAnswer } from '../../gateway/gateway.ts';
import { CHAT_INPUT, type ChatInput } from '../arguments/chat-input.ts';
import { toChatRequest } from '../arguments/to-chat-request.ts';
import { toAttemptOutput } from '../rendering/failure.ts';
import { formatCost, formatCount, formatPlural, usdOrNull } from '../rendering/format.ts';
import { answeredOnce } from './answered-once.ts';
import { defineTool } from './tool.ts';

const OUTPUT = z.object({
  text: z.string(),
  data: z.looseObject({}).optional().describe('The parsed answer, when json_schema was given'),
  model: z.string(),
  provider: z.string(),
  tier: z.string().optional(),
  finish_reason: z.enum(['stop', 'length', 'content_filter', 'refusal', 'tool_calls', 'other']),
  usage: z.object({
    input_tokens: z.int().describe('All of them, cached ones included'),
    output_tokens: z.int(),
    cached_input_tokens: z.int().optional(),
    reasoning_tokens: z.int().optional(),
    source: z.enum(['reported', 'partial', 'estimated', 'none']),
  }),
  cost_usd: z.number().nullable().describe('null: the price is unknown'),
  latency_ms: z.int(),
  cached: z.boolean(),
  request_id: z.string(),
  dropped_parameters: z.array(z.string()).optional().describe('Not taken by this model, so left out'),
  route: z.object({ strategy: z.string(), reason: z.string(), rule: z.string().optional() }),
  output_cut_tokens: z.int().optional().describe('The answer was cut here: a budget had no more left'),
  attempts: z
    .array(
      z.object({
        model: z.string(),
        role: z.string().optional(),
        status: z.string(),
        error: z.string().optional(),
        latency_ms: z.int(),
      }),
    )
    .optional()
    .describe('When there was more than one'),
  verification: z
    .object({
      outcome: z.enum(['passed', 'escalated', 'kept']),
      doubt: z.number(),
      reasons: z.array(z.string()),
      first: z.string(),
      peer: z.string().optional(),
      kept_because: z.string().optional(),
      check_ms: z.int(),
      check_cost_usd: z.number().nullable(),
    })
    .optional()
    .describe('How the first answer was checked'),
});

/** One question, one answer, from whichever model the routing finds best. */
export const complete = defineTool({
  name: 'complete',
  title: 'Ask a model',
  description:
    'Ask any LLM (OpenAI, Anthropic, Gemini, Groq, Ollama): the model fits the difficulty unless you name one; with fallback, cache and cost. Spends money.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  notes: [
    'Give exactly one of `prompt` and `messages`. Text is limited to 10 MB in all, `metadata` to 16 KB, an image to 20 MB.',
    'Images (PNG, JPEG, GIF, WebP) go with the last user message, so `messages` need one; they are passed on and never fetched by Signalbox.',
    '`json_schema` is self-contained and describes an object, in at most 256 KB; answers must be checked against it within 150 ms.',
    '`cache`: `use` (default) answers from the cache, `refresh` asks again and stores, `off` does neither.',
    'With `metadata.idempotency_key` (1 to 255 characters) the same call again, within 24 hours, gets the first result and is not paid again; a failure frees the key. Other arguments under the same key are refused, and so is a call whose first is still under way.',
    'A forced `model` or `provider` is left only when `fallback` is true.',
    'With `routing.verify` the answer may be checked: `passed` stood, `escalated` is of a stronger model, `kept` was doubted but nobody stronger answered. `first` was asked first; `check_ms` and `check_cost_usd` are what the check took.',
    'The same call several times at once is made once. If it fails each is told of its attempts, which are booked with the request that began it.',
    'Progress is sent to clients that ask for it: at once, then at most every 10 s. Cancelling stops the provider call.',
    'An answer that would be a message of more than 10 MB is the error `too_large`, as clients close the connection at one; it is booked all the same.',
  ],
  input: CHAT_INPUT,
  output: OUTPUT,
  run: answeredOnce('complete', async (input: ChatInput, { gateway, caller, signal, ...hooks }) => {
    const { onProgress, onBudgetReached } = hooks;
    const options = { signal, ...(onProgress && { onProgress }), ...(onBudgetReached && { onBudgetReached }) };
    const answer = await gateway.complete(toChatRequest(input, caller), options);
    return { structured: toStructured(answer), text: toText(answer) };
  }),
});

function toStructured(answer: GatewayAnswer): z.input<typeof OUTPUT> {
  const { completion, plan } = answer;
  const dropped = answer.droppedParameters.map((name) => PARAMETER_WORDS[name]);
  const cut = cutTokens(answer);
  return {
    text: completionText(completion),
    ...(isJsonObject(answer.data) && { data: answer.data }),
    model: answer.model,
    provider: providerOf(answer.model),
    ...(plan.tier !== undefined && { tier: plan.tier }),
    finish_reason: completion.finishReason.unified,
    usage: toUsageOutput(completion.usage),
    cost_usd: usdOrNull(answer.costNanoUsd),
    latency_ms: Math.round(answer.latencyMs),
    cached: isCached(answer),
    request_id: answer.requestId,
    ...(cut !== undefined && { output_cut_tokens: cut }),
    ...(dropped.length > 0 && { dropped_parameters: dropped }),
    route: { strategy: plan.strategy, reason: plan.reason, ...(plan.rule !== undefined && { rule: plan.rule }) },
    ...(answer.attempts.length > 1 && { attempts: answer.attempts.map(toAttemptOutput) }),
    ...(answer.verification && { verification: toVerificationOutput(answer.verification) }),
  };
}

function toVerificationOutput(verification: Verification): z.input<typeof OUTPUT>['verification'] {
  const { outcome, doubt, reasons, first, peer, keptBecause, checkMs, checkCostNanoUsd } = verification;
  return {
    outcome,
    doubt,
    reasons: [...reasons],
    first,
    ...(peer !== undefined && { peer }),
    ...(keptBecause !== undefined && { kept_because: keptBecause }),
    check_ms: checkMs,
    check_cost_usd: usdOrNull(checkCostNanoUsd),
  };
}

function toUsageOutput(usage: Usage): z.input<typeof OUTPUT>['usage'] {
  return {
    input_tokens: totalInputTokens(usage),
    output_tokens: usage.outputTokens,
    ...(usage.cachedInputTokens > 0 && { cached_input_tokens: usage.cachedInputTokens }),
    ...(usage.reasoningTokens > 0 && { reasoning_tokens: usage.reasoningTokens }),
    source: usage.source,
  };
}

function toText(answer: GatewayAnswer): string {
  const { completion, plan } = answer;
  const { unified } = completion.finishReason;
  const facts = [
    answer.model,
    ...(plan.tier === undefined ? [] : [plan.tier]),
    `${formatCount(totalInputTokens(completion.usage))} in, ${formatCount(completion.usage.outputTokens)} out`,
    formatCost(answer.costNanoUsd),
    `${formatCount(Math.round(answer.latencyMs))} ms`,
    ...(isCached(answer) ? ['from cache'] : []),
    ...(answer.verification ? [checkFact(answer.verification)] : []),
    ...(unified === 'stop' ? [] : [`finish ${unified}`]),
    ...cutFact(answer),
    ...(answer.attempts.length > 1 ? [formatPlural(answer.attempts.length, 'attempt')] : []),
    ...(answer.droppedParameters.length === 0
      ? []
      : [`without ${answer.droppedParameters.map((name) => PARAMETER_WORDS[name]).join(', ')}`]),
    answer.requestId,
  ];
  return `${completionText(completion)}\n\n[${facts.join(' · ')}]`;
}

/** Where a budget ended the answer. One that was over before was not cut, however little was left. */
function cutTokens({ outputTokensCut, completion }: GatewayAnswer): number | undefined {
  return completion.finishReason.unified === 'length' ? outputTokensCut : undefined;
}

function cutFact(answer: GatewayAnswer): readonly string[] {
  const cut = cutTokens(answer);
  return cut === undefined ? [] : [`cut at ${formatCount(cut)} tokens: a budget had no more left`];
}

function checkFact({ outcome, reasons, first, keptBecause }: Verification): string {
  const doubts = reasons.length > 0 ? reasons.join(', ') : 'no reason in words';
  switch (outcome) {
    case 'passed':
      return 'checked';
    case 'escalated':
      return `in place of ${first}, doubted: ${doubts}`;
    case 'kept':
      return `doubted: ${doubts}; nobody stronger answered (${keptBecause})`;
    default:
      return outcome satisfies never;
  }
}

function providerOf(model: string): string {
  return model.slice(0, model.indexOf('/'));
}

/** It cost nothing more: from the cache, or shared with an equal request. */
function isCached({ cache }: GatewayAnswer): boolean {
  return cache === 'hit' || cache === 'coalesced';
}
