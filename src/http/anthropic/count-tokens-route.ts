import type { ChatRequest } from '../../core/request.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { Route } from '../http-types.ts';
import { droppedHeader } from '../reply/answer-headers.ts';
import { withFieldName } from '../reply/field-names.ts';
import { jsonReply } from '../reply/json-reply.ts';
import { readJsonBody } from '../request/read-json-body.ts';
import { COUNTED_FIELDS } from './fields.ts';
import { leftOutOf } from './left-out.ts';
import { readEnvelope } from './request-envelope.ts';
import { toPrompt } from './to-chat-request.ts';

/** Anthropic's `POST /v1/messages/count_tokens`, by estimate: no vendor is asked, and a header says so. */
export const COUNT_TOKENS_ROUTE: Route = {
  method: 'POST',
  path: '/v1/messages/count_tokens',
  dialect: 'anthropic',
  access: 'token',
  async handle(open, { gateway, unsupportedParameters }) {
    const body = await readJsonBody(open);
    const prompt = toPrompt(body, readEnvelope(open, body, unsupportedParameters), 'count');
    await refuseUnknownNames(prompt, gateway);
    const leftOut = leftOutOf(body, COUNTED_FIELDS, unsupportedParameters);
    const headers = { 'x-signalbox-estimated': 'true', ...droppedHeader(leftOut) };
    return jsonReply({ input_tokens: gateway.estimateTokens(prompt) }, headers);
  },
};

/** Every model counts alike, but one that no request can name is refused there as here; so is a provider. */
async function refuseUnknownNames({ routing }: ChatRequest, gateway: Gateway): Promise<void> {
  try {
    await gateway.checkNames(routing);
  } catch (error) {
    throw withFieldName(error);
  }
}
