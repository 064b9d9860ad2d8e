import { OLLAMA_WIRE } from '../../src/demo/vendors/ollama.ts';
import { describeProvider } from './contract.ts';

describeProvider('ollama', {
  wire: OLLAMA_WIRE,
  parameterFields: {
    temperature: { options: { temperature: 0.25 } },
    topP: { options: { top_p: 0.5 } },
    topK: { options: { top_k: 40 } },
    stop: { options: { stop: ['END', '###'] } },
    seed: { options: { seed: 7 } },
    presencePenalty: { options: { presence_penalty: 0.5 } },
    frequencyPenalty: { options: { frequency_penalty: -0.5 } },
    reasoningEffort: { think: true },
    thinking: { think: true },
  },
  jsonObjectFields: { format: 'json' },
  finishWords: { stop: 'stop', length: 'length', tool_calls: 'stop' },
  usageClasses: [],
  // It filters nothing, so it has no such failure.
  failureCodes: { content_filter: 'invalid_request' },
  skips: {
    'sends a PDF as data (whole)': 'Ollama takes no PDFs',
    'sends a PDF as data (streamed)': 'Ollama takes no PDFs',
    "passes on an image's address (whole)": 'Ollama takes images as data only',
    "passes on an image's address (streamed)": 'Ollama takes images as data only',
  },
});
