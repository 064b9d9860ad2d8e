import type { JsonObject } from '../../core/json/json.ts';
import type { Message } from '../../core/message.ts';
import { readFields } from '../openai/shared/field-rules.ts';
import { type ReadRequest, type RequestOptions, toRequest } from '../openai/shared/request-draft.ts';
import { isHostedTool } from '../request/hosted-tools.ts';
import { NO_ARGUMENTS } from '../request/read-tool-schema.ts';
import { invalidField } from '../request/read-value.ts';
import type { ResponseEcho } from './response-echo.ts';
import type { ResponsesDraft } from './responses-draft.ts';
import { RESPONSES_FIELDS } from './responses-fields.ts';
import { applyToolChoice, settleTools } from './settle-tools.ts';

/** A request of the Responses API, understood. */
export type ResponsesCall = ReadRequest & { readonly echo: ResponseEcho };

/** Ours from OpenAI's; throws `invalid_request`, `too_large` naming the field. */
export function toChatRequest(body: JsonObject, options: RequestOptions): ResponsesCall {
  const draft = readFields<ResponsesDraft>(body, RESPONSES_FIELDS, {}, options.unsupportedParameters);
  const { messages, instructions } = draft;
  if (messages === undefined) throw invalidField('input', 'is required and must be a text or a list of items');
  settleTools(draft, options.unsupportedParameters);
  applyToolChoice(draft);
  const said = instructions?.trim() ? [toSystem(instructions), ...messages] : messages;
  return { ...toRequest(draft, said, options), echo: toEcho(body, draft) };
}

function toSystem(text: string): Message {
  return { role: 'system', content: [{ type: 'text', text }] };
}

/** What the API repeats in every response object, with the values it has when they are left out. */
function toEcho(body: JsonObject, draft: ResponsesDraft): ResponseEcho {
  const reasoning = body.reasoning as JsonObject | null | undefined;
  const text = body.text as JsonObject | null | undefined;
  const tools = body.tools as readonly JsonObject[] | null | undefined;
  return {
    showsSummary: draft.showsSummary === true,
    carriesState: draft.carriesState === true,
    ...(draft.called && { called: draft.called }),
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
      text: { format: text?.format ?? { type: 'text' }, verbosity: draft.verbosity ?? 'medium' },
      tool_choice: body.tool_choice ?? 'auto',
      tools: (tools ?? []).filter(({ type }) => !isHostedTool(type)).map(echoTool),
      top_logprobs: 0,
      top_p: body.top_p ?? null,
      truncation: 'disabled',
      user: body.user ?? null,
    },
  };
}

/** Clients in strict languages cannot read an answer at all whose functions lack what the API never leaves out. */
function echoTool(tool: JsonObject): JsonObject {
  if (tool.type !== 'function') return tool;
  const { description = null, parameters, strict } = tool;
  return { ...tool, description, parameters: parameters ?? NO_ARGUMENTS, strict: strict ?? false };
}
