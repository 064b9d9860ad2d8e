import { OPENAI_COMPATIBLE_WIRE } from '../../src/demo/vendors/openai.ts';
import { describeProvider } from './contract.ts';

describeProvider('openai-compatible', {
  wire: OPENAI_COMPATIBLE_WIRE,
  usageParts: { audioInputTokens: 7, audioOutputTokens: 4, modes: ['flex'] },
  parameterFields: {
    temperature: { temperature: 0.25 },
    topP: { top_p: 0.5 },
    stop: { stop: ['END', '###'] },
    seed: { seed: 7 },
    presencePenalty: { presence_penalty: 0.5 },
    frequencyPenalty: { frequency_penalty: -0.5 },
    verbosity: { verbosity: 'low' },
    logitBias: { logit_bias: { '50256': -100 } },
    reasoningEffort: { reasoning_effort: 'low' },
    parallelToolCalls: { parallel_tool_calls: false },
  },
  jsonObjectFields: { response_format: { type: 'json_object' } },
  streamsArguments: true,
  finishWords: {
    stop: 'stop',
    length: 'length',
    tool_calls: 'tool_calls',
    content_filter: 'content_filter',
    refusal: 'stop',
  },
});
