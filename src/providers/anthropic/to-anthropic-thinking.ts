import type { MessageCreateParamsBase } from '@anthropic-ai/sdk/resources/messages';
import { fromThinkingState } from '../../core/content/signed-thinking.ts';
import type { ModelInfo } from '../../core/model.ts';
import { claudeAlwaysThinks } from '../../core/parameter-support.ts';
import type { ReasoningEffort } from '../../core/parameters.ts';
import type { ProviderRequest } from '../../core/provider.ts';
import { budgetOfEffort, effortOfBudget } from '../shared/translation/thinking-effort.ts';
import { versionOf } from './anthropic-version.ts';

type Thinking = {
  readonly thinking?: NonNullable<MessageCreateParamsBase['thinking']>;
  readonly effort?: 'low' | 'medium' | 'high' | 'xhigh' | 'max';
};

/** The least budget the vendor takes, in tokens; it must be below `max_tokens` as well. */
const BUDGET_TOKENS_MIN = 1_024;

/**
 * What is asked of the thinking. Up to 4.6 a model takes a budget; from 4.6 on it decides by itself and
 * takes an effort, and from 4.7 on it refuses budgets: they become an effort there.
 * Source: platform.claude.com/docs, "extended thinking" and "adaptive thinking".
 */
export function toAnthropicThinking(request: ProviderRequest, tokensMax: number): Thinking {
  const { model, reasoningEffort, thinking } = request;
  if (!model.capabilities.includes('reasoning')) return {};
  const version = versionOf(model.name);
  // An effort goes with thinking that is off, and gives way to a budget where the model takes one.
  const isBudgeted = thinking?.type === 'enabled' && version < ADAPTIVE_FROM;
  if (reasoningEffort !== undefined && thinking?.type !== 'off' && !isBudgeted) {
    return fromEffort(reasoningEffort, version, request, tokensMax);
  }
  const effort = toEffort(reasoningEffort, version);
  switch (thinking?.type) {
    case 'off':
      return { ...effort, ...unthinking(model) };
    case 'adaptive':
      return version >= ADAPTIVE_FROM ? { thinking: adaptive(request) } : {};
    case 'enabled':
      if (version < ADAPTIVE_ONLY_FROM) {
        return calledUnthinking(request) ? {} : withBudget(thinking.budgetTokens, tokensMax);
      }
      return { thinking: adaptive(request), effort: effortOfBudget(thinking.budgetTokens) };
    default:
      return {};
  }
}

/** Versions, as hundreds and ones. */
const ADAPTIVE_FROM = 406;
const ADAPTIVE_ONLY_FROM = 407;

const EFFORTS = { minimal: 'low', low: 'low', medium: 'medium', high: 'high', xhigh: 'xhigh', max: 'max' } as const;

/** Models before 4.6 take no effort. */
function toEffort(effort: ReasoningEffort | undefined, version: number): Pick<Thinking, 'effort'> {
  return effort === undefined || effort === 'none' || version < ADAPTIVE_FROM ? {} : { effort: EFFORTS[effort] };
}

function fromEffort(effort: ReasoningEffort, version: number, request: ProviderRequest, tokensMax: number): Thinking {
  if (effort === 'none') return unthinking(request.model);
  if (version >= ADAPTIVE_FROM) {
    return { effort: EFFORTS[effort], ...(canStartThinking(request) && { thinking: adaptive(request) }) };
  }
  return canStartThinking(request) && !calledUnthinking(request) ? withBudget(budgetOfEffort(effort), tokensMax) : {};
}

/** Thoughts are left out unless they are asked for; who gave a budget was shown them. */
function adaptive({ thinking }: ProviderRequest): NonNullable<Thinking['thinking']> {
  const byDefault = thinking?.type === 'enabled' ? 'summarized' : undefined;
  const display = (thinking?.type !== 'off' && thinking?.display) || byDefault;
  return { type: 'adaptive', ...(display && { display }) };
}

/**
 * As little thinking as there can be. Left out where it is always on: the model then thinks as little as it likes.
 * Sonnet 5.5 has another word for it. Source: platform.claude.com/docs, "what's new in Claude Sonnet 5.5".
 */
function unthinking(model: ModelInfo): Thinking {
  if (claudeAlwaysThinks(model)) return {};
  return { thinking: { type: /sonnet-5-5/.test(model.name) ? 'between_tools' : 'disabled' } };
}

/** What of the budget the answer's limit leaves: it may be lower than the caller's own. */
function withBudget(wanted: number, tokensMax: number): Thinking {
  const budget = Math.min(wanted, tokensMax - 1);
  return budget < BUDGET_TOKENS_MIN ? {} : { thinking: { type: 'enabled', budget_tokens: budget } };
}

/** Thinking goes with no forced tool. */
function canStartThinking({ tools, toolChoice }: ProviderRequest): boolean {
  return !tools?.length || toolChoice === undefined || toolChoice === 'auto' || toolChoice === 'none';
}

/**
 * Did the last turn call tools without thinking first? A budget is refused then ("a final `assistant` message must
 * start with a thinking block"), and a turn that another vendor began holds no thinking of this one.
 */
function calledUnthinking({ messages }: ProviderRequest): boolean {
  const last = messages.findLastIndex(({ role }) => role === 'assistant');
  if (!messages[last]?.content.some(({ type }) => type === 'tool-call')) return false;
  const asked = messages.findLastIndex(({ role }, index) => role === 'user' && index < last);
  const first = messages.find(({ role }, index) => role === 'assistant' && index > asked);
  const sent = first?.content.find((part) => part.type !== 'reasoning' || fromThinkingState(part.vendorState));
  return sent?.type !== 'reasoning';
}
