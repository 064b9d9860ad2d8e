import type { JsonObject } from '../../core/json/json.ts';
import { PARAMETER_NAMES, PARAMETER_WORDS, type ParameterName } from '../../core/parameters.ts';
import type { FieldNames } from '../reply/field-names.ts';
import { findBlock } from './find-block.ts';

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

const PARAMETER_FIELDS = PARAMETER_NAMES.map((name) => [PARAMETER_WORDS[name], FIELDS[name]] as const);

/** What errors name, as this request wrote it. */
export function fieldNamesOf(body: JsonObject): FieldNames {
  const format = body.output_format == null ? 'output_config.format' : 'output_format';
  return new Map([
    ...PARAMETER_FIELDS,
    ['json_schema', `${format}.schema`],
    ['toolChoice', 'tool_choice'],
    ...(['image', 'document'] as const).map((type) => [type, findBlock(body, type) ?? 'messages'] as const),
  ]);
}
