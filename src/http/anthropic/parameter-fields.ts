import type { ParameterName } from '../../core/parameters.ts';

/** What our parameters are called in a request to `/v1/messages`. */
const FIELDS: Readonly<Partial<Record<ParameterName, string>>> = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  stop: 'stop_sequences',
  reasoningEffort: 'output_config.effort',
  thinking: 'thinking',
  parallelToolCalls: 'tool_choice.disable_parallel_tool_use',
};

export function toFieldName(parameter: ParameterName): string {
  return FIELDS[parameter] ?? parameter;
}
