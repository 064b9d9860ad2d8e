import { OPENAI_WIRE } from '../../src/demo/vendors/openai.ts';
import { describeProvider } from './contract.ts';

describeProvider('openai', {
  wire: OPENAI_WIRE,
  finishWords: {
    stop: 'stop',
    length: 'length',
    tool_calls: 'tool_calls',
    content_filter: 'content_filter',
    refusal: 'stop',
  },
});
