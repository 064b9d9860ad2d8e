import type { ProviderKind } from '../core/model.ts';
import { ANTHROPIC_FACTS } from './facts/anthropic.ts';
import { GEMINI_FACTS } from './facts/gemini.ts';
import { GROQ_FACTS } from './facts/groq.ts';
import { OLLAMA_FACTS } from './facts/ollama.ts';
import { OPENAI_FACTS } from './facts/openai.ts';
import type { ModelFact } from './model-fact.ts';

/** The tables of `facts/`; a server that only speaks OpenAI's dialect may serve anything. */
export const FACTS_BY_KIND = {
  openai: OPENAI_FACTS,
  anthropic: ANTHROPIC_FACTS,
  gemini: GEMINI_FACTS,
  groq: GROQ_FACTS,
  ollama: OLLAMA_FACTS,
  'openai-compatible': [],
} as const satisfies Record<ProviderKind, readonly ModelFact[]>;

const VERSION_SUFFIX = /(?:-latest|[-@]\d{8}|-\d{4}-\d{2}-\d{2}|-(?:preview|exp)(?:-\d{2}-\d{2}(?:\d{2})?)?|-\d{3,4})$/;

const byName = new Map<string, ModelFact>();
for (const [kind, facts] of Object.entries(FACTS_BY_KIND)) {
  for (const fact of facts) byName.set(`${kind}/${stripVersion(fact.name)}`, fact);
}

/** The row of a model: by its own name, or by its family's when the name carries a date or a tag. */
export function findFact(kind: ProviderKind, name: string): ModelFact | undefined {
  const exact = byName.get(`${kind}/${stripVersion(name)}`);
  if (exact || kind !== 'ollama') return exact;
  return byName.get(`ollama/${ollamaFamily(name)}`);
}

/** `qwen3:8b` and `library/qwen3` are `qwen3`; the tag says size and quantization. */
function ollamaFamily(name: string): string {
  return name.replace(/^(?:registry\.ollama\.ai\/)?library\//, '').replace(/:.*$/, '');
}

/**
 * A vendor's model name without what only dates it: `gpt-5-mini-2025-08-07`,
 * `claude-haiku-4-5-20251001`, `gemini-2.5-flash-001` and `-latest` all name their family.
 */
export function stripVersion(name: string): string {
  let stripped = name.toLowerCase();
  for (;;) {
    const shorter = stripped.replace(VERSION_SUFFIX, '');
    if (shorter === stripped) return stripped;
    stripped = shorter;
  }
}
