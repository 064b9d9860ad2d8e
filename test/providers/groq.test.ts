import { GROQ_WIRE } from '../../src/demo/vendors/groq.ts';
import { describeProvider } from './contract.ts';

describeProvider('groq', {
  wire: GROQ_WIRE,
  parameterFields: {
    temperature: { temperature: 0.25 },
    topP: { top_p: 0.5 },
    stop: { stop: ['END', '###'] },
    seed: { seed: 7 },
    reasoningEffort: { reasoning_effort: 'low' },
    thinking: { reasoning_effort: 'medium' },
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
  skips: {
    'embeds texts in their order': 'Groq has no embeddings',
    'embeds at the length that is asked for': 'Groq has no embeddings',
    'reads many long embeddings': 'Groq has no embeddings',
    'takes an error in the place of embeddings for what it is': 'Groq has no embeddings',
  },
});
