import type { ChatRequest } from '../../core/request.ts';
import type { GatewayAnswer, GatewayStream } from '../../gateway/gateway.ts';
import type { HttpServices, Route } from '../http-types.ts';
import { answerHeaders } from '../reply/answer-headers.ts';
import { withFieldName } from '../reply/field-names.ts';
import { jsonReply } from '../reply/json-reply.ts';
import { sendStream } from '../reply/send-stream.ts';
import type { OpenRequest } from '../request/open-request.ts';
import { readJsonBody } from '../request/read-json-body.ts';
import { readBoolean } from '../request/read-value.ts';
import { answerForm } from './answer-form.ts';
import { MESSAGE_FIELDS } from './fields.ts';
import { fromAnswer } from './from-answer.ts';
import { leftOutOf } from './left-out.ts';
import { MessageEncoder } from './message-encoder.ts';
import { fieldNamesOf, toFieldName } from './parameter-fields.ts';
import { readEnvelope } from './request-envelope.ts';
import { toChatRequest } from './to-chat-request.ts';

/** Anthropic's `POST /v1/messages`, whole and streamed. */
export const MESSAGES_ROUTE: Route = {
  method: 'POST',
  path: '/v1/messages',
  dialect: 'anthropic',
  access: 'token',
  async handle(open, services) {
    // The only numbers in messages are those in the arguments of tool calls.
    const body = await readJsonBody(open, 'messages');
    const { unsupportedParameters } = services;
    const request = toChatRequest(body, readEnvelope(open, body, unsupportedParameters));
    const leftOut = leftOutOf(body, MESSAGE_FIELDS, unsupportedParameters);
    const isStreamed = readBoolean(body.stream ?? false, 'stream');
    try {
      return await (isStreamed ? answerStreamed : answerWhole)({ request, leftOut }, open, services);
    } catch (error) {
      throw withFieldName(error, fieldNamesOf(body));
    }
  },
};

/** A request, and the fields that it goes on without. */
type MessagesCall = { readonly request: ChatRequest; readonly leftOut: readonly string[] };

async function answerWhole({ request, leftOut }: MessagesCall, open: OpenRequest, { gateway }: HttpServices) {
  const answer = await gateway.complete(request, { signal: open.signal, upstream: 'whole' });
  return jsonReply(fromAnswer(answer, answerForm(request)), headersOf(answer, leftOut));
}

async function answerStreamed({ request, leftOut }: MessagesCall, open: OpenRequest, { gateway }: HttpServices) {
  const stream = await gateway.stream(request, { signal: open.signal });
  return sendStream(open, stream, new MessageEncoder(stream, answerForm(request)), headersOf(stream, leftOut));
}

/** The vendor's clients show `request-id` in their errors. What was left out is told under the names the caller used. */
function headersOf(answer: GatewayAnswer | GatewayStream, more: readonly string[]): Record<string, string> {
  return { ...answerHeaders(answer, { toFieldName, more }), 'request-id': answer.requestId };
}
