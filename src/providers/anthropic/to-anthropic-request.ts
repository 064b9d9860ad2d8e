import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema';
import type { MessageCreateParamsBase, Tool, ToolChoice as WireToolChoice } from '@anthropic-ai/sdk/resources/messages';
import { GatewayError } from '../../core/errors.ts';
import type { ToolChoice, ToolDefinition } from '../../core/message.ts';
import type { ModelInfo } from '../../core/model.ts';
import type { ProviderRequest } from '../../core/provider.ts';
import { validateToolPairing } from '../../core/tool-calls.ts';
import { type JsonSchemaFormat, withFormatInstruction } from '../shared/json-output.ts';
import { toAnthropicMessages, toAnthropicSystem } from './to-anthropic-messages.ts';

/** The vendor requires `max_tokens`; this is what a model of unknown limit gets. */
const OUTPUT_TOKENS_DEFAULT = 8_192;

/**
 * `temperature` is not sent: API version 2026-10-21, which the SDK pins, refuses sampling parameters
 * for every model, even at their default values.
 */
export function toAnthropicRequest(request: ProviderRequest): MessageCreateParamsBase {
  validateToolPairing(request.messages);
  const { responseFormat } = request;
  // It is held to schemas only, not to JSON of any shape.
  const schema =
    responseFormat?.type === 'json-schema' && request.model.capabilities.includes('json-schema')
      ? responseFormat
      : undefined;
  const asked = responseFormat && !schema ? withFormatInstruction(request.messages, responseFormat) : request.messages;
  const messages = toAnthropicMessages(asked);
  if (messages.length === 0) {
    throw new GatewayError('invalid_request', 'the request holds no user message, and one is needed.');
  }
  const system = toAnthropicSystem(asked);
  return {
    model: request.model.name,
    max_tokens: maxTokens(request.model, request.maxOutputTokens),
    messages,
    ...(system === undefined ? {} : { system }),
    ...toTools(request.tools ?? [], request.toolChoice),
    ...(schema && { output_config: toOutputConfig(schema) }),
  };
}

function maxTokens(model: ModelInfo, wanted: number | undefined): number {
  const most = model.outputTokensMax ?? Number.POSITIVE_INFINITY;
  return Math.min(wanted ?? model.outputTokensMax ?? OUTPUT_TOKENS_DEFAULT, most);
}

function toTools(
  tools: readonly ToolDefinition[],
  choice: ToolChoice | undefined,
): Pick<MessageCreateParamsBase, 'tools' | 'tool_choice'> {
  if (tools.length === 0) return {};
  return { tools: tools.map(toTool), ...(choice === undefined ? {} : { tool_choice: toToolChoice(choice) }) };
}

function toTool(tool: ToolDefinition): Tool {
  return {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    input_schema: { ...tool.inputSchema, type: 'object' },
  };
}

function toToolChoice(choice: ToolChoice): WireToolChoice {
  if (typeof choice === 'object') return { type: 'tool', name: choice.name };
  return choice === 'required' ? { type: 'any' } : { type: choice };
}

/** The vendor takes a subset of JSON Schema; its own SDK moves the rest into descriptions. */
function toOutputConfig(format: JsonSchemaFormat): NonNullable<MessageCreateParamsBase['output_config']> {
  try {
    return { format: { type: 'json_schema', schema: { ...transformJSONSchema(format.schema) } } };
  } catch (cause) {
    throw new GatewayError(
      'capability_missing',
      `it cannot express the JSON schema "${format.name}"; give every part a type.`,
      {
        cause,
      },
    );
  }
}
