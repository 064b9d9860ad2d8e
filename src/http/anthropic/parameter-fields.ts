import { PARAMETER_WORDS, type ParameterName } from '../../core/parameters.ts';

/** What our parameters are called in a request to `/v1/messages`. */
const FIELDS: Readonly<Record<ParameterName, string>> = {
  ...PARAMETER_WORDS,
  stop: 'stop_sequences',
  reasoningEffort: 'output_config.effort',
  parallelToolCalls: 'tool_choice.disable_parallel_tool_use',
};

export function toFieldName(parameter: ParameterName): string {
  return FIELDS[parameter];
}
