import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { pickParameters, type UnsupportedParameters } from '../../core/parameters.ts';
import type { CallerInfo, ChatRequest, RoutingHints } from '../../core/request.ts';
import { invalidField, unknownField } from '../request/read-value.ts';
import type { ChatDraft } from './chat-draft.ts';
import { CHAT_FIELDS } from './chat-fields.ts';

/** A chat completions request, understood. */
export type ChatCall = {
  readonly request: ChatRequest;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  /** Fields that were left out because no model here is told of them, as the policy allowed. */
  readonly droppedFields: readonly string[];
};

export type ChatRequestOptions = {
  readonly caller: CallerInfo;
  readonly unsupportedParameters: UnsupportedParameters;
  /** What the caller wants of the routing, given the model's name. */
  readonly routing: (modelName: string) => RoutingHints;
};

/** Ours from OpenAI's; throws `invalid_request`, `too_large` naming the field. */
export function toChatRequest(body: JsonObject, options: ChatRequestOptions): ChatCall {
  const draft = readFields(body);
  const { modelName, messages, maxOutputTokens, tools, toolChoice, responseFormat, metadata } = draft;
  if (modelName === undefined) {
    throw invalidField('model', 'is required', 'Give "auto" for the router to choose, or a model of GET /v1/models.');
  }
  if (messages === undefined) throw invalidField('messages', 'is required and must be a list of messages');
  checkTogether(draft);
  const { unsupported = [] } = draft;
  const { caller, unsupportedParameters } = options;
  if (unsupportedParameters === 'reject' && unsupported[0] !== undefined) throw notHonoured(unsupported[0]);
  return {
    request: {
      ...pickParameters(draft),
      messages,
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
      ...(tools && { tools }),
      ...(toolChoice !== undefined && { toolChoice }),
      ...(responseFormat && { responseFormat }),
      ...(metadata && { metadata }),
      unsupportedParameters,
      routing: options.routing(modelName),
      caller,
    },
    stream: draft.stream === true,
    includeUsage: draft.includeUsage === true,
    droppedFields: unsupported,
  };
}

function readFields(body: JsonObject): ChatDraft {
  const draft: ChatDraft = {};
  for (const field of Object.keys(body)) {
    const rule = CHAT_FIELDS.get(field);
    if (!rule) throw unknownField(field, CHAT_FIELDS.keys());
    const value = body[field];
    if (value !== null && value !== undefined) rule.read(value, field, draft);
  }
  return draft;
}

/** What no field can say alone. */
function checkTogether({ stream, hasStreamOptions, tools, toolChoice, parallelToolCalls }: ChatDraft): void {
  if (hasStreamOptions && stream !== true) {
    throw invalidField('stream_options', 'goes with "stream": true only', 'Leave it out, or ask for a stream.');
  }
  if (tools === undefined) {
    if (toolChoice !== undefined && toolChoice !== 'none')
      throw invalidField('tool_choice', 'needs "tools" to choose from');
    if (parallelToolCalls !== undefined) throw invalidField('parallel_tool_calls', 'needs "tools" to be called');
    return;
  }
  if (typeof toolChoice === 'object' && !tools.some(({ name }) => name === toolChoice.name)) {
    const names = tools.map(({ name }) => name).join(', ');
    throw invalidField(
      'tool_choice',
      `names "${toolChoice.name}", which is not among the tools (${names.slice(0, 200)})`,
    );
  }
}

function notHonoured(field: string): GatewayError {
  return new GatewayError('invalid_request', `No model is told of "${field}" here.`, {
    param: field,
    hint: 'Leave it out, or set "routing.unsupportedParameters" to "drop" in the configuration.',
  });
}
