import type { FinishReasonUnified } from '../../core/completion.ts';
import { anthropicFailureFrame, anthropicFailureReply } from './anthropic-failure.ts';
import { readAnthropicRequest } from './anthropic-request.ts';
import {
  argumentPiecesOf,
  type ChatCall,
  finishOf,
  piecesOf,
  type ScriptedAnswer,
  type ScriptedUsage,
} from './scripted.ts';
import { jsonReply, sseFrame, type VendorWire, type WireReply } from './vendor-wire.ts';

const HEADERS = { 'request-id': 'req_simulated_anthropic', 'anthropic-organization-id': 'org_simulated' };
const SIGNATURE = 'c2ltdWxhdGVk';

const FINISH: Readonly<Record<Exclude<FinishReasonUnified, 'other'>, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  // One word for both.
  content_filter: 'refusal',
  refusal: 'refusal',
};

/** Anthropic's messages and model list, API version 2026-10-21; it has no embeddings. */
export const ANTHROPIC_WIRE: VendorWire = {
  kind: 'anthropic',
  basePath: '',
  read: readAnthropicRequest,
  whole: wholeReply,
  stream: streamedReply,
  models: (names) =>
    jsonReply(200, {
      data: names.map((id) => ({
        type: 'model',
        id,
        display_name: id,
        created_at: '2026-09-28T00:00:00Z',
        lifecycle: 'active',
        max_input_tokens: 200_000,
        max_tokens: 64_000,
        capabilities: null,
      })),
      has_more: false,
      first_id: names[0] ?? null,
      last_id: names.at(-1) ?? null,
    }),
  failure: (failure, call) => anthropicFailureReply(failure, call, HEADERS),
  failureFrame: anthropicFailureFrame,
};

function messageOf(call: ChatCall, more: object): object {
  return {
    id: 'msg_simulated',
    type: 'message',
    role: 'assistant',
    model: call.model,
    container: null,
    stop_details: null,
    stop_sequence: null,
    ...more,
  };
}

function wholeReply(answer: ScriptedAnswer, call: ChatCall): WireReply {
  const { text, reasoning, toolCalls = [], usage, signature = SIGNATURE } = answer;
  const content = [
    ...(reasoning !== undefined ? [{ type: 'thinking', thinking: reasoning, signature }] : []),
    ...(text ? [{ type: 'text', text }] : []),
    ...toolCalls.map(({ id, name, argumentsJson }) => ({
      type: 'tool_use',
      id,
      name,
      input: JSON.parse(argumentsJson) as unknown,
      caller: { type: 'direct' },
    })),
  ];
  const more = { content, stop_reason: FINISH[finishOf(answer)], ...(usage && { usage: toUsage(usage) }) };
  return { ...jsonReply(200, messageOf(call, more), HEADERS), ...(usage && { usage }) };
}

function streamedReply(answer: ScriptedAnswer, call: ChatCall): WireReply {
  const { usage } = answer;
  const started = usage && toUsage({ ...usage, outputTokens: 1, reasoningTokens: 0 });
  const start = messageOf(call, { content: [], stop_reason: null, ...(started && { usage: started }) });
  const frames = [
    event('message_start', { message: start }),
    ...blocksOf(answer).flatMap(([block, deltas], index) => [
      event('content_block_start', { index, content_block: block }),
      ...deltas.map((delta) => event('content_block_delta', { index, delta })),
      event('content_block_stop', { index }),
    ]),
    event('message_delta', {
      delta: { stop_reason: FINISH[finishOf(answer)], stop_sequence: null, stop_details: null, container: null },
      ...(usage && { usage: toUsage(usage) }),
    }),
    event('message_stop', {}),
  ];
  frames.splice(2, 0, event('ping', {}));
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream; charset=utf-8', ...HEADERS },
    frames,
    framesBeforeEnd: frames.length - 1,
    ...(usage && { usage }),
  };
}

function event(type: string, fields: object): string {
  return sseFrame({ type, ...fields }, type);
}

/** Each block as it starts, and what its deltas add. */
function blocksOf(answer: ScriptedAnswer): readonly (readonly [block: object, deltas: readonly object[]])[] {
  const { reasoning, toolCalls = [], signature = SIGNATURE } = answer;
  const pieces = piecesOf(answer);
  return [
    ...(reasoning !== undefined
      ? [
          [
            { type: 'thinking', thinking: '', signature: '' },
            [
              { type: 'thinking_delta', thinking: reasoning },
              { type: 'signature_delta', signature },
            ],
          ] as const,
        ]
      : []),
    ...(pieces.length > 0
      ? [[{ type: 'text', text: '' }, pieces.map((text) => ({ type: 'text_delta', text }))] as const]
      : []),
    ...toolCalls.map((call) => {
      const { id, name } = call;
      const pieces = ['', ...argumentPiecesOf(answer, call)];
      return [
        { type: 'tool_use', id, name, input: {}, caller: { type: 'direct' } },
        pieces.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
      ] as const;
    }),
  ];
}

/** Its input classes are disjoint, as ours; output includes thinking. */
function toUsage(usage: ScriptedUsage) {
  const { cacheWrite1hTokens: forAnHour = 0, modes = [], webSearches } = usage;
  return {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cachedInputTokens,
    cache_creation:
      usage.cacheWriteTokens > 0
        ? { ephemeral_5m_input_tokens: usage.cacheWriteTokens - forAnHour, ephemeral_1h_input_tokens: forAnHour }
        : null,
    output_tokens: usage.outputTokens,
    output_tokens_details: { thinking_tokens: usage.reasoningTokens },
    server_tool_use: webSearches ? { web_search_requests: webSearches } : null,
    service_tier: modes.find((mode) => mode === 'batch' || mode === 'priority') ?? 'standard',
    inference_geo: modes.includes('us') ? 'us' : 'global',
  };
}
