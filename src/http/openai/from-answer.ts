import type { Choice, FinishReason } from '../../core/completion.ts';
import type { CallId } from '../../core/ids.ts';
import type { ReasoningPart, ToolCallPart } from '../../core/message.ts';
import { totalInputTokens, type Usage } from '../../core/usage.ts';
import type { GatewayAnswer } from '../../gateway/gateway.ts';
import { toCarriedId } from '../carried-state.ts';
import { toArguments } from '../reply/tool-arguments.ts';
import { toCustomInput } from './shared/custom-tool.ts';
import { refusalWords } from './shared/refusal-words.ts';
import { toReasoningDetails } from './vendor-state.ts';

/**
 * `chat.completion`, as JSON. What stands around the messages is written by hand: half of an answer are numbers and
 * names, and `JSON.stringify` takes longer for these than all the rest of the way out.
 * Source: developers.openai.com/api/reference, the chat completion object.
 */
export function fromAnswer(
  { requestId, model, completion }: GatewayAnswer,
  { createdAtMs, customTools }: { readonly createdAtMs: number; readonly customTools: ReadonlySet<string> },
): string {
  const head = `"id":"${toCompletionId(requestId)}","object":"chat.completion","created":${toUnixSeconds(createdAtMs)}`;
  const choices = [completion, ...(completion.alternatives ?? [])]
    .map((choice, index) => fromChoice(choice, index, customTools))
    .join(',');
  return `{${head},"model":${JSON.stringify(model)},"choices":[${choices}],"usage":${fromUsage(completion.usage)}}`;
}

export function toCompletionId(requestId: CallId): string {
  return `chatcmpl-${requestId.slice('req_'.length)}`;
}

export function toUnixSeconds(timeMs: number): number {
  return Math.floor(timeMs / 1_000);
}

function fromChoice(choice: Choice, index: number, customTools: ReadonlySet<string>): string {
  const message = JSON.stringify(toMessage(choice, customTools));
  return `{"index":${index},"message":${message},"logprobs":null,"finish_reason":"${fromFinishReason(choice)}"}`;
}

function toMessage({ content, finishReason }: Choice, customTools: ReadonlySet<string>) {
  const calls: ToolCallPart[] = [];
  const reasoning: ReasoningPart[] = [];
  let text = '';
  for (const part of content) {
    if (part.type === 'text') text += part.text;
    else if (part.type === 'tool-call') calls.push(part);
    else reasoning.push(part);
  }
  const isRefusal = finishReason.unified === 'refusal';
  return {
    role: 'assistant',
    content: isRefusal || (text === '' && calls.length > 0) ? null : text,
    refusal: isRefusal ? refusalWords(text, finishReason) : null,
    ...(calls.length > 0 && { tool_calls: calls.map((call) => toToolCall(call, customTools)) }),
    ...(reasoning.length > 0 && reasoningFields(reasoning)),
  };
}

/** Beyond OpenAI's own: the names other compatible servers gave to thinking. */
function reasoningFields(parts: readonly ReasoningPart[]) {
  const text = parts.map((part) => part.text).join('');
  const details = toReasoningDetails(parts);
  return {
    ...(text !== '' && { reasoning_content: text }),
    ...(details.length > 0 && { reasoning_details: details }),
  };
}

export function toToolCall(call: ToolCallPart, customTools: ReadonlySet<string>) {
  const { name, argumentsJson } = call;
  if (customTools.has(name)) {
    const input = toCustomInput(toArguments(argumentsJson));
    return { id: toCarriedId(call), type: 'custom', custom: { name, input } };
  }
  return { id: toCarriedId(call), type: 'function', function: { name, arguments: toArguments(argumentsJson) } };
}

type ChatFinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

export function fromFinishReason({ finishReason, content }: Choice): ChatFinishReason {
  return toChatFinishReason(
    finishReason,
    content.some(({ type }) => type === 'tool-call'),
  );
}

/** A refusal stopped by itself, OpenAI says; the message tells it. Calls count whatever the vendor called the end. */
function toChatFinishReason({ unified }: FinishReason, hasCalls: boolean): ChatFinishReason {
  switch (unified) {
    case 'length':
    case 'content_filter':
      return unified;
    case 'tool_calls':
    case 'stop':
    case 'other':
      return hasCalls ? 'tool_calls' : 'stop';
    case 'refusal':
      return 'stop';
  }
}

/** As JSON. OpenAI counts cached tokens among the prompt's, and reasoning among the completion's. */
export function fromUsage(usage: Usage): string {
  const { outputTokens: output, cachedInputTokens: cached, reasoningTokens: reasoning } = usage;
  const input = totalInputTokens(usage);
  const sums = `"prompt_tokens":${input},"completion_tokens":${output},"total_tokens":${input + output}`;
  const ofPrompt = `{"cached_tokens":${cached},"cache_write_tokens":${usage.cacheWriteTokens},"audio_tokens":0}`;
  const ofCompletion = `{"reasoning_tokens":${reasoning},"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}`;
  return `{${sums},"prompt_tokens_details":${ofPrompt},"completion_tokens_details":${ofCompletion}}`;
}
