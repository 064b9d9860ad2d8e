import type { FinishReasonUnified } from '../../core/completion.ts';
import { ollamaFailureFrame, ollamaFailureReply } from './ollama-failure.ts';
import { readOllamaRequest } from './ollama-request.ts';
import { type ChatCall, finishOf, piecesOf, type ScriptedAnswer, type ScriptedUsage } from './scripted.ts';
import { jsonReply, type VendorWire, type WireReply } from './vendor-wire.ts';

const CREATED_AT = '2026-11-20T10:00:00.000000Z';

const FINISH: Readonly<Record<Exclude<FinishReasonUnified, 'other'>, string>> = {
  stop: 'stop',
  length: 'length',
  // It knows nothing but the two.
  tool_calls: 'stop',
  content_filter: 'stop',
  refusal: 'stop',
};

/** Ollama's chat, embeddings and model list. */
export const OLLAMA_WIRE: VendorWire = {
  kind: 'ollama',
  basePath: '',
  read: readOllamaRequest,
  whole: (answer, call) => {
    const { text = '', reasoning, usage } = answer;
    const message = { content: text, ...(reasoning !== undefined && { thinking: reasoning }), ...callsOf(answer) };
    return { ...jsonReply(200, chunkOf(call, message, answer)), ...(usage && { usage }) };
  },
  stream: streamedReply,
  embeddings: (embeddings, model, { inputTokens }) =>
    jsonReply(200, { model, embeddings, total_duration: 1, load_duration: 1, prompt_eval_count: inputTokens }),
  models: (names) =>
    jsonReply(200, {
      models: names.map((name) => ({
        name,
        model: name,
        modified_at: CREATED_AT,
        size: 2_019_393_189,
        digest: 'a80c4f17acd5',
        details: { format: 'gguf', family: 'llama', parameter_size: '3.2B', quantization_level: 'Q4_K_M' },
      })),
    }),
  failure: ollamaFailureReply,
  failureFrame: ollamaFailureFrame,
};

function streamedReply(answer: ScriptedAnswer, call: ChatCall): WireReply {
  const { reasoning, toolCalls = [], usage } = answer;
  const content = [
    ...(reasoning !== undefined ? [lineOf(chunkOf(call, { content: '', thinking: reasoning }))] : []),
    ...piecesOf(answer).map((piece) => lineOf(chunkOf(call, { content: piece }))),
    ...(toolCalls.length > 0 ? [lineOf(chunkOf(call, { content: '', ...callsOf(answer) }))] : []),
  ];
  return {
    status: 200,
    headers: { 'content-type': 'application/x-ndjson' },
    frames: [...content, lineOf(chunkOf(call, { content: '' }, answer))],
    framesBeforeEnd: content.length,
    ...(usage && { usage }),
  };
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

/** With the answer it is the last or only chunk: it is done, and counts. */
function chunkOf(call: ChatCall, message: object, last?: ScriptedAnswer): object {
  return {
    model: call.model,
    created_at: CREATED_AT,
    message: { role: 'assistant', ...message },
    done: last !== undefined,
    ...(last && { done_reason: FINISH[finishOf(last)], total_duration: 1_000_000, load_duration: 1_000 }),
    ...(last?.usage && countsOf(last.usage)),
  };
}

function callsOf({ toolCalls = [] }: ScriptedAnswer): object {
  if (toolCalls.length === 0) return {};
  return {
    tool_calls: toolCalls.map(({ name, argumentsJson }) => ({
      function: { name, arguments: JSON.parse(argumentsJson) as unknown },
    })),
  };
}

/** One count for all input and one for all output. */
function countsOf(usage: ScriptedUsage): object {
  return {
    prompt_eval_count: usage.inputTokens + usage.cachedInputTokens + usage.cacheWriteTokens,
    prompt_eval_duration: 1_000,
    eval_count: usage.outputTokens,
    eval_duration: 1_000,
  };
}
