import type { ChatRequest } from '../../core/request.ts';
import type { GatewayAnswer, GatewayStream } from '../../gateway/gateway.ts';
import type { HttpContext, HttpServices, Route } from '../http-types.ts';
import { answerHeaders } from '../reply/answer-headers.ts';
import { sendJson } from '../reply/send-json.ts';
import { sendStream } from '../reply/send-stream.ts';
import { callSignal } from '../request/call-signal.ts';
import { readJsonBody } from '../request/read-json-body.ts';
import { readBoolean } from '../request/read-value.ts';
import { answerForm } from './answer-form.ts';
import { fromAnswer } from './from-answer.ts';
import { MessageEncoder } from './message-encoder.ts';
import { toFieldName } from './parameter-fields.ts';
import { readSurroundings } from './surroundings.ts';
import { toChatRequest } from './to-chat-request.ts';

/** Anthropic's `POST /v1/messages`, whole and streamed. */
export const MESSAGES_ROUTE: Route = {
  method: 'POST',
  path: '/v1/messages',
  dialect: 'anthropic',
  access: 'token',
  async handle(context, services) {
    const body = await readJsonBody(context);
    const request = toChatRequest(body, readSurroundings(context, body, services.unsupportedParameters));
    const isStreamed = readBoolean(body.stream ?? false, 'stream');
    return (isStreamed ? answerStreamed : answerWhole)(request, context, services);
  },
};

async function answerWhole(request: ChatRequest, context: HttpContext, { gateway }: HttpServices) {
  const answer = await gateway.complete(request, { signal: callSignal(context), upstream: 'whole' });
  return sendJson(context, fromAnswer(answer, answerForm(request)), headersOf(answer));
}

async function answerStreamed(request: ChatRequest, context: HttpContext, { gateway }: HttpServices) {
  const stream = await gateway.stream(request, { signal: callSignal(context) });
  return sendStream(context, stream, new MessageEncoder(stream, answerForm(request)), headersOf(stream));
}

/** The vendor's clients show `request-id` in their errors. What was left out is told under the names the caller used. */
function headersOf(answer: GatewayAnswer | GatewayStream): Record<string, string> {
  return { ...answerHeaders(answer, { toFieldName }), 'request-id': answer.requestId };
}
