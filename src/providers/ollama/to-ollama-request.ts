import type { ChatRequest, Options, Tool } from 'ollama';
import { validateToolPairing } from '../../core/content/tool-calls.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ToolChoice, ToolDefinition } from '../../core/message.ts';
import type { ProviderRequest } from '../../core/provider.ts';
import { withFormatInstruction } from '../shared/translation/json-output.ts';
import { askedEffort } from '../shared/translation/thinking-effort.ts';
import { contextWindow, type PromptBounds } from './ollama-context.ts';
import { toOllamaMessages } from './to-ollama-messages.ts';

/** The server takes both; the SDK's types do not know them yet. Older servers ignore them. */
export type OllamaChatRequest = ChatRequest & {
  readonly truncate: boolean;
  readonly shift: boolean;
  readonly options: { readonly num_ctx: number };
};

export function toOllamaRequest(request: ProviderRequest, bounds: PromptBounds): OllamaChatRequest {
  validateToolPairing(request.messages);
  const tools = toTools(request.tools ?? [], request.toolChoice);
  const { responseFormat } = request;
  const isNative = request.model.capabilities.includes('json-schema');
  const asked =
    responseFormat && !isNative ? withFormatInstruction(request.messages, responseFormat) : request.messages;
  return {
    model: request.model.name,
    messages: toOllamaMessages(asked),
    // A prompt larger than the window is an error, not a shorter prompt; an answer that fills it ends.
    truncate: false,
    shift: false,
    options: {
      num_ctx: contextWindow(request, bounds),
      ...(request.maxOutputTokens !== undefined && { num_predict: request.maxOutputTokens }),
      ...toOptions(request),
    },
    ...toThink(request),
    ...(tools.length > 0 && { tools }),
    ...(responseFormat &&
      isNative && { format: responseFormat.type === 'json-object' ? 'json' : responseFormat.schema }),
  };
}

/** Names: docs.ollama.com, the parameters of a model file. */
function toOptions(request: ProviderRequest): Partial<Options> {
  const { temperature, topP, topK, stop, seed, presencePenalty, frequencyPenalty } = request;
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
    ...(stop?.length && { stop: [...stop] }),
    ...(seed !== undefined && { seed }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
  };
}

/** On or off, except for GPT-OSS, which has three levels and is never off. Source: docs.ollama.com, "thinking". */
function toThink(request: ProviderRequest): Pick<ChatRequest, 'think'> {
  const asked = askedEffort(request);
  if (asked === undefined || !request.model.capabilities.includes('reasoning')) return {};
  if (!/^gpt-oss/.test(request.model.name)) return { think: asked !== 'none' };
  if (asked === 'medium') return { think: 'medium' };
  return { think: asked === 'none' || asked === 'minimal' || asked === 'low' ? 'low' : 'high' };
}

function toTools(tools: readonly ToolDefinition[], choice: ToolChoice = 'auto'): Tool[] {
  if (choice === 'none') return [];
  if (choice !== 'auto' && tools.length > 0) {
    throw new GatewayError('capability_missing', 'it cannot be made to call a tool; use the tool choice auto.', {
      param: 'toolChoice',
    });
  }
  return tools.map((tool) => ({
    type: 'function',
    function: {
      name: tool.name,
      ...(tool.description !== undefined && { description: tool.description }),
      parameters: tool.inputSchema,
    },
  }));
}
