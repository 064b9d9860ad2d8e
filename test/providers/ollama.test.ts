import { OLLAMA_WIRE } from '../../src/demo/vendors/ollama.ts';
import { describeProvider } from './contract.ts';

describeProvider('ollama', {
  wire: OLLAMA_WIRE,
  finishWords: { stop: 'stop', length: 'length', tool_calls: 'stop' },
  usageClasses: [],
  // It filters nothing, so it has no such failure.
  failureCodes: { content_filter: 'invalid_request' },
  skips: {
    "passes on an image's address (whole)": 'Ollama takes images as data only',
    "passes on an image's address (streamed)": 'Ollama takes images as data only',
  },
});
