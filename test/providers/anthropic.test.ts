import { ANTHROPIC_WIRE } from '../../src/demo/vendors/anthropic.ts';
import { describeProvider } from './contract.ts';

describeProvider('anthropic', {
  wire: ANTHROPIC_WIRE,
  finishWords: { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use', refusal: 'refusal' },
  skips: {
    'embeds texts in their order': 'Anthropic has no embeddings',
    'sends the output limit and the temperature (whole)': 'API version 2026-10-21 refuses any temperature',
    'sends the output limit and the temperature (streamed)': 'API version 2026-10-21 refuses any temperature',
  },
});
