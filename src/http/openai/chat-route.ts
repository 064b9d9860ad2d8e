import { PARAMETER_WORDS } from '../../core/parameters.ts';
import type { GatewayAnswer, GatewayStream } from '../../gateway/gateway.ts';
import type { HttpServices, Route } from '../http-types.ts';
import { answerHeaders } from '../reply/answer-headers.ts';
import { type FieldNames, withFieldName } from '../reply/field-names.ts';
import { writtenReply } from '../reply/json-reply.ts';
import { sendStream } from '../reply/send-stream.ts';
import type { OpenRequest } from '../request/open-request.ts';
import { readJsonBody } from '../request/read-json-body.ts';
import { readRouting } from '../request/routing-hints.ts';
import { ChatStreamEncoder } from './chat-stream-encoder.ts';
import { fromAnswer } from './from-answer.ts';
import { type ChatCall, toChatRequest } from './to-chat-request.ts';

const FIELD_NAMES: FieldNames = new Map([
  ['json_schema', 'response_format.json_schema.schema'],
  ['toolChoice', 'tool_choice'],
  ['image', 'messages'],
  ['document', 'messages'],
]);

/** OpenAI's `POST /v1/chat/completions`, whole and streamed. */
export const CHAT_COMPLETIONS_ROUTE: Route = {
  method: 'POST',
  path: '/v1/chat/completions',
  dialect: 'openai',
  access: 'token',
  async handle(open, services) {
    const body = await readJsonBody(open);
    const call = toChatRequest(body, {
      caller: open.caller,
      unsupportedParameters: services.unsupportedParameters,
      routing: (modelName) => readRouting(open, modelName),
    });
    try {
      return await (call.stream ? answerStreamed(call, open, services) : answerWhole(call, open, services));
    } catch (error) {
      throw withFieldName(error, FIELD_NAMES);
    }
  },
};

async function answerWhole(call: ChatCall, open: OpenRequest, { gateway }: HttpServices) {
  const { request, customTools, droppedFields } = call;
  const answer = await gateway.complete(request, { signal: open.signal, upstream: 'whole' });
  return writtenReply(fromAnswer(answer, { createdAtMs: Date.now(), customTools }), headersOf(answer, droppedFields));
}

async function answerStreamed(call: ChatCall, open: OpenRequest, { gateway }: HttpServices) {
  const { request, includeUsage, customTools, droppedFields } = call;
  const stream = await gateway.stream(request, { signal: open.signal });
  const { requestId, model } = stream;
  const encoder = new ChatStreamEncoder({ requestId, model, createdAtMs: Date.now(), includeUsage, customTools });
  return sendStream(open, stream, encoder, headersOf(stream, droppedFields));
}

/** What was left out is told under the names the caller used. */
function headersOf(answer: GatewayAnswer | GatewayStream, more: readonly string[]): Record<string, string> {
  return answerHeaders(answer, { toFieldName: (name) => PARAMETER_WORDS[name], more });
}
