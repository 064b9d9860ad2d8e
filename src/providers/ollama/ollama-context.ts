import { GatewayError } from '../../core/errors.ts';
import type { ProviderRequest } from '../../core/provider.ts';
import type { Usage } from '../../core/usage.ts';

/** Each other size makes Ollama load the model anew, so windows come in few sizes: doublings of this. */
const WINDOW_TOKENS_MIN = 4_096;
/** Room for an answer of unknown length. */
const OUTPUT_TOKENS_DEFAULT = 2_048;
/** A prompt token covers fewer bytes than this in no language and hardly in code. */
const BYTES_PER_TOKEN_MOST = 8;
/** And more than this on average, whatever the language. */
const BYTES_PER_TOKEN_LEAST = 3;
/** What one image costs at most in the vision models Ollama runs. */
const IMAGE_TOKENS_MOST = 2_048;
const MESSAGE_TOKENS_MOST = 16;

/** The prompt's size between two bounds, in tokens. No tokenizer: they only steer the window. */
export type PromptBounds = { readonly tokensLeast: number; readonly tokensMost: number };

export function promptBounds(request: ProviderRequest): PromptBounds {
  let bytes = Buffer.byteLength(JSON.stringify([request.tools ?? [], request.responseFormat ?? null]));
  let textBytes = 0;
  let images = 0;
  for (const message of request.messages) {
    for (const part of message.content) {
      if (part.type === 'image' || part.type === 'document') images += 1;
      else if (part.type === 'tool-call') bytes += Buffer.byteLength(part.name + part.argumentsJson);
      else textBytes += Buffer.byteLength(part.text);
      if (part.type === 'tool-result') images += part.media?.length ?? 0;
    }
  }
  bytes += textBytes;
  return {
    tokensLeast: Math.floor(textBytes / BYTES_PER_TOKEN_MOST),
    tokensMost:
      Math.ceil(bytes / BYTES_PER_TOKEN_LEAST) +
      images * IMAGE_TOKENS_MOST +
      request.messages.length * MESSAGE_TOKENS_MOST,
  };
}

/**
 * The window to ask for. Without it Ollama takes its own default, often 4,096 tokens, and cuts longer
 * prompts silently. Never larger than the model's.
 */
export function contextWindow(request: ProviderRequest, bounds: PromptBounds): number {
  const needed = bounds.tokensMost + (request.maxOutputTokens ?? OUTPUT_TOKENS_DEFAULT);
  let window = WINDOW_TOKENS_MIN;
  while (window < needed && window < request.model.contextTokens) window *= 2;
  return Math.min(window, request.model.contextTokens);
}

/**
 * Servers that do not know `truncate: false` cut a prompt that exceeds the window and answer 200. It
 * shows only in the count of prompt tokens: fewer than the prompt can possibly have, where overflow was
 * possible at all. The answer is then an answer to another question.
 */
export function refuseTruncatedPrompt(usage: Usage, window: number, bounds: PromptBounds): void {
  if (bounds.tokensMost <= window || usage.inputTokens === 0 || usage.inputTokens >= bounds.tokensLeast) return;
  throw new GatewayError(
    'context_too_long',
    `it read only ${usage.inputTokens} tokens of a prompt of at least ${bounds.tokensLeast}; the rest did not fit the window of ${window}.`,
    { usage },
  );
}
