import type { MessageCreateParamsBase } from '@anthropic-ai/sdk/resources/messages';
import type { VendorFailure, Verdict } from '../shared/vendor-failure.ts';
import { versionOf } from './anthropic-version.ts';

/** System messages may stand among the turns from here on. Source: platform.claude.com/docs, "mid-conversation system messages". */
const TAKEN_FROM = 408;
const REFUSAL = /\brole\b.*\bsystem\b|\bsystem\b.*\brole\b|\bsystem messages?\b/is;

/**
 * Where a system message stays in its place, what was said before it stays as it was: the vendor's prompt cache
 * goes on, and so does signed thinking, which is bound to what went before it. Not every model takes such messages, and
 * the vendor lists none: newer ones are asked, and a refusal is remembered.
 */
export interface SystemTurns {
  areTakenBy(modelName: string): boolean;
  /** Undefined: it was not these that were refused. */
  learn(sent: MessageCreateParamsBase, failure: VendorFailure): Verdict | undefined;
}

export function createSystemTurns(): SystemTurns {
  const refusedBy = new Set<string>();
  return {
    // Other servers of this wire have other models, and are not asked.
    areTakenBy: (name) => name.startsWith('claude-') && versionOf(name) >= TAKEN_FROM && !refusedBy.has(name),
    learn: ({ model, messages }, { status, message }) => {
      if (status !== 400 || !REFUSAL.test(message) || !messages.some(({ role }) => role === 'system')) return undefined;
      refusedBy.add(model);
      return {
        code: 'invalid_request',
        retrySame: 'once',
        retryAfterMs: 0,
        remedy: 'it is asked again with one system prompt',
      };
    },
  };
}
