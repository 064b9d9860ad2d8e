import { chatFailureFrame, chatFailureReply } from './chat-completions-failure.ts';
import { type ChatReplyStyle, streamedChatReply, wholeChatReply } from './chat-completions-reply.ts';
import { readChatCompletionsRequest } from './chat-completions-request.ts';
import { jsonReply, type VendorWire } from './vendor-wire.ts';

const STYLE: ChatReplyStyle = {
  streamUsage: 'asked',
  reasoningField: 'reasoning_content',
  headers: { 'x-request-id': 'req_simulated_openai', 'openai-processing-ms': '1' },
};

/** OpenAI's chat completions, embeddings and model list. */
export const OPENAI_WIRE: VendorWire = {
  kind: 'openai',
  basePath: '/v1',
  read: (request) => readChatCompletionsRequest(request, '/v1'),
  whole: (answer, call) => wholeChatReply(answer, call, STYLE),
  stream: (answer, call) => streamedChatReply(answer, call, STYLE),
  embeddings: (vectors, model, { inputTokens }) =>
    jsonReply(
      200,
      {
        object: 'list',
        data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
        model,
        usage: { prompt_tokens: inputTokens, total_tokens: inputTokens },
      },
      STYLE.headers,
    ),
  models: (names) =>
    jsonReply(200, {
      object: 'list',
      data: names.map((id) => ({ id, object: 'model', created: 1_790_000_000, owned_by: 'openai' })),
    }),
  failure: (failure, call) => chatFailureReply(failure, call, STYLE.headers),
  failureFrame: chatFailureFrame,
};

/** The same wire as a local server speaks it. */
export const OPENAI_COMPATIBLE_WIRE: VendorWire = { ...OPENAI_WIRE, kind: 'openai-compatible' };
