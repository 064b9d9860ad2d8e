import type { Completion } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json/json.ts';
import { PARAMETER_WORDS, type ParameterName } from '../../core/parameters.ts';
import type { GatewayAnswer, GatewayStream } from '../../gateway/gateway.ts';
import type { HttpServices, Route } from '../http-types.ts';
import { answerHeaders } from '../reply/answer-headers.ts';
import { type FieldNames, withFieldName } from '../reply/field-names.ts';
import { jsonReply } from '../reply/json-reply.ts';
import type { Reply } from '../reply/reply.ts';
import { sendStream } from '../reply/send-stream.ts';
import type { OpenRequest } from '../request/open-request.ts';
import { readJsonBody } from '../request/read-json-body.ts';
import { readRouting } from '../request/routing-hints.ts';
import { fromAnswer } from './from-answer.ts';
import { KeptItems } from './kept-items.ts';
import { ResponsesEncoder } from './responses-encoder.ts';
import { type ResponsesCall, toChatRequest } from './to-chat-request.ts';

/** Ids hold the request's own, so no two services of a process mix their items. */
const KEPT_ITEMS = new KeptItems();

/** OpenAI's `POST /v1/responses`, whole and streamed. */
const CREATE_RESPONSE_ROUTE: Route = {
  method: 'POST',
  path: '/v1/responses',
  dialect: 'openai',
  access: 'token',
  async handle(open, services) {
    const createdAtS = nowS();
    const caller = open.caller;
    const body = KEPT_ITEMS.resolve(caller.tenant, await readJsonBody(open));
    const keep = (output: readonly JsonObject[], completion: Completion) => {
      if (body.store !== false) KEPT_ITEMS.keep(caller.tenant, output, completion);
    };
    const call = toChatRequest(body, {
      caller,
      unsupportedParameters: services.unsupportedParameters,
      routing: (modelName) => readRouting(open, modelName),
    });
    try {
      return await (call.stream ? answerStreamed : answerWhole)(call, { open, services, createdAtS, keep });
    } catch (error) {
      throw withFieldName(error, FIELD_NAMES);
    }
  },
};

/** What OpenAI does beside answering, at the address of a response: it would seem to be one. */
const UNSERVED: Readonly<Record<string, GatewayError>> = {
  input_tokens: new GatewayError('not_found', 'Signalbox does not count the tokens of a Responses request.', {
    hint: 'POST /v1/messages/count_tokens estimates those of a request in the words of Anthropic.',
  }),
  compact: new GatewayError('not_found', 'Signalbox does not compact conversations.', {
    hint: 'Shorten "input" yourself.',
  }),
};

/** Reading, deleting and cancelling what is not stored. */
const STORED_ROUTES = (
  [
    ['GET', '/v1/responses/:id'],
    ['DELETE', '/v1/responses/:id'],
    ['POST', '/v1/responses/:id'],
    ['GET', '/v1/responses/:id/input_items'],
    ['POST', '/v1/responses/:id/cancel'],
  ] as const
).map(
  ([method, path]): Route => ({
    method,
    path,
    dialect: 'openai',
    access: 'token',
    async handle({ params: { id: name = '' } }) {
      if (method === 'POST' && Object.hasOwn(UNSERVED, name)) throw UNSERVED[name];
      const id = JSON.stringify(name.slice(0, 80));
      throw new GatewayError('not_found', `There is no response ${id}: Signalbox stores no responses.`, {
        hint: 'Keep what POST /v1/responses answers, and send the whole conversation in "input".',
      });
    },
  }),
);

/** Everything under `/v1/responses`. */
export const RESPONSES_ROUTES: readonly Route[] = [CREATE_RESPONSE_ROUTE, ...STORED_ROUTES];

/** These stand elsewhere than in a chat completions request. */
const FIELD_WORDS = {
  ...PARAMETER_WORDS,
  reasoningEffort: 'reasoning.effort',
  thinking: 'reasoning.summary',
  verbosity: 'text.verbosity',
};

const FIELD_NAMES: FieldNames = new Map([
  [PARAMETER_WORDS.reasoningEffort, FIELD_WORDS.reasoningEffort],
  [PARAMETER_WORDS.thinking, FIELD_WORDS.thinking],
  [PARAMETER_WORDS.verbosity, FIELD_WORDS.verbosity],
  ['json_schema', 'text.format.schema'],
  ['toolChoice', 'tool_choice'],
  ['image', 'input'],
  ['document', 'input'],
]);

type ResponseContext = {
  readonly open: OpenRequest;
  readonly services: HttpServices;
  readonly createdAtS: number;
  readonly keep: (output: readonly JsonObject[], completion: Completion) => void;
};

async function answerWhole(call: ResponsesCall, { open, services, createdAtS, keep }: ResponseContext): Promise<Reply> {
  const answer = await services.gateway.complete(call.request, { signal: open.signal, upstream: 'whole' });
  const response = fromAnswer(answer, call.echo, { createdAtS, completedAtS: nowS() });
  keep(response.output, answer.completion);
  return jsonReply(response, headersOf(answer, call.droppedFields));
}

async function answerStreamed(
  call: ResponsesCall,
  { open, services, createdAtS, keep }: ResponseContext,
): Promise<Reply> {
  const stream = await services.gateway.stream(call.request, { signal: open.signal });
  const { requestId, model } = stream;
  const encoder = new ResponsesEncoder(call.echo, { requestId, model, createdAtS, nowMs: Date.now, onOutput: keep });
  return sendStream(open, stream, encoder, headersOf(stream, call.droppedFields));
}

/** What was left out is told under the names the caller used. */
function headersOf(answer: GatewayAnswer | GatewayStream, more: readonly string[]): Record<string, string> {
  const toFieldName = (name: ParameterName) => FIELD_WORDS[name];
  return answerHeaders(answer, { toFieldName, more });
}

function nowS(): number {
  return Math.floor(Date.now() / 1_000);
}
