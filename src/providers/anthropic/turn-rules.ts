import type { MessageCreateParamsBase } from '@anthropic-ai/sdk/resources/messages';
import { askedAgain, RefusalMemory } from '../shared/failures/refusal-memory.ts';
import type { VendorFailure, Verdict } from '../shared/failures/vendor-failure.ts';
import { versionOf } from './anthropic-version.ts';

/** System messages may stand among the turns from here on. Source: platform.claude.com/docs, "mid-conversation system messages". */
const TAKEN_FROM = 408;
const SYSTEM_REFUSED = /\brole\b.*\bsystem\b|\bsystem\b.*\brole\b|\bsystem messages?\b/is;
/** Once of all models, as by github.com/lobehub/lobehub/issues/1601; its documentation does not say so any more. */
const ASSISTANT_REFUSED = /\bfirst message must use the "?user"? role\b/i;

/** How a model wants its turns. */
export type TurnRules = {
  /**
   * Where a system message stays in its place, what was said before it stays as it was: the vendor's prompt cache goes on, and so does signed
   * thinking, which is bound to what went before it. Not every model takes such messages, and the vendor lists none: newer ones are asked.
   */
  readonly keepsSystemPlaces?: boolean;
  /** A greeting of the model's may not be the first. */
  readonly beginsWithUser?: boolean;
};

/** What is known of the rules of each model; a refusal is remembered. */
export interface TurnMemory {
  rulesOf(modelName: string): TurnRules;
  /** Undefined: it was not the turns that were refused. */
  learn(sent: MessageCreateParamsBase, failure: VendorFailure): Verdict | undefined;
}

export function createTurnMemory(): TurnMemory {
  const refusals = new RefusalMemory<'system' | 'assistant'>();
  return {
    rulesOf(name) {
      const refused = refusals.of(name);
      // Other servers of this wire have other models, and are not asked.
      const mayKeepPlaces = name.startsWith('claude-') && versionOf(name) >= TAKEN_FROM;
      return { keepsSystemPlaces: mayKeepPlaces && !refused.has('system'), beginsWithUser: refused.has('assistant') };
    },
    learn({ model, messages }, { status, message }) {
      if (status !== 400) return undefined;
      if (ASSISTANT_REFUSED.test(message) && messages[0]?.role === 'assistant') {
        refusals.add(model, 'assistant');
        return askedAgain('with a turn of the user before the first');
      }
      if (!SYSTEM_REFUSED.test(message) || !messages.some(({ role }) => role === 'system')) return undefined;
      refusals.add(model, 'system');
      return askedAgain('with one system prompt');
    },
  };
}
