import type { ChatParameters } from '../../../core/parameters.ts';
import type { RefusalWords } from '../failures/refused-parameters.ts';
import type { ChatBody } from './chat-body.ts';

/** The wire's names, as refusals quote them; a penalty's own name stands before any advice about another. */
export const CHAT_REFUSAL_WORDS: RefusalWords = [
  [/\btemperature\b/, 'temperature'],
  [/\btop_p\b/, 'topP'],
  [/\bstop\b/, 'stop'],
  [/\bseed\b/, 'seed'],
  [/\bpresence_penalty\b/, 'presencePenalty'],
  [/\bfrequency_penalty\b/, 'frequencyPenalty'],
  [/\blogit_bias\b/, 'logitBias'],
  [/^n$|[`'"]n[`'"]/, 'choices'],
  // xAI's in camel case: github.com/NousResearch/hermes-agent/issues/23088.
  [/\breasoning_?effort\b/i, 'reasoningEffort'],
  [/\breasoning_?effort\b/i, 'thinking'],
  [/\bverbosity\b/, 'verbosity'],
  [/\bparallel_tool_calls\b/, 'parallelToolCalls'],
];

/**
 * Ours to theirs, all but the reasoning. Names and ranges are those of
 * platform.openai.com/docs/api-reference/chat/create.
 */
export function addChatParameters(body: ChatBody, parameters: ChatParameters): void {
  const { temperature, topP, stop, seed, presencePenalty, frequencyPenalty, logitBias, choices, verbosity } =
    parameters;
  if (temperature !== undefined) body.temperature = temperature;
  if (topP !== undefined) body.top_p = topP;
  if (stop !== undefined && stop.length > 0) body.stop = [...stop];
  if (seed !== undefined) body.seed = seed;
  if (presencePenalty !== undefined) body.presence_penalty = presencePenalty;
  if (frequencyPenalty !== undefined) body.frequency_penalty = frequencyPenalty;
  if (logitBias !== undefined) body.logit_bias = { ...logitBias };
  if (choices !== undefined && choices > 1) body.n = choices;
  if (verbosity !== undefined && verbosity !== 'medium') body.verbosity = verbosity;
}
