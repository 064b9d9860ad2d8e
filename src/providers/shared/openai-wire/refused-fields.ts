import { askedAgain, isPartRefused, RefusalMemory } from '../failures/refusal-memory.ts';
import type { VendorFailure, Verdict } from '../failures/vendor-failure.ts';
import type { DisputedField, RefusedFields } from './to-chat-body.ts';

const DISPUTED: readonly DisputedField[] = [
  'max_completion_tokens',
  'max_tokens',
  'reasoning_effort',
  'reasoning_format',
  'stream_options',
  'response_format',
];

/** What each model was seen to refuse. */
export interface FieldMemory {
  refusedBy(modelName: string): RefusedFields;
  /**
   * Learns from a refusal of a request sent without the fields in `sentWithout`. The verdict asks
   * for the same target once more at once; that request comes without the field as well.
   * Undefined when there is nothing to learn.
   */
  learn(modelName: string, sentWithout: RefusedFields, failure: VendorFailure): Verdict | undefined;
}

export function createFieldMemory(): FieldMemory {
  const refusals = new RefusalMemory<DisputedField>();
  return {
    refusedBy: (modelName) => refusals.of(modelName),
    learn(modelName, sentWithout, failure) {
      const field = refusedField(failure);
      if (!field || sentWithout.has(field)) return undefined;
      refusals.add(modelName, field);
      return askedAgain(`without ${field}`);
    },
  };
}

/** OpenAI names the field in `param`; other servers only in their message, before any advice. */
function refusedField(failure: VendorFailure): DisputedField | undefined {
  if (!isPartRefused(failure)) return undefined;
  const { param, message } = failure;
  if (param !== undefined) return DISPUTED.find((field) => param === field || param.startsWith(`${field}.`));
  const mentioned = new RegExp(`\\b(?:${DISPUTED.join('|')})\\b`).exec(message)?.[0];
  return DISPUTED.find((field) => field === mentioned);
}
