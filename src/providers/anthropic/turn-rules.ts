import type { MessageCreateParamsBase } from '@anthropic-ai/sdk/resources/messages';
import { askedAgain, RefusalMemory } from '../shared/failures/refusal-memory.ts';
import type { VendorFailure, Verdict } from '../shared/failures/vendor-failure.ts';
import { versionOf } from './anthropic-version.ts';

/** System messages may stand among the turns from here on. Source: platform.claude.com/docs, "mid-conversation system messages". */
const TAKEN_FROM = 408;
const SYSTEM_REFUSED = /\brole\b.*\bsystem\b|\bsystem\b.*\brole\b|\bsystem messages?\b/is;
/** Of the versions from here on some search tools; the vendor lists them nowhere, so they are asked. */
const DEFERS_FROM = 405;
/** As by github.com/anthropics/claude-code/issues/27065, 25212 and 89211. */
const DEFERRAL_REFUSED = /\bdefer_loading\b|\btool[_ ]reference|\bdeferred\b.*\btools?\b/i;
/** Once of all models, as by github.com/lobehub/lobehub/issues/1601; its documentation does not say so any more. */
const ASSISTANT_REFUSED = /\bfirst message must use the "?user"? role\b/i;

/** How a model wants its turns. */
export type TurnRules = {
  /**
   * Where a system message stays in its place, what was said before it stays as it was: the vendor's prompt cache goes on, and so does signed
   * thinking, which is bound to what went before it. Not every model takes such messages, and the vendor lists none: newer ones are asked.
   */
  readonly keepsSystemPlaces?: boolean;
  /** Deferred tools are the vendor's to keep from the model: its prompt cache goes on when a search finds one. */
  readonly defersTools?: boolean;
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
  const refusals = new RefusalMemory<'system' | 'assistant' | 'deferral'>();
  return {
    rulesOf(name) {
      const refused = refusals.of(name);
      // Other servers of this wire have other models, and are not asked.
      const version = name.startsWith('claude-') ? versionOf(name) : 0;
      return {
        keepsSystemPlaces: version >= TAKEN_FROM && !refused.has('system'),
        defersTools: version >= DEFERS_FROM && !refused.has('deferral'),
        beginsWithUser: refused.has('assistant'),
      };
    },
    learn({ model, messages, tools = [] }, { status, message }) {
      if (status !== 400) return undefined;
      if (DEFERRAL_REFUSED.test(message) && tools.some((tool) => 'defer_loading' in tool)) {
        refusals.add(model, 'deferral');
        return askedAgain('with the tools that a search found among the others');
      }
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
