import type { Capability } from '../../core/model.ts';
import type { ModelFact } from '../model-fact.ts';

/**
 * Sources: ollama.com/library, each family's page (labels tools, vision, thinking, embedding and
 * the window). JSON schemas are not a property of the model here: the server constrains decoding
 * for every model (docs, "structured outputs"), so every chat model has them. Windows are those of
 * the model; how much of it a machine can hold is another question, see `LOCAL_WINDOW_TOKENS_MAX`.
 */
export const OLLAMA_FACTS: readonly ModelFact[] = [
  chat('llama3.3', 131_072, 0.36, 'tools'),
  chat('llama3.2', 131_072, 0.18, 'tools'),
  chat('llama3.2-vision', 131_072, 0.22, 'vision'),
  chat('llama3.1', 131_072, 0.22, 'tools'),
  chat('llama3', 8_192, 0.18),
  chat('llama4', 1_048_576, 0.36, 'tools', 'vision'),
  chat('gpt-oss', 131_072, 0.4, 'tools', 'reasoning'),
  chat('qwen3', 40_960, 0.34, 'tools', 'reasoning'),
  chat('qwen3-coder', 262_144, 0.42, 'tools'),
  chat('qwen3-vl', 262_144, 0.38, 'tools', 'vision', 'reasoning'),
  chat('qwen3.5', 262_144, 0.42, 'tools', 'vision', 'reasoning'),
  chat('qwen3.6', 262_144, 0.48, 'tools', 'vision', 'reasoning'),
  chat('qwen2.5', 32_768, 0.28, 'tools'),
  chat('qwen2.5-coder', 32_768, 0.28, 'tools'),
  chat('qwen2.5vl', 128_000, 0.28, 'vision'),
  chat('deepseek-r1', 131_072, 0.34, 'reasoning'),
  chat('gemma4', 262_144, 0.45, 'tools', 'vision', 'reasoning'),
  chat('gemma3', 131_072, 0.28, 'vision'),
  // The two smallest read no images.
  chat('gemma3:1b', 32_768, 0.14),
  chat('gemma3:270m', 32_768, 0.08),
  chat('gemma3n', 32_768, 0.24),
  chat('gemma2', 8_192, 0.22),
  chat('mistral', 32_768, 0.2, 'tools'),
  chat('mistral-nemo', 131_072, 0.24, 'tools'),
  chat('mistral-small', 32_768, 0.32, 'tools'),
  chat('mistral-small3.2', 131_072, 0.34, 'tools', 'vision'),
  chat('ministral-3', 262_144, 0.34, 'tools', 'vision'),
  chat('magistral', 40_960, 0.36, 'tools', 'reasoning'),
  chat('devstral', 131_072, 0.36, 'tools'),
  chat('phi4', 16_384, 0.3),
  chat('phi4-mini', 131_072, 0.24, 'tools'),
  chat('phi4-reasoning', 32_768, 0.34, 'reasoning'),
  chat('phi3', 131_072, 0.18),
  chat('granite3.3', 131_072, 0.24, 'tools'),
  chat('granite4', 131_072, 0.28, 'tools'),
  chat('command-r', 131_072, 0.26, 'tools'),
  chat('smollm2', 8_192, 0.12, 'tools'),
  chat('llava', 32_768, 0.16, 'vision'),
  chat('minicpm-v', 32_768, 0.2, 'vision'),
  chat('moondream', 2_048, 0.1, 'vision'),
  embedding('nomic-embed-text', 2_048),
  embedding('mxbai-embed-large', 512),
  embedding('all-minilm', 256),
  embedding('bge-m3', 8_192),
  embedding('snowflake-arctic-embed', 512),
  embedding('snowflake-arctic-embed2', 8_192),
  embedding('embeddinggemma', 2_048),
  embedding('qwen3-embedding', 32_768),
  embedding('granite-embedding', 512),
];

function chat(name: string, contextTokens: number, quality: number, ...more: readonly Capability[]): ModelFact {
  return { name, status: 'current', capabilities: [...more, 'json-schema'], contextTokens, quality };
}

function embedding(name: string, contextTokens: number): ModelFact {
  return { name, status: 'current', capabilities: ['embedding'], contextTokens };
}
