import type {
  FunctionCallingConfig,
  FunctionDeclaration,
  GenerateContentConfig,
  GenerateContentParameters,
} from '@google/genai/web';
import { validateToolPairing } from '../../core/content/tool-calls.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ResponseFormat, ToolChoice, ToolDefinition } from '../../core/message.ts';
import type { ProviderRequest } from '../../core/provider.ts';
import { withFormatInstruction } from '../shared/translation/json-output.ts';
import { withUserTurn } from '../shared/translation/user-turn.ts';
import { isBeforeGemini3, toGeminiContents, toGeminiSystem } from './to-gemini-contents.ts';
import { toGeminiThinking } from './to-gemini-thinking.ts';

export function toGeminiRequest(request: ProviderRequest): GenerateContentParameters {
  validateToolPairing(request.messages);
  const { name, capabilities } = request.model;
  const { responseFormat } = request;
  const isBareJson = responseFormat?.type === 'json-object';
  const mixesWithTools = isBeforeGemini3(name) && (request.tools?.length ?? 0) > 0;
  const isNative = capabilities.includes('json-schema') && !(isBareJson && mixesWithTools);
  // It refuses a call that nobody asked for: "function call turn comes immediately after a user turn".
  const asked = withUserTurn(request.messages, { beforeCalls: true });
  const messages = responseFormat && !isNative ? withFormatInstruction(asked, responseFormat) : asked;
  const contents = toGeminiContents(messages, name);
  if (contents.length === 0) {
    throw new GatewayError('invalid_request', 'the request holds no user message, and one is needed.');
  }
  return {
    model: name,
    contents,
    config: {
      ...toConfig({ ...request, messages }),
      ...(responseFormat && isNative && toResponseFormat(request, responseFormat)),
    },
  };
}

function toConfig(request: ProviderRequest): GenerateContentConfig {
  const system = toGeminiSystem(request.messages);
  return {
    ...(system === undefined ? {} : { systemInstruction: { parts: [{ text: system }] } }),
    ...(request.maxOutputTokens === undefined ? {} : { maxOutputTokens: request.maxOutputTokens }),
    ...toParameters(request),
    ...toThinking(request),
    ...toTools(request.tools ?? [], request.toolChoice),
    // On by default, and each continuation would be one more billed call that nobody booked.
    automaticContinuation: false,
    automaticFunctionCalling: { disable: true },
  };
}

/** Names and ranges: ai.google.dev/api/generate-content, `GenerationConfig`. */
function toParameters(request: ProviderRequest): GenerateContentConfig {
  const { temperature, topP, topK, stop, seed, presencePenalty, frequencyPenalty, choices } = request;
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...(stop?.length && { stopSequences: [...stop] }),
    ...(seed !== undefined && { seed }),
    // Some models refuse the field, even at its default.
    ...(presencePenalty && { presencePenalty }),
    ...(frequencyPenalty && { frequencyPenalty }),
    ...(choices !== undefined && choices > 1 && { candidateCount: choices }),
  };
}

function toThinking(request: ProviderRequest): GenerateContentConfig {
  const thinkingConfig = toGeminiThinking(request);
  return thinkingConfig === undefined ? {} : { thinkingConfig };
}

function toTools(tools: readonly ToolDefinition[], choice: ToolChoice | undefined): GenerateContentConfig {
  if (tools.length === 0) return {};
  return {
    tools: [{ functionDeclarations: tools.map(toFunctionDeclaration) }],
    ...(choice === undefined ? {} : { toolConfig: { functionCallingConfig: toCallingConfig(choice) } }),
  };
}

function toFunctionDeclaration(tool: ToolDefinition): FunctionDeclaration {
  return {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    parametersJsonSchema: tool.inputSchema,
  };
}

/** The enum's values as the wire has them: the enum itself would load the SDK with the translators. */
function toCallingConfig(choice: ToolChoice): FunctionCallingConfig {
  const mode = (name: 'AUTO' | 'ANY' | 'NONE') => name as NonNullable<FunctionCallingConfig['mode']>;
  if (typeof choice === 'object') return { mode: mode('ANY'), allowedFunctionNames: [choice.name] };
  switch (choice) {
    case 'auto':
      return { mode: mode('AUTO') };
    case 'none':
      return { mode: mode('NONE') };
    case 'required':
      return { mode: mode('ANY') };
  }
}

function toResponseFormat(request: ProviderRequest, format: ResponseFormat): GenerateContentConfig {
  if (request.tools && request.tools.length > 0 && isBeforeGemini3(request.model.name)) {
    throw new GatewayError(
      'capability_missing',
      `${request.model.name} takes no tools together with a JSON schema; Gemini 3 does.`,
    );
  }
  return {
    responseMimeType: 'application/json',
    ...(format.type === 'json-schema' && { responseJsonSchema: format.schema }),
  };
}
