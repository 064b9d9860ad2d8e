import type { MessageCreateParamsBase } from '@anthropic-ai/sdk/resources/messages';
import { askedAgain, RefusalMemory } from '../shared/failures/refusal-memory.ts';
import type { VendorFailure, Verdict } from '../shared/failures/vendor-failure.ts';
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
  const refusals = new RefusalMemory<'system'>();
  return {
    // Other servers of this wire have other models, and are not asked.
    areTakenBy: (name) => name.startsWith('claude-') && versionOf(name) >= TAKEN_FROM && refusals.of(name).size === 0,
    learn: ({ model, messages }, { status, message }) => {
      if (status !== 400 || !REFUSAL.test(message) || !messages.some(({ role }) => role === 'system')) return undefined;
      refusals.add(model, 'system');
      return askedAgain('with one system prompt');
    },
  };
}
