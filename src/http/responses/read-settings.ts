import type { JsonValue } from '../../core/json/json.ts';
import type { ResponseFormat } from '../../core/message.ts';
import { REASONING_EFFORTS, VERBOSITIES } from '../../core/parameters.ts';
import { refuseObfuscation } from '../openai/shared/field-rules.ts';
import { readJsonSchemaFormat } from '../openai/shared/read-json-schema-format.ts';
import { readChoice, readObject, refuseUnknown } from '../request/read-value.ts';
import type { ResponsesDraft } from './responses-draft.ts';

const REASONING_FIELDS = new Set(['effort', 'summary', 'generate_summary', 'context', 'mode']);
const SUMMARIES = ['auto', 'concise', 'detailed'] as const;
const TEXT_FIELDS = new Set(['format', 'verbosity']);
const NO_FIELDS: ReadonlySet<string> = new Set();
const STREAM_OPTIONS = new Set(['include_obfuscation']);

export function readReasoning(value: JsonValue, field: string, draft: ResponsesDraft): void {
  const reasoning = readObject(value, field);
  refuseUnknown(reasoning, REASONING_FIELDS, field);
  const { effort, context, mode } = reasoning;
  if (effort != null) draft.reasoningEffort = readChoice(effort, `${field}.effort`, REASONING_EFFORTS);
  for (const name of ['summary', 'generate_summary'] as const) {
    if (reasoning[name] == null) continue;
    readChoice(reasoning[name], `${field}.${name}`, SUMMARIES);
    draft.showsSummary = true;
  }
  // Some vendors leave the thoughts out unless asked for them; a model is not made to think by this alone.
  const reasons = draft.reasoningEffort !== undefined && draft.reasoningEffort !== 'none';
  if (draft.showsSummary && reasons) draft.thinking = { type: 'adaptive', display: 'summarized' };
  // What these choose is how OpenAI's own server goes about it.
  if (context != null) readChoice(context, `${field}.context`, ['auto', 'current_turn', 'all_turns']);
  if (mode != null) readChoice(mode, `${field}.mode`, ['standard']);
}

/** `text`: the format is chat completions' `response_format`, written flat. */
export function readTextSettings(value: JsonValue, field: string, draft: ResponsesDraft): void {
  const text = readObject(value, field);
  refuseUnknown(text, TEXT_FIELDS, field);
  if (text.format != null) {
    const format = readFormat(text.format, `${field}.format`);
    if (format) draft.responseFormat = format;
  }
  if (text.verbosity != null) draft.verbosity = readChoice(text.verbosity, `${field}.verbosity`, VERBOSITIES);
}

/** Undefined for plain text. */
function readFormat(value: JsonValue, place: string): ResponseFormat | undefined {
  const { type, ...format } = readObject(value, place);
  switch (readChoice(type, `${place}.type`, ['text', 'json_object', 'json_schema'])) {
    case 'text':
      refuseUnknown(format, NO_FIELDS, place);
      return undefined;
    case 'json_object':
      refuseUnknown(format, NO_FIELDS, place);
      return { type: 'json-object' };
    case 'json_schema':
      return readJsonSchemaFormat(format, place);
  }
}

export function readStreamOptions(value: JsonValue, field: string, draft: ResponsesDraft): void {
  const options = readObject(value, field);
  refuseUnknown(options, STREAM_OPTIONS, field);
  draft.hasStreamOptions = true;
  refuseObfuscation(options, field);
}
