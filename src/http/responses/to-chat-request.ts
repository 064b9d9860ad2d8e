import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { pickParameters, type UnsupportedParameters } from '../../core/parameters.ts';
import type { CallerInfo, ChatRequest, RoutingHints } from '../../core/request.ts';
import { invalidField, unknownField } from '../request/read-value.ts';
import { applyToolChoice } from './read-tools.ts';
import type { ResponseEcho } from './response-echo.ts';
import type { ResponsesDraft } from './responses-draft.ts';
import { RESPONSES_FIELDS } from './responses-fields.ts';

/** A request of the Responses API, understood. */
export type ResponsesCall = {
  readonly request: ChatRequest;
  readonly stream: boolean;
  readonly echo: ResponseEcho;
  /** Fields that were left out because no model here is told of them, as the policy allowed. */
  readonly droppedFields: readonly string[];
};

export type ResponsesRequestOptions = {
  readonly caller: CallerInfo;
  readonly unsupportedParameters: UnsupportedParameters;
  /** What the caller wants of the routing, given the model's name. */
  readonly routing: (modelName: string) => RoutingHints;
};

/** Ours from OpenAI's; throws `invalid_request`, `too_large` naming the field. */
export function toChatRequest(body: JsonObject, options: ResponsesRequestOptions): ResponsesCall {
  const draft = readFields(body);
  const { modelName, messages, instructions } = draft;
  if (modelName === undefined) {
    throw invalidField('model', 'is required', 'Give "auto" for the router to choose, or a model of GET /v1/models.');
  }
  if (messages === undefined) throw invalidField('input', 'is required and must be a text or a list of items');
  if (draft.hasStreamOptions && draft.stream !== true) {
    throw invalidField('stream_options', 'goes with "stream": true only', 'Leave it out, or ask for a stream.');
  }
  applyToolChoice(draft);
  const { unsupported = [], maxOutputTokens, tools, toolChoice, responseFormat, metadata } = draft;
  const { caller, unsupportedParameters } = options;
  if (unsupportedParameters === 'reject' && unsupported[0] !== undefined) throw notHonoured(unsupported[0]);
  return {
    request: {
      ...pickParameters(draft),
      messages: instructions?.trim()
        ? [{ role: 'system', content: [{ type: 'text', text: instructions }] }, ...messages]
        : messages,
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
    echo: toEcho(body, draft),
    droppedFields: unsupported,
  };
}

function readFields(body: JsonObject): ResponsesDraft {
  const draft: ResponsesDraft = {};
  for (const field of Object.keys(body)) {
    const rule = RESPONSES_FIELDS.get(field);
    if (!rule) throw unknownField(field, RESPONSES_FIELDS.keys());
    const value = body[field];
    if (value !== null && value !== undefined) rule.read(value, field, draft);
  }
  return draft;
}

/** What the API repeats in every response object, with the values it has when they are left out. */
function toEcho(body: JsonObject, draft: ResponsesDraft): ResponseEcho {
  const reasoning = body.reasoning as JsonObject | null | undefined;
  const text = body.text as JsonObject | null | undefined;
  return {
    showsSummary: draft.showsSummary === true,
    carriesState: draft.carriesState === true,
    fields: {
      instructions: body.instructions ?? null,
      max_output_tokens: body.max_output_tokens ?? null,
      max_tool_calls: body.max_tool_calls ?? null,
      metadata: body.metadata ?? {},
      parallel_tool_calls: draft.parallelToolCalls ?? true,
      prompt_cache_key: body.prompt_cache_key ?? null,
      reasoning: { effort: reasoning?.effort ?? null, summary: reasoning?.summary ?? null },
      safety_identifier: body.safety_identifier ?? null,
      service_tier: 'default',
      temperature: body.temperature ?? null,
      text: { format: text?.format ?? { type: 'text' }, verbosity: 'medium' },
      tool_choice: body.tool_choice ?? 'auto',
      tools: body.tools ?? [],
      top_logprobs: 0,
      top_p: body.top_p ?? null,
      truncation: 'disabled',
      user: body.user ?? null,
    },
  };
}

function notHonoured(field: string): GatewayError {
  return new GatewayError('invalid_request', `No model is told of "${field}" here.`, {
    param: field,
    hint: 'Leave it out, or set "routing.unsupportedParameters" to "drop" in the configuration.',
  });
}
