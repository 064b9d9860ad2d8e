import type { FinishReasonUnified } from '../../core/completion.ts';
import {
  answersOf,
  argumentPiecesOf,
  type ChatCall,
  finishOf,
  piecesOf,
  type ScriptedAnswer,
  type ScriptedToolCall,
  type ScriptedUsage,
} from './scripted.ts';
import { jsonReply, sseFrame, type WireReply } from './vendor-wire.ts';

/** How one speaker of the wire differs. */
export type ChatReplyStyle = {
  /** `x_groq`: usage rides unasked in the last chunk under that name. */
  readonly streamUsage: 'asked' | 'x_groq';
  readonly reasoningField: 'reasoning' | 'reasoning_content';
  readonly headers: Readonly<Record<string, string>>;
};

const CREATED = 1_790_000_000;

const FINISH: Readonly<Record<Exclude<FinishReasonUnified, 'other'>, string>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  content_filter: 'content_filter',
  // A refusal is told by its own field.
  refusal: 'stop',
};

export function wholeChatReply(answer: ScriptedAnswer, call: ChatCall, style: ChatReplyStyle): WireReply {
  const { usage } = answer;
  const body = {
    id: 'chatcmpl-simulated',
    object: 'chat.completion',
    created: CREATED,
    model: call.model,
    choices: answersOf(answer, call).map((said, index) => choiceOf(said, index, style)),
    ...(usage && { usage: toChatUsage(usage) }),
    service_tier: usage?.modes?.[0] ?? 'default',
    system_fingerprint: null,
  };
  return { ...jsonReply(200, body, style.headers), ...(usage && { usage }) };
}

function choiceOf(answer: ScriptedAnswer, index: number, style: ChatReplyStyle): object {
  const { text, reasoning, toolCalls } = answer;
  const refused = finishOf(answer) === 'refusal';
  const message = {
    role: 'assistant',
    content: refused || (toolCalls && !text) ? null : (text ?? ''),
    refusal: refused ? (text ?? '') : null,
    annotations: [],
    ...(reasoning !== undefined && { [style.reasoningField]: reasoning }),
    ...(toolCalls && {
      tool_calls: toolCalls.map(({ id, name, argumentsJson }) => ({
        id,
        type: 'function',
        function: { name, arguments: argumentsJson },
      })),
    }),
  };
  return { index, message, logprobs: null, finish_reason: FINISH[finishOf(answer)] };
}

export function streamedChatReply(answer: ScriptedAnswer, call: ChatCall, style: ChatReplyStyle): WireReply {
  const { reasoning, toolCalls, usage } = answer;
  const asked = style.streamUsage === 'asked' && call.wantsUsage;
  const chunk = (delta: object, finish: string | null = null, more: object = {}) =>
    sseFrame({
      id: 'chatcmpl-simulated',
      object: 'chat.completion.chunk',
      created: CREATED,
      model: call.model,
      system_fingerprint: null,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...(asked && { usage: null }),
      ...more,
    });
  const field = finishOf(answer) === 'refusal' ? 'refusal' : 'content';
  const content = [
    chunk({ role: 'assistant', content: '', refusal: null }),
    ...(reasoning !== undefined ? [chunk({ [style.reasoningField]: reasoning })] : []),
    ...piecesOf(answer).map((piece) => chunk({ [field]: piece })),
    ...(toolCalls ?? []).flatMap((call, index) => toolCallDeltas(answer, call, index).map((delta) => chunk(delta))),
  ];
  const chatUsage = usage && toChatUsage(usage);
  const end = [
    chunk({}, FINISH[finishOf(answer)], style.streamUsage === 'x_groq' ? { x_groq: { usage: chatUsage } } : {}),
    ...(asked && usage ? [usageChunk(call.model, chatUsage, usage.modes?.[0])] : []),
    sseFrame('[DONE]'),
  ];
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream; charset=utf-8', ...style.headers },
    frames: [...content, ...end],
    framesBeforeEnd: content.length,
    ...(usage && { usage }),
  };
}

function usageChunk(model: string, usage: object | undefined, served: string | undefined): string {
  const head = { id: 'chatcmpl-simulated', object: 'chat.completion.chunk', created: CREATED, model };
  return sseFrame({ ...head, service_tier: served ?? 'default', system_fingerprint: null, choices: [], usage });
}

/** The head names the call, the arguments follow in pieces, as OpenAI sends them. */
function toolCallDeltas(answer: ScriptedAnswer, call: ScriptedToolCall, index: number): object[] {
  const { id, name } = call;
  return [
    { tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] },
    ...argumentPiecesOf(answer, call).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
  ];
}

/** Theirs counts the cached tokens within the prompt, and reasoning within the completion. */
function toChatUsage(usage: ScriptedUsage) {
  const prompt = usage.inputTokens + usage.cachedInputTokens + usage.cacheWriteTokens;
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.outputTokens,
    total_tokens: prompt + usage.outputTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cachedInputTokens,
      audio_tokens: (usage.audioInputTokens ?? 0) + (usage.cachedAudioInputTokens ?? 0),
      ...(usage.cacheWriteTokens > 0 && { cache_write_tokens: usage.cacheWriteTokens }),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoningTokens,
      audio_tokens: usage.audioOutputTokens ?? 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
