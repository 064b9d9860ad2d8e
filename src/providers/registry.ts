import { GatewayError } from '../core/errors.ts';
import type { ProviderKind } from '../core/model.ts';
import type { ProviderDirectory } from '../core/ports.ts';
import type { Provider, ProviderSettings } from '../core/provider.ts';
import type { Transport } from './shared/transport/transport.ts';

export type ProviderFactory = (settings: ProviderSettings, transport: Transport) => Promise<Provider>;

/** One line a kind. The imports are dynamic, so an SDK loads with the first use of its provider. */
export const PROVIDER_FACTORIES = {
  openai: async (...args) => (await import('./openai/provider.ts')).createOpenAiProvider(...args),
  'openai-compatible': async (...args) =>
    (await import('./openai-compatible/provider.ts')).createOpenAiCompatibleProvider(...args),
  groq: async (...args) => (await import('./groq/provider.ts')).createGroqProvider(...args),
  anthropic: async (...args) => (await import('./anthropic/provider.ts')).createAnthropicProvider(...args),
  gemini: async (...args) => (await import('./gemini/provider.ts')).createGeminiProvider(...args),
  ollama: async (...args) => (await import('./ollama/provider.ts')).createOllamaProvider(...args),
} satisfies Record<ProviderKind, ProviderFactory>;

/** The configured providers, each built on first use and kept. `transport` is asked for when the first one is. */
export function createProviderDirectory(
  settings: readonly ProviderSettings[],
  transport: () => Promise<Transport>,
): ProviderDirectory {
  const factories: Readonly<Record<ProviderKind, ProviderFactory>> = PROVIDER_FACTORIES;
  const loaded = new Map<string, Promise<Provider>>();
  return {
    settings,
    load(id) {
      const existing = loaded.get(id);
      if (existing) return existing;
      const own = settings.find((one) => one.id === id && one.status === 'configured');
      const create = own && factories[own.kind];
      if (!create) {
        return Promise.reject(new GatewayError('unknown_provider', unknownProviderMessage(id, settings)));
      }
      const loading = transport().then((loadedTransport) => create(own, loadedTransport));
      loaded.set(id, loading);
      // A failed load is tried again with the next call.
      loading.catch(() => loaded.delete(id));
      return loading;
    },
  };
}

function unknownProviderMessage(id: string, settings: readonly ProviderSettings[]): string {
  const known = settings.find((one) => one.id === id);
  if (known) return `Provider ${id} is ${known.status}.`;
  const names = settings.filter((one) => one.status === 'configured').map((one) => one.id);
  return `No provider ${id} is configured; there are: ${names.join(', ') || 'none'}.`;
}
