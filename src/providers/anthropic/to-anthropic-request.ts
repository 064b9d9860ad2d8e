import type {
  MessageCreateParamsBase,
  OutputConfig,
  Tool,
  ToolChoice as WireToolChoice,
} from '@anthropic-ai/sdk/resources/messages';
import { validateToolPairing } from '../../core/content/tool-calls.ts';
import { GatewayError } from '../../core/errors.ts';
import type { DeclaredTool, ToolChoice, ToolDefinition } from '../../core/message.ts';
import type { ModelInfo } from '../../core/model.ts';
import type { ProviderRequest } from '../../core/provider.ts';
import { fitsStrictMode, type JsonSchemaFormat, withFormatInstruction } from '../shared/translation/json-output.ts';
import { withUserTurn } from '../shared/translation/user-turn.ts';
import { toCacheControl, withinCacheLimit } from './anthropic-cache.ts';
import { flatToolSchema } from './flat-tool-schema.ts';
import { declaredFor, deferredNames } from './found-tools.ts';
import { toAnthropicConversation } from './to-anthropic-messages.ts';
import { toAnthropicSchema } from './to-anthropic-schema.ts';
import { toAnthropicThinking } from './to-anthropic-thinking.ts';
import type { TurnRules } from './turn-rules.ts';

/** The vendor requires `max_tokens`; this is what a model of unknown limit gets. */
const OUTPUT_TOKENS_DEFAULT = 8_192;

/**
 * Sampling parameters are not sent: API version 2026-10-21, which the SDK pins, refuses them for
 * every model, even at their default values.
 */
export function toAnthropicRequest(request: ProviderRequest, rules: TurnRules = {}): MessageCreateParamsBase {
  validateToolPairing(request.messages);
  const { responseFormat } = request;
  // It is held to schemas only, not to JSON of any shape.
  const schema = responseFormat?.type === 'json-schema' && isHeldToSchemas(request.model) ? responseFormat : undefined;
  const messages = withUserTurn(request.messages);
  const asked = responseFormat && !schema ? withFormatInstruction(messages, responseFormat) : messages;
  const declared = declaredFor(request, rules);
  const conversation = toAnthropicConversation(asked, rules, deferredNames(declared));
  if (conversation.messages.length === 0) {
    throw new GatewayError('invalid_request', 'the request holds no user message, and one is needed.');
  }
  const tokensMax = maxTokens(request.model, request.maxOutputTokens);
  const { thinking, effort } = toAnthropicThinking(request, tokensMax);
  return withinCacheLimit({
    model: request.model.name,
    max_tokens: tokensMax,
    ...conversation,
    ...toTools(request, declared),
    ...(request.stop?.length ? { stop_sequences: [...request.stop] } : {}),
    ...(thinking && { thinking }),
    ...((schema || effort) && { output_config: { ...(effort && { effort }), ...(schema && toOutputFormat(schema)) } }),
  });
}

function isHeldToSchemas({ capabilities }: ModelInfo): boolean {
  return capabilities.includes('json-schema');
}

function maxTokens(model: ModelInfo, wanted: number | undefined): number {
  const most = model.outputTokensMax ?? Number.POSITIVE_INFINITY;
  return Math.min(wanted ?? model.outputTokensMax ?? OUTPUT_TOKENS_DEFAULT, most);
}

function toTools(
  { model, tools = [], toolChoice, parallelToolCalls }: ProviderRequest,
  declared: readonly DeclaredTool[] | undefined,
): Pick<MessageCreateParamsBase, 'tools' | 'tool_choice'> {
  if (tools.length === 0) return {};
  const isOneOnly = parallelToolCalls === false && toolChoice !== 'none';
  const choice = toolChoice ?? (isOneOnly ? 'auto' : undefined);
  return {
    tools: declared ? declared.map((tool) => toDeclaredTool(tool, model)) : tools.map((tool) => toTool(tool, model)),
    ...(choice !== undefined && {
      tool_choice: { ...toToolChoice(choice), ...(isOneOnly && { disable_parallel_tool_use: true }) },
    }),
  };
}

/** The vendor refuses a mark for its cache on a deferred one, which is no part of the prompt's beginning. */
function toDeclaredTool({ definition, isDeferred }: DeclaredTool, model: ModelInfo): Tool {
  if (!isDeferred) return toTool(definition, model);
  const { cacheBreakpoint: _, ...tool } = definition;
  return { ...toTool(tool, model), defer_loading: true };
}

function toTool(tool: ToolDefinition, model: ModelInfo): Tool {
  const isHeld = tool.strict && isHeldToSchemas(model) && fitsStrictMode(tool.inputSchema);
  const strictSchema = isHeld ? toAnthropicSchema(tool.inputSchema) : undefined;
  return {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    input_schema: { ...(strictSchema ?? flatToolSchema(tool.inputSchema)), type: 'object' },
    ...(strictSchema && { strict: true }),
    ...toCacheControl(tool),
  };
}

function toToolChoice(choice: ToolChoice): WireToolChoice {
  if (typeof choice === 'object') return { type: 'tool', name: choice.name };
  return choice === 'required' ? { type: 'any' } : { type: choice };
}

function toOutputFormat({ name, schema }: JsonSchemaFormat): Pick<OutputConfig, 'format'> {
  const held = toAnthropicSchema(schema);
  if (held) return { format: { type: 'json_schema', schema: { ...held } } };
  throw new GatewayError(
    'capability_missing',
    `it cannot express the JSON schema "${name}"; give every part a type, and let none lead back to itself.`,
  );
}
