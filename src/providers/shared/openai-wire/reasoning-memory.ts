import { askedAgain, RefusalMemory } from '../failures/refusal-memory.ts';
import type { VendorFailure, Verdict } from '../failures/vendor-failure.ts';

/**
 * Models that want their thoughts back with what they said, as DeepSeek's do in a tool loop; their refusal says so. Nobody
 * is sent them unasked: Groq, Mistral and others refuse a field that they do not know.
 * Source: api-docs.deepseek.com/guides/thinking_mode.
 */
export interface ReasoningMemory {
  isWantedBy(modelName: string): boolean;
  /** `wasSent`: they were sent, so that it wants something else. The verdict asks for the same target once more at once. */
  learn(modelName: string, wasSent: boolean, failure: VendorFailure): Verdict | undefined;
}

const DEMAND = /\breasoning_content\b.*\b(?:passed back|required|missing)\b|\bmissing\b.*\breasoning_content\b/is;

export function createReasoningMemory(): ReasoningMemory {
  const refusals = new RefusalMemory<'without reasoning'>();
  return {
    isWantedBy: (modelName) => refusals.of(modelName).size > 0,
    learn(modelName, wasSent, { status, message }) {
      if (wasSent || (status !== 400 && status !== 422) || !DEMAND.test(message)) return undefined;
      refusals.add(modelName, 'without reasoning');
      return askedAgain('with its thoughts');
    },
  };
}
