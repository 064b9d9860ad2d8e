import { GatewayError } from '../../core/errors.ts';
import type { ParameterName } from '../../core/parameters.ts';

/** What our parameters are called in a chat completions request; `topK` and `thinking` have no name there. */
const FIELDS: Readonly<Record<ParameterName, string>> = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  stop: 'stop',
  seed: 'seed',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  logitBias: 'logit_bias',
  choices: 'n',
  reasoningEffort: 'reasoning_effort',
  thinking: 'thinking',
  parallelToolCalls: 'parallel_tool_calls',
};

export function toFieldName(parameter: ParameterName): string {
  return FIELDS[parameter];
}

/** The same error with the field as its sender wrote it. */
export function withFieldName(error: unknown): unknown {
  if (!(error instanceof GatewayError) || error.param === undefined || !Object.hasOwn(FIELDS, error.param))
    return error;
  return error.with({ param: FIELDS[error.param as ParameterName] });
}
