import { PARAMETER_WORDS } from '../../core/parameters.ts';
import type { GatewayAnswer, GatewayStream } from '../../gateway/gateway.ts';
import type { HttpContext, HttpServices, Route } from '../http-types.ts';
import { answerHeaders } from '../reply/answer-headers.ts';
import { sendJson } from '../reply/send-json.ts';
import { sendStream } from '../reply/send-stream.ts';
import { callSignal } from '../request/call-signal.ts';
import { readJsonBody } from '../request/read-json-body.ts';
import { readRouting } from '../request/routing-hints.ts';
import { ChatStreamEncoder } from './chat-stream-encoder.ts';
import { type FieldNames, withFieldName } from './field-names.ts';
import { fromAnswer } from './from-answer.ts';
import { type ChatCall, toChatRequest } from './to-chat-request.ts';

const FIELD_NAMES: FieldNames = new Map([['responseFormat', 'response_format.json_schema.schema']]);

/** OpenAI's `POST /v1/chat/completions`, whole and streamed. */
export const CHAT_COMPLETIONS_ROUTE: Route = {
  method: 'POST',
  path: '/v1/chat/completions',
  dialect: 'openai',
  access: 'token',
  async handle(context, services) {
    const body = await readJsonBody(context);
    const call = toChatRequest(body, {
      caller: context.get('caller'),
      unsupportedParameters: services.unsupportedParameters,
      routing: (modelName) => readRouting(context, modelName),
    });
    try {
      return await (call.stream ? answerStreamed(call, context, services) : answerWhole(call, context, services));
    } catch (error) {
      throw withFieldName(error, FIELD_NAMES);
    }
  },
};

async function answerWhole({ request, droppedFields }: ChatCall, context: HttpContext, { gateway }: HttpServices) {
  const answer = await gateway.complete(request, { signal: callSignal(context), upstream: 'whole' });
  return sendJson(context, fromAnswer(answer, Date.now()), headersOf(answer, droppedFields));
}

async function answerStreamed(call: ChatCall, context: HttpContext, { gateway }: HttpServices) {
  const { request, includeUsage, droppedFields } = call;
  const stream = await gateway.stream(request, { signal: callSignal(context) });
  const { requestId, model } = stream;
  const encoder = new ChatStreamEncoder({ requestId, model, createdAtMs: Date.now(), includeUsage });
  return sendStream(context, stream, encoder, headersOf(stream, droppedFields));
}

/** What was left out is told under the names the caller used. */
function headersOf(answer: GatewayAnswer | GatewayStream, more: readonly string[]): Record<string, string> {
  return answerHeaders(answer, { toFieldName: (name) => PARAMETER_WORDS[name], more });
}
