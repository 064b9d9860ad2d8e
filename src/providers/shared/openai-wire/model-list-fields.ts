import type { ModelListFields } from '../from-model-list.ts';

/** Window and output limit under the names Groq, vLLM, OpenRouter and Mistral give them. */
export const MODEL_LIST_FIELDS: ModelListFields = {
  context: ['context_window', 'max_model_len', 'context_length', 'max_context_length'],
  output: ['max_completion_tokens', 'max_output_tokens'],
};
