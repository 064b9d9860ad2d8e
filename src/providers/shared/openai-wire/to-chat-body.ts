import type { Message, ResponseFormat, ToolChoice, ToolDefinition } from '../../../core/message.ts';
import type { ProviderId } from '../../../core/model.ts';
import type { ProviderRequest } from '../../../core/provider.ts';
import { fitsStrictMode, saysJson, schemaName, withFormatInstruction } from '../translation/json-output.ts';
import type { ChatBody, ChatEffort, ChatMessage, ChatTool } from './chat-body.ts';
import { addChatParameters } from './chat-parameters.ts';
import type { Demands } from './demands.ts';
import { inStrictOrder, withShortCallIds } from './meet-demands.ts';
import { toChatMessages } from './to-chat-messages.ts';

/** Fields that say something in another way where a model or server refuses them. */
export type DisputedField =
  | 'max_tokens'
  | 'max_completion_tokens'
  | 'reasoning_effort'
  | 'reasoning_format'
  | 'stream_options'
  | 'response_format';

/** Which of the disputed fields this model is not to be sent. */
export type RefusedFields = { has(field: DisputedField): boolean };

/** The two names of the output limit; the second is sent where the first is refused. */
export type TokenLimitFields = readonly [
  'max_tokens' | 'max_completion_tokens',
  'max_tokens' | 'max_completion_tokens',
];

export type ChatBodyRules = {
  readonly tokenLimitFields: TokenLimitFields;
  readonly refused: RefusedFields;
  /** Does this model take tools only when it does not reason? */
  readonly toolsWithoutReasoning: boolean;
  /** Does this model write its reasoning into its answer unless it is told not to? */
  readonly separatesReasoning: boolean;
  /** What this model wants of a conversation. */
  readonly demands: Demands;
  /** What was asked of its reasoning, in this server's words. */
  readonly effort: ChatEffort | undefined;
};

/** Ours to theirs, with each refused field left out or said in another way. */
export function toChatBody(request: ProviderRequest, rules: ChatBodyRules): ChatBody {
  const { model, maxOutputTokens, tools, toolChoice, responseFormat } = request;
  const { refused } = rules;
  const hasTools = tools !== undefined && tools.length > 0;
  const isForced = toolChoice !== undefined && toolChoice !== 'auto' && toolChoice !== 'none';
  const mustNotThink =
    rules.toolsWithoutReasoning ||
    rules.demands.has('tools-without-thinking') ||
    (isForced && rules.demands.has('forced-call-without-thinking'));
  const forgoesReasoning = hasTools && mustNotThink && !refused.has('reasoning_effort');
  const effort = rules.effort ?? (forgoesReasoning ? 'none' : undefined);
  const isBareJson = responseFormat?.type === 'json-object';
  // Every server has had the bare JSON mode from the start; schemas came later and not to all models.
  const isHeldToSchemas = model.capabilities.includes('json-schema');
  const native = (isBareJson || isHeldToSchemas) && !refused.has('response_format');
  const needsWords = !native || (isBareJson && !saysJson(request.messages));
  const messages =
    responseFormat && needsWords ? withFormatInstruction(request.messages, responseFormat) : request.messages;
  const body: ChatBody = { model: model.name, messages: toMessages(messages, model.provider, rules.demands) };
  const limitField = rules.tokenLimitFields.find((name) => !refused.has(name));
  if (maxOutputTokens !== undefined && limitField !== undefined) body[limitField] = maxOutputTokens;
  addChatParameters(body, request);
  if (hasTools) {
    // Refused in a request without tools.
    if (request.parallelToolCalls === false) body.parallel_tool_calls = false;
    body.tools = tools.map((tool) => toChatTool(tool, isHeldToSchemas));
    if (toolChoice !== undefined) body.tool_choice = toChatToolChoice(toolChoice);
  }
  if (effort !== undefined) body.reasoning_effort = effort;
  if (rules.separatesReasoning && !refused.has('reasoning_format')) body.reasoning_format = 'parsed';
  if (responseFormat && native) body.response_format = toResponseFormat(responseFormat);
  return body;
}

function toMessages(messages: readonly Message[], provider: ProviderId, demands: Demands): ChatMessage[] {
  const named = demands.has('short-call-ids') ? withShortCallIds(messages) : messages;
  const sent = toChatMessages(named, provider, demands.has('thoughts'));
  return demands.has('strict-order') ? inStrictOrder(sent) : sent;
}

function toChatTool({ name, description, inputSchema, strict }: ToolDefinition, isHeldToSchemas: boolean): ChatTool {
  return {
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      parameters: { ...inputSchema },
      ...(strict && isHeldToSchemas && fitsStrictMode(inputSchema) && { strict }),
    },
  };
}

function toChatToolChoice(choice: ToolChoice): NonNullable<ChatBody['tool_choice']> {
  return typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } };
}

function toResponseFormat(format: ResponseFormat): NonNullable<ChatBody['response_format']> {
  if (format.type === 'json-object') return { type: 'json_object' };
  return {
    type: 'json_schema',
    json_schema: { name: schemaName(format), schema: { ...format.schema }, strict: fitsStrictMode(format.schema) },
  };
}
