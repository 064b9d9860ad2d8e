import { type HealthSnapshot, type Unserved, unservedBy } from '../core/health.ts';
import type { MediaPart } from '../core/message.ts';
import type { Capability, ModelInfo, ModelRef } from '../core/model.ts';
import { parseModelRef } from '../core/model.ts';
import type { NanoUsd } from '../core/money.ts';
import { unsupportedParameters } from '../core/parameter-support.ts';
import { type ChatParameters, pickParameters, setsParameters, type UnsupportedParameters } from '../core/parameters.ts';
import type { ModelCatalog } from '../core/ports.ts';
import { mayBeUsedFor, type ProviderSettings } from '../core/provider.ts';
import type { ChatRequest, Tier } from '../core/request.ts';
import type { Rejection } from '../core/route-plan.ts';
import type { InputSize } from './estimate-input-tokens.ts';
import { estimateCost } from './expected-cost.ts';
import {
  OUTPUT_TOKENS_MIN,
  type Refusal,
  refuseCapabilities,
  refuseCost,
  refuseKeys,
  refuseMediaUrl,
  refuseParameters,
  refuseProvider,
  refuseResting,
  refuseTokenIds,
  refuseToolChoice,
  refuseWindow,
} from './filters.ts';
import { mediaOf } from './media-of.ts';
import type { Contender } from './strategies.ts';

/** What every model is measured against. */
export type KnownModels = {
  readonly catalog: ModelCatalog;
  readonly providers: readonly ProviderSettings[];
  readonly health: HealthSnapshot;
  readonly nowMs: number;
};

/** What one request asks of a model. */
export type Demands = InputSize & {
  readonly use: 'chat' | 'embed';
  readonly capabilities: readonly Capability[];
  /** The kinds of what is shown by its address. */
  readonly shownByUrl: readonly MediaPart['type'][];
  /** Is something to embed given as the ids of its tokens? */
  readonly hasTokenIds?: boolean;
  /** Must a tool be called? */
  readonly forcesCall?: boolean;
  /** The longest single text that must fit the window; all input for a chat. */
  readonly windowTokens: number;
  readonly maxOutputTokens?: number | undefined;
  /** How many answers; absent for one. */
  readonly choices?: number | undefined;
  readonly costMax?: NanoUsd | undefined;
  readonly tier: Tier;
  /** The parameters that are set, with the tools they go beside, and what happens to those a model cannot honour. */
  readonly parameters?: (ChatParameters & Pick<ChatRequest, 'tools'>) | undefined;
  readonly unsupportedParameters?: UnsupportedParameters | undefined;
};

/** May this model take the request? The contender with its cost, or the first reason against it. */
export type Judge = (ref: ModelRef) => Contender | Rejection;

/** Reasons that last come first; that a model rests is said only of one that could serve. */
export function createJudge({ catalog, providers, health, nowMs }: KnownModels, demands: Demands): Judge {
  return (ref) => {
    const model = catalog.find(ref, nowMs);
    const id = model?.provider ?? parseModelRef(ref)?.provider ?? ref;
    const provider = providers.find((candidate) => candidate.id === id);
    const absent = refuseProvider(provider, id);
    if (absent || !provider) return { model: ref, ...(absent as Refusal) };
    if (!model) return { model: ref, code: 'unknown_model', reason: `provider ${id} has no such model` };
    const unsupported = demands.parameters ? unsupportedParameters(provider.kind, model, demands.parameters) : NONE;
    const drops = unsupported.length > 0 && demands.unsupportedParameters === 'drop';
    const cost = estimateCost(model, drops && unsupported.includes('choices') ? { ...demands, choices: 1 } : demands);
    const refusal =
      refuseKeys(provider, model) ??
      refuseCapabilities(model, demands.capabilities, demands.use) ??
      refuseMediaUrl(provider, demands.shownByUrl) ??
      refuseTokenIds(provider, demands.hasTokenIds === true) ??
      refuseToolChoice(provider, model, demands.forcesCall === true) ??
      (drops ? undefined : refuseParameters(unsupported, demands.parameters)) ??
      refuseWindow(model, { inputTokens: demands.windowTokens, outputTokens: outputReserved(demands, model) }) ??
      refuseCost(cost, demands.costMax) ??
      refuseResting(provider, model, { health, nowMs });
    if (refusal) return { model: ref, ...refusal };
    return {
      model,
      cost,
      droppedParameters: drops ? unsupported : undefined,
      unserved: health.length > 0 ? unservedByAll(provider, model, { health, nowMs }) : undefined,
    };
  };
}

const NONE: readonly never[] = [];

/** Has its provider said that none of the keys gets it? What was said longest ago counts. */
function unservedByAll(
  { id, keys }: ProviderSettings,
  { name }: ModelInfo,
  { health, nowMs }: Pick<KnownModels, 'health' | 'nowMs'>,
): Unserved | undefined {
  const said = keys
    .filter((key) => mayBeUsedFor(key, name))
    .map((key) => unservedBy(health, { provider: id, key, model: name }, nowMs));
  if (said.includes(undefined)) return undefined;
  return said.includes('earlier') ? 'earlier' : 'lately';
}

export function isRejection(verdict: Contender | Rejection): verdict is Rejection {
  return 'code' in verdict;
}

/** What the messages, tools and hints of a chat ask for. A JSON schema is asked for in words where need be. */
export function chatDemands(request: ChatRequest, size: InputSize, tier: Tier): Demands {
  const { messages, tools, toolChoice = 'auto', maxOutputTokens, routing, choices, unsupportedParameters } = request;
  const media = size.inputBound.hasImages ? mediaOf(messages) : NONE;
  const capabilities: Capability[] = [];
  if (media.some(({ type }) => type === 'image')) capabilities.push('vision');
  if (media.some(({ type }) => type === 'document')) capabilities.push('pdf');
  if (tools && tools.length > 0) capabilities.push('tools');
  return {
    use: 'chat',
    capabilities,
    shownByUrl: media.length > 0 ? media.flatMap(({ type, source }) => (source.type === 'url' ? [type] : [])) : NONE,
    forcesCall: capabilities.includes('tools') && toolChoice !== 'auto' && toolChoice !== 'none',
    inputTokens: size.inputTokens,
    inputBound: size.inputBound,
    windowTokens: size.inputTokens,
    maxOutputTokens,
    choices,
    costMax: routing.costMax,
    tier,
    parameters: setsParameters(request) ? { ...pickParameters(request), ...(tools && { tools }) } : undefined,
    unsupportedParameters,
  };
}

/** Room the answer needs: what was asked for, or a little; never more than the model can write. */
function outputReserved(demands: Demands, { outputTokensMax }: { readonly outputTokensMax?: number }): number {
  if (demands.use === 'embed') return 0;
  return Math.min(demands.maxOutputTokens ?? OUTPUT_TOKENS_MIN, outputTokensMax ?? Number.POSITIVE_INFINITY);
}
