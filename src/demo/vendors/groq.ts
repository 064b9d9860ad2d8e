import { chatFailureFrame, chatFailureReply } from './chat-completions-failure.ts';
import { type ChatReplyStyle, streamedChatReply, wholeChatReply } from './chat-completions-reply.ts';
import { readChatCompletionsRequest } from './chat-completions-request.ts';
import { jsonReply, type VendorWire } from './vendor-wire.ts';

const PREFIX = '/openai/v1';

const STYLE: ChatReplyStyle = {
  streamUsage: 'x_groq',
  reasoningField: 'reasoning',
  headers: { 'x-request-id': 'req_simulated_groq', 'x-groq-region': 'simulated' },
};

/** Groq's chat completions and model list; it has no embeddings. */
export const GROQ_WIRE: VendorWire = {
  kind: 'groq',
  basePath: PREFIX,
  read: (request) => readChatCompletionsRequest(request, PREFIX),
  whole: (answer, call) => wholeChatReply(answer, call, STYLE),
  stream: (answer, call) => streamedChatReply(answer, call, STYLE),
  models: (names) =>
    jsonReply(200, {
      object: 'list',
      data: names.map((id) => ({
        id,
        object: 'model',
        created: 1_790_000_000,
        owned_by: 'Meta',
        active: true,
        context_window: 131_072,
        max_completion_tokens: 32_768,
      })),
    }),
  failure: (failure, call) => chatFailureReply(failure, call, STYLE.headers),
  failureFrame: chatFailureFrame,
};
