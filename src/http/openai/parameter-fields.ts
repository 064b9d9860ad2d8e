import type { ErrorCode } from '../../core/error-codes.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ParameterName } from '../../core/parameters.ts';

/** What our parameters are called in a chat completions request; `topK` and `thinking` have no name there. */
const PARAMETERS: Readonly<Record<ParameterName, string>> = {
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

/** Fields at fault that the gateway names in our words. */
const FIELDS = new Map<string, string>([
  ...Object.entries(PARAMETERS),
  ['responseFormat', 'response_format.json_schema.schema'],
]);

const FIELD_BY_CODE: { readonly [Code in ErrorCode]?: string } = { unknown_model: 'model', unknown_provider: 'model' };

export function toFieldName(parameter: ParameterName): string {
  return PARAMETERS[parameter];
}

/** The same error with the field at fault as its sender wrote it. */
export function withFieldName(error: unknown): unknown {
  if (!(error instanceof GatewayError)) return error;
  const param = error.param === undefined ? FIELD_BY_CODE[error.code] : FIELDS.get(error.param);
  return param === undefined ? error : error.with({ param });
}
