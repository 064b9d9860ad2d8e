import { GROQ_WIRE } from '../../src/demo/vendors/groq.ts';
import { describeProvider } from './contract.ts';

describeProvider('groq', {
  wire: GROQ_WIRE,
  finishWords: {
    stop: 'stop',
    length: 'length',
    tool_calls: 'tool_calls',
    content_filter: 'content_filter',
    refusal: 'stop',
  },
  skips: { 'embeds texts in their order': 'Groq has no embeddings' },
});
