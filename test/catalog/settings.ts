import type { ProviderKind } from '../../src/core/model.ts';
import type { ProviderSettings } from '../../src/core/provider.ts';

/** A configured provider; its id is its kind unless said otherwise. */
export function provider(kind: ProviderKind, more: Partial<ProviderSettings> = {}): ProviderSettings {
  return { id: kind, kind, keys: [{ name: 'default', value: 'secret', weight: 1 }], status: 'configured', ...more };
}

export const VENDORS = (['openai', 'anthropic', 'gemini', 'groq'] as const).map((kind) => provider(kind));
