import type { VendorFailure, Verdict } from '../vendor-failure.ts';
import type { DisputedField, RefusedFields } from './to-chat-body.ts';

const DISPUTED: readonly DisputedField[] = [
  'max_completion_tokens',
  'max_tokens',
  'reasoning_effort',
  'stream_options',
  'response_format',
];

/** Models remembered; the oldest is forgotten first, and learnt again with one refused request. */
const MODELS_MAX = 1_000;

const NOTHING: RefusedFields = new Set();

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
  const learnt = new Map<string, ReadonlySet<DisputedField>>();
  return {
    // Another set with each refusal, so that a request keeps what it was sent without.
    refusedBy: (modelName) => learnt.get(modelName) ?? NOTHING,
    learn(modelName, sentWithout, failure) {
      const field = refusedField(failure);
      if (!field || sentWithout.has(field)) return undefined;
      if (learnt.size >= MODELS_MAX) learnt.delete(learnt.keys().next().value ?? '');
      learnt.set(modelName, new Set(learnt.get(modelName)).add(field));
      const remedy = `it is asked again without ${field}`;
      return { code: 'invalid_request', retrySame: 'once', retryAfterMs: 0, remedy };
    },
  };
}

const REFUSAL =
  /unsupported|not supported|does(n't| not) support|unknown|unrecognized|unexpected|not (allowed|permitted)|extra/i;

/** OpenAI names the field in `param`; other servers only in their message, before any advice. */
function refusedField({ status, code, param, message }: VendorFailure): DisputedField | undefined {
  if (status !== 400 && status !== 422) return undefined;
  if (code !== 'unsupported_parameter' && code !== 'unsupported_value' && !REFUSAL.test(message)) return undefined;
  if (param !== undefined) return DISPUTED.find((field) => param === field || param.startsWith(`${field}.`));
  const mentioned = new RegExp(`\\b(?:${DISPUTED.join('|')})\\b`).exec(message)?.[0];
  return DISPUTED.find((field) => field === mentioned);
}
