import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import type { ResponseFormat } from '../../core/message.ts';
import type { ChatParameters } from '../../core/parameters.ts';
import type { ChatRequest } from '../../core/request.ts';
import { markLastBlock, readCacheControl } from '../request/cache-control.ts';
import {
  invalidField,
  readChoice,
  readInteger,
  readItems,
  readNumber,
  readObject,
  readText,
  refuseUnknown,
} from '../request/read-value.ts';
import { COUNTED_FIELDS, MESSAGE_FIELDS } from './fields.ts';
import type { RequestEnvelope } from './request-envelope.ts';
import { EFFORTS, type Purpose, toMessages } from './to-messages.ts';
import { toTools } from './to-tools.ts';
import { checkFields } from './top-level.ts';

const OUTPUT_TOKENS_MAX = 1_000_000;
const STOPS_MAX = 64;
const STOP_CHARACTERS_MAX = 1_000;
/** Source: platform.claude.com/docs, "extended thinking". */
const BUDGET_TOKENS_MIN = 1_024;
const METADATA_CHARACTERS_MAX = 16 * 1024;

/**
 * Our request from the body of `POST /v1/messages`. Throws `invalid_request` or `too_large` naming the
 * field. Source: the types of @anthropic-ai/sdk 1.11.0, and what older clients send.
 */
export function toChatRequest(body: JsonObject, envelope: RequestEnvelope): ChatRequest {
  const prompt = toPrompt(body, envelope, 'answer');
  const maxOutputTokens = readInteger(body.max_tokens ?? undefined, 'max_tokens', { min: 1, max: OUTPUT_TOKENS_MAX });
  return { ...toParameters(body), ...prompt, maxOutputTokens, ...toMetadata(body.metadata ?? undefined) };
}

/** The part of a request that is counted by `count_tokens`. */
export function toPrompt(body: JsonObject, envelope: RequestEnvelope, purpose: Purpose): ChatRequest {
  checkFields(body, purpose === 'count' ? COUNTED_FIELDS : MESSAGE_FIELDS, envelope.unsupportedParameters);
  const { messages, offered, ...effort } = toMessages(body.system ?? undefined, body.messages ?? undefined, purpose);
  const breakpoint = readCacheControl(body.cache_control, 'cache_control');
  const responseFormat = toResponseFormat(body);
  return {
    messages: breakpoint === undefined ? messages : markLastBlock(messages, breakpoint),
    ...effort,
    ...toTools(body, offered, envelope.unsupportedParameters),
    ...(responseFormat && { responseFormat }),
    ...envelope,
  };
}

function toParameters(body: JsonObject): ChatParameters {
  const { temperature, top_p: topP, top_k: topK, stop_sequences: stop, thinking } = body;
  const effort = readOutputConfig(body).effort ?? undefined;
  return {
    ...(temperature != null && { temperature: readNumber(temperature, 'temperature', { min: 0, max: 1 }) }),
    ...(topP != null && { topP: readNumber(topP, 'top_p', { min: 0, max: 1 }) }),
    ...(topK != null && { topK: readInteger(topK, 'top_k', { min: 1, max: OUTPUT_TOKENS_MAX }) }),
    ...(stop != null && toStop(stop)),
    ...(thinking != null && { thinking: toThinking(thinking) }),
    ...(effort !== undefined && { reasoningEffort: readChoice(effort, 'output_config.effort', EFFORTS) }),
  };
}

function toStop(value: JsonValue): Pick<ChatParameters, 'stop'> {
  const stop = readItems(value, 'stop_sequences', { max: STOPS_MAX }, (item, field) => {
    const text = readText(item, field);
    if (text.trim() === '') throw invalidField(field, 'must hold more than white space');
    if (text.length > STOP_CHARACTERS_MAX)
      throw invalidField(field, `must have at most ${STOP_CHARACTERS_MAX} characters`);
    return text;
  });
  return stop.length === 0 ? {} : { stop };
}

const THINKING_FIELDS = new Set(['type', 'budget_tokens', 'display', 'block_binding']);
const THINKING_TYPES = ['enabled', 'adaptive', 'disabled', 'between_tools'] as const;
const DISPLAYS = ['summarized', 'omitted', 'updates'] as const;
const BINDING_FIELDS = new Set(['prefix_mismatch_behavior']);

function toThinking(value: JsonValue): NonNullable<ChatParameters['thinking']> {
  const thinking = readObject(value, 'thinking');
  refuseUnknown(thinking, THINKING_FIELDS, 'thinking');
  const type = readChoice(thinking.type, 'thinking.type', THINKING_TYPES);
  const display = thinking.display == null ? undefined : readChoice(thinking.display, 'thinking.display', DISPLAYS);
  // Updates alone are not to be had: who wants them is shown what the model shows by itself.
  const shown = display === undefined || display === 'updates' ? {} : { display };
  if (thinking.block_binding != null) checkBinding(readObject(thinking.block_binding, 'thinking.block_binding'));
  if (type !== 'enabled') {
    if (thinking.budget_tokens != null)
      throw invalidField('thinking.budget_tokens', 'goes with the type "enabled" only');
    return type === 'adaptive' ? { type, ...shown } : { type: 'off' };
  }
  const range = { min: BUDGET_TOKENS_MIN, max: OUTPUT_TOKENS_MAX };
  return { type, budgetTokens: readInteger(thinking.budget_tokens, 'thinking.budget_tokens', range), ...shown };
}

/** What is to become of thinking out of another conversation: for its vendor to say, who alone can tell. */
function checkBinding(binding: JsonObject): void {
  refuseUnknown(binding, BINDING_FIELDS, 'thinking.block_binding');
  const { prefix_mismatch_behavior: behavior } = binding;
  if (behavior != null)
    readChoice(behavior, 'thinking.block_binding.prefix_mismatch_behavior', ['error', 'drop_block']);
}

const OUTPUT_FIELDS = new Set(['effort', 'format']);

function readOutputConfig(body: JsonObject): JsonObject {
  if (body.output_config == null) return {};
  const config = readObject(body.output_config, 'output_config');
  refuseUnknown(config, OUTPUT_FIELDS, 'output_config');
  return config;
}

const FORMAT_FIELDS = new Set(['type', 'schema']);

function toResponseFormat(body: JsonObject): ResponseFormat | undefined {
  const { format } = readOutputConfig(body);
  if (format != null && body.output_format != null) {
    throw invalidField('output_format', 'is the older name of "output_config.format"; give one of them');
  }
  const [value, field] =
    format != null ? ([format, 'output_config.format'] as const) : ([body.output_format, 'output_format'] as const);
  if (value == null) return undefined;
  const given = readObject(value, field);
  refuseUnknown(given, FORMAT_FIELDS, field);
  readChoice(given.type, `${field}.type`, ['json_schema']);
  return { type: 'json-schema', name: 'answer', schema: readObject(given.schema, `${field}.schema`) };
}

const METADATA_FIELDS = new Set(['user_id']);

function toMetadata(value: JsonValue | undefined): Pick<ChatRequest, 'metadata'> {
  if (value === undefined) return {};
  const metadata = readObject(value, 'metadata');
  refuseUnknown(metadata, METADATA_FIELDS, 'metadata');
  if (metadata.user_id == null) return {};
  const userId = readText(metadata.user_id, 'metadata.user_id');
  if (userId.length > METADATA_CHARACTERS_MAX) {
    throw invalidField(
      'metadata.user_id',
      `must have at most ${METADATA_CHARACTERS_MAX.toLocaleString('en-US')} characters`,
    );
  }
  return { metadata: { user_id: userId } };
}
