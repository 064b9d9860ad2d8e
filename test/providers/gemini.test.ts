import { GEMINI_WIRE } from '../../src/demo/vendors/gemini.ts';
import { describeProvider } from './contract.ts';

describeProvider('gemini', {
  wire: GEMINI_WIRE,
  usageParts: { audioInputTokens: 5, imageInputTokens: 3, cachedAudioInputTokens: 2, imageOutputTokens: 4 },
  parameterFields: {
    temperature: { generationConfig: { temperature: 0.25 } },
    topP: { generationConfig: { topP: 0.5 } },
    topK: { generationConfig: { topK: 40 } },
    stop: { generationConfig: { stopSequences: ['END', '###'] } },
    seed: { generationConfig: { seed: 7 } },
    presencePenalty: { generationConfig: { presencePenalty: 0.5 } },
    frequencyPenalty: { generationConfig: { frequencyPenalty: -0.5 } },
    choices: { generationConfig: { candidateCount: 2 } },
    reasoningEffort: { generationConfig: { thinkingConfig: { thinkingLevel: 'LOW', includeThoughts: true } } },
    thinking: { generationConfig: { thinkingConfig: { thinkingLevel: 'MEDIUM', includeThoughts: true } } },
  },
  jsonObjectFields: { generationConfig: { responseMimeType: 'application/json' } },
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
