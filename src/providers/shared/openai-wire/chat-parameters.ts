import type { ChatParameters } from '../../../core/parameters.ts';
import type { ParameterWords } from '../refused-parameters.ts';
import type { ChatBody } from './chat-body.ts';

/** The wire's names, as refusals quote them; a penalty's own name stands before any advice about another. */
export const CHAT_PARAMETER_WORDS: ParameterWords = [
  [/\btemperature\b/, 'temperature'],
  [/\btop_p\b/, 'topP'],
  [/\bstop\b/, 'stop'],
  [/\bseed\b/, 'seed'],
  [/\bpresence_penalty\b/, 'presencePenalty'],
  [/\bfrequency_penalty\b/, 'frequencyPenalty'],
  [/\blogit_bias\b/, 'logitBias'],
  [/^n$|[`'"]n[`'"]/, 'choices'],
  [/\breasoning_effort\b/, 'reasoningEffort'],
  [/\breasoning_effort\b/, 'thinking'],
  [/\bparallel_tool_calls\b/, 'parallelToolCalls'],
];

/**
 * Ours to theirs, all but the reasoning. Names and ranges are those of
 * platform.openai.com/docs/api-reference/chat/create.
 */
export function toChatParameters(parameters: ChatParameters, hasTools: boolean): Partial<ChatBody> {
  const { temperature, topP, stop, seed, presencePenalty, frequencyPenalty, logitBias, choices } = parameters;
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(stop !== undefined && stop.length > 0 && { stop: [...stop] }),
    ...(seed !== undefined && { seed }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
    ...(logitBias !== undefined && { logit_bias: { ...logitBias } }),
    ...(choices !== undefined && choices > 1 && { n: choices }),
    // Refused in a request without tools.
    ...(hasTools && parameters.parallelToolCalls === false && { parallel_tool_calls: false }),
  };
}
