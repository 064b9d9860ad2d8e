import type { Completion, StreamPart } from '../core/completion.ts';
import { GatewayError } from '../core/errors.ts';
import type { ReasoningPart, TextPart, ToolCallPart } from '../core/message.ts';
import type { ProviderRequest } from '../core/provider.ts';
import { NO_USAGE, type Usage } from '../core/usage.ts';
import type { AttemptWatch, Exchange } from '../resilience/attempt.ts';

/**
 * A chat with one provider, streamed wherever the provider can: that is what makes first-token and
 * idle timers, progress and the usage of a cut answer possible.
 */
export function chatExchange(request: ProviderRequest, onTokens: (outputTokens: number) => void): Exchange<Completion> {
  return {
    streamed: (provider) => provider.stream !== undefined,
    async run(provider, context, watch) {
      const parts = provider.stream?.(request, context);
      return parts ? collect(parts, watch, onTokens) : provider.complete(request, context);
    },
  };
}

/** Characters per token, for progress only; the books use the provider's figures. */
const CHARACTERS_PER_TOKEN = 4;

async function collect(
  parts: AsyncIterable<StreamPart>,
  watch: AttemptWatch,
  onTokens: (outputTokens: number) => void,
): Promise<Completion> {
  const content = createContentCollector();
  let usage: Usage = NO_USAGE;
  let characters = 0;
  for await (const part of parts) {
    switch (part.type) {
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-call': {
        const received = part.type === 'tool-call' ? part.argumentsJson : part.text;
        characters += received.length;
        watch.content(received);
        content.add(part);
        onTokens(Math.ceil(characters / CHARACTERS_PER_TOKEN));
        break;
      }
      case 'usage':
        usage = part.usage;
        watch.usage(part.usage);
        break;
      case 'finish': {
        const { finishReason, model, providerRequestId } = part;
        return {
          content: content.parts(),
          finishReason,
          usage,
          model,
          ...(providerRequestId && { providerRequestId }),
        };
      }
      case 'error':
        throw part.error;
    }
  }
  throw new GatewayError('stream_truncated', 'The answer ended before its terminal event.');
}

type ContentDelta = Extract<StreamPart, { type: 'text-delta' | 'reasoning-delta' | 'tool-call' }>;

/** Joins deltas of the same kind into parts, in the order in which they came. */
function createContentCollector() {
  const parts: (TextPart | ReasoningPart | ToolCallPart)[] = [];
  return {
    add(delta: ContentDelta) {
      const last = parts.at(-1);
      switch (delta.type) {
        case 'tool-call':
          parts.push(delta);
          break;
        case 'text-delta':
          if (last?.type === 'text') parts[parts.length - 1] = { type: 'text', text: last.text + delta.text };
          else parts.push({ type: 'text', text: delta.text });
          break;
        case 'reasoning-delta': {
          // Vendor state closes a part: what follows is another thought.
          const open = last?.type === 'reasoning' && !last.vendorState ? last : undefined;
          const { vendorState } = delta;
          const joined: ReasoningPart = {
            type: 'reasoning',
            text: (open?.text ?? '') + delta.text,
            ...(vendorState && { vendorState }),
          };
          if (open) parts[parts.length - 1] = joined;
          else parts.push(joined);
          break;
        }
      }
    },
    parts: () => parts,
  };
}
