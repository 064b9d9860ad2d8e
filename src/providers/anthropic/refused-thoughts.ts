import { fromThinkingState } from '../../core/content/signed-thinking.ts';
import type { Message } from '../../core/message.ts';
import type { ProviderRequest } from '../../core/provider.ts';
import { askedAgain } from '../shared/failures/refusal-memory.ts';
import type { VendorFailure, Verdict } from '../shared/failures/vendor-failure.ts';

/** As by github.com/can1357/oh-my-pi/issues/6379 and github.com/anthropics/anthropic-sdk-python/issues/1598. */
const REFUSED =
  /invalid `?(signature|data)`? in `?(redacted_)?thinking|thinking\.signature|thinking`? blocks .*cannot be modified/is;

/**
 * Conversations with thoughts that this vendor did not sign as they are: another server of the same wire did, or what was said before them has
 * changed since. Such a one would be refused in every turn from then on: it is asked again without them, in each turn anew.
 */
export class RefusedThoughts {
  readonly #refused = new WeakSet<readonly Message[]>();

  sendable(asked: ProviderRequest): ProviderRequest {
    return this.#refused.has(asked.messages) ? { ...asked, messages: asked.messages.map(withoutThoughts) } : asked;
  }

  /** Undefined: it was not the thoughts that were refused. */
  learn({ messages }: ProviderRequest, { status, message }: VendorFailure): Verdict | undefined {
    if (status !== 400 || !REFUSED.test(message) || !messages.some(hasThoughts)) return undefined;
    this.#refused.add(messages);
    return askedAgain('without the thoughts of this conversation');
  }
}

function hasThoughts({ content }: Message): boolean {
  return content.some((part) => part.type === 'reasoning' && fromThinkingState(part.vendorState) !== undefined);
}

function withoutThoughts(message: Message): Message {
  if (message.role !== 'assistant') return message;
  return { ...message, content: message.content.filter(({ type }) => type !== 'reasoning') };
}
