import { GEMINI_WIRE } from '../../src/demo/vendors/gemini.ts';
import { describeProvider } from './contract.ts';

describeProvider('gemini', {
  wire: GEMINI_WIRE,
  finishWords: { stop: 'STOP', length: 'MAX_TOKENS', tool_calls: 'STOP', content_filter: 'SAFETY' },
  usageClasses: ['cachedInputTokens', 'reasoningTokens'],
  sevenSecondsHint: { message: 'Quota exceeded. Please retry in 7s.' },
  failureCodes: {
    // One status for both, and the vendor's words are about load.
    unavailable: 'provider_overloaded',
    // Its quotas per day are a model's, so they rest no other model.
    quota: 'rate_limited',
    // A blocked prompt is an answer; as a failure the vendor has no such word.
    content_filter: 'invalid_request',
  },
});
