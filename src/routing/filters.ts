import { type HealthSnapshot, restingUntil, type TargetRest } from '../core/health.ts';
import type { MediaPart } from '../core/message.ts';
import type { Capability, ModelInfo, ProviderKind } from '../core/model.ts';
import { type NanoUsd, toUsd } from '../core/money.ts';
import { canBeMadeToCall } from '../core/parameter-support.ts';
import { type ChatParameters, PARAMETER_WORDS, type ParameterName } from '../core/parameters.ts';
import { mayBeUsedFor, type ProviderSettings } from '../core/provider.ts';
import type { Rejection } from '../core/route-plan.ts';
import { formatUsd } from '../core/wording/format-usd.ts';
import { formatWait } from '../core/wording/format-wait.ts';
import type { CostEstimate } from './expected-cost.ts';

/** Why a model is out. */
export type Refusal = Omit<Rejection, 'model'>;

/** Output that must fit beside the prompt when the caller names none, in tokens. */
export const OUTPUT_TOKENS_MIN = 256;

/** A provider that is not there, has no key, or is switched off. */
export function refuseProvider(provider: ProviderSettings | undefined, id: string): Refusal | undefined {
  switch (provider?.status) {
    case 'configured':
      return undefined;
    case 'unconfigured':
      return { code: 'unknown_provider', reason: `provider ${id} has no key` };
    case 'disabled':
      return { code: 'unknown_provider', reason: `provider ${id} is disabled` };
    case undefined:
      return { code: 'unknown_provider', reason: `provider ${id} is not configured` };
  }
}

/** No key of the provider may be used for the model. */
export function refuseKeys(provider: ProviderSettings, model: ModelInfo): Refusal | undefined {
  if (provider.keys.some((key) => mayBeUsedFor(key, model.name))) return undefined;
  return { code: 'forbidden', reason: `no key of ${provider.id} may be used for it` };
}

/** The model lacks something the request needs. A model that only embeds never chats. */
export function refuseCapabilities(
  { capabilities }: ModelInfo,
  needed: readonly Capability[],
  use: 'chat' | 'embed',
): Refusal | undefined {
  if (use === 'chat' && capabilities.includes('embedding')) {
    return { code: 'capability_missing', reason: 'it only embeds' };
  }
  const missing = needed.find((capability) => !capabilities.includes(capability));
  return missing && { code: 'capability_missing', reason: MISSING[missing], field: SHOWN[missing] };
}

const MISSING = {
  vision: 'it cannot read images',
  pdf: 'it cannot read PDFs',
  tools: 'it cannot call tools',
  'json-schema': 'it cannot be held to a JSON schema',
  reasoning: 'it does not reason',
  embedding: 'it does not embed',
} as const satisfies Record<Capability, string>;

/** What the request shows that such a model is missing for. */
const SHOWN: { readonly [Name in Capability]?: MediaPart['type'] } = { vision: 'image', pdf: 'document' };

/** The model cannot honour settings that the caller wants honoured. */
export function refuseParameters(
  unsupported: readonly ParameterName[],
  { reasoningEffort }: ChatParameters = {},
): Refusal | undefined {
  const [first] = unsupported;
  if (!first) return undefined;
  // Other efforts it takes: this one is refused by models that always reason, and by no others.
  const wordOf = (name: ParameterName) =>
    name === 'reasoningEffort' && reasoningEffort === 'none'
      ? 'reasoning_effort "none" (it always reasons)'
      : PARAMETER_WORDS[name];
  return {
    code: 'capability_missing',
    reason: `it takes no ${unsupported.map(wordOf).join(', no ')}`,
    parameter: first,
  };
}

/** Some take what is shown as data only, and nobody here fetches it for them. */
export function refuseMediaUrl(
  { kind }: ProviderSettings,
  shownByUrl: readonly MediaPart['type'][],
): Refusal | undefined {
  const refused = shownByUrl.find((type) => (type === 'image' ? kind === 'ollama' : !FETCHES_PDFS.has(kind)));
  if (refused === undefined) return undefined;
  const reason =
    refused === 'image'
      ? 'Ollama takes images as data, not as https addresses'
      : 'it takes PDFs as data, not as https addresses';
  return { code: 'capability_missing', reason };
}

const FETCHES_PDFS: ReadonlySet<ProviderKind> = new Set(['anthropic', 'gemini']);

/** Those of OpenAI's embedding models are the same for all of them; to others they would mean another text. */
export function refuseTokenIds(provider: ProviderSettings, hasTokenIds: boolean): Refusal | undefined {
  if (!hasTokenIds || provider.kind === 'openai') return undefined;
  return {
    code: 'capability_missing',
    reason: 'it takes texts, not token ids, which mean them to OpenAI only',
    field: 'input',
  };
}

/** A model that may always answer in words, where a call of a tool is asked for. */
export function refuseToolChoice(provider: ProviderSettings, model: ModelInfo, isForced: boolean): Refusal | undefined {
  if (!isForced || canBeMadeToCall(provider.kind, model)) return undefined;
  return {
    code: 'capability_missing',
    reason: 'it cannot be made to call a tool; use the tool choice auto',
    field: 'toolChoice',
  };
}

/** The prompt and the answer do not fit the window together. */
export function refuseWindow(
  model: ModelInfo,
  { inputTokens, outputTokens }: { readonly inputTokens: number; readonly outputTokens: number },
): Refusal | undefined {
  if (inputTokens + outputTokens <= model.contextTokens) return undefined;
  const needed = outputTokens > 0 ? `${inputTokens} + ${outputTokens}` : `${inputTokens}`;
  return {
    code: 'context_too_long',
    reason: `about ${needed} tokens exceed its window of ${model.contextTokens}`,
    overflow: { inputTokens, outputTokens, contextTokens: model.contextTokens },
  };
}

/** The call could cost more than the caller allows, or nobody knows what it costs. */
export function refuseCost({ costMax }: CostEstimate, limit: NanoUsd | undefined): Refusal | undefined {
  if (limit === undefined) return undefined;
  if (costMax === undefined)
    return { code: 'price_unknown', reason: 'its price is unknown and a cost limit was given' };
  if (costMax <= limit) return undefined;
  return {
    code: 'budget_exceeded',
    reason: `it could cost ${formatUsd(toUsd(costMax))}, above the limit of ${formatUsd(toUsd(limit))}`,
  };
}

/** Every key that may be used rests; says which rest ends first. */
export function refuseResting(
  provider: ProviderSettings,
  model: ModelInfo,
  { health, nowMs }: { readonly health: HealthSnapshot; readonly nowMs: number },
): Refusal | undefined {
  let soonest: TargetRest | undefined;
  for (const key of provider.keys) {
    if (!mayBeUsedFor(key, model.name)) continue;
    const rest = restingUntil(health, { provider: provider.id, key, model: model.name }, nowMs);
    if (!rest) return undefined;
    if (!soonest || rest.untilMs < soonest.untilMs) soonest = rest;
  }
  if (!soonest) return undefined;
  const retryAfterMs = soonest.untilMs - nowMs;
  return {
    code: soonest.reason,
    reason: `resting for ${formatWait(retryAfterMs)} after ${soonest.reason}`,
    retryAfterMs,
  };
}
