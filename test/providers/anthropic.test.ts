import { ANTHROPIC_WIRE } from '../../src/demo/vendors/anthropic.ts';
import { describeProvider } from './contract.ts';

describeProvider('anthropic', {
  wire: ANTHROPIC_WIRE,
  usageParts: { cacheWrite1hTokens: 6, webSearches: 2, modes: ['us'] },
  parameterFields: {
    stop: { stop_sequences: ['END', '###'] },
    reasoningEffort: { output_config: { effort: 'low' }, thinking: { type: 'adaptive' } },
    thinking: { output_config: { effort: 'medium' }, thinking: { type: 'adaptive' } },
    parallelToolCalls: { tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
  },
  streamsArguments: true,
  finishWords: { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use', refusal: 'refusal' },
  skips: {
    'embeds texts in their order': 'Anthropic has no embeddings',
    'embeds at the length that is asked for': 'Anthropic has no embeddings',
    'reads many long embeddings': 'Anthropic has no embeddings',
    'takes an error in the place of embeddings for what it is': 'Anthropic has no embeddings',
    'sends the output limit and the temperature (whole)': 'API version 2026-10-21 refuses any temperature',
    'sends the output limit and the temperature (streamed)': 'API version 2026-10-21 refuses any temperature',
  },
});
