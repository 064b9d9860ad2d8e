import type { ProviderId, ProviderKind } from '../../core/model.ts';
import type { ProviderSettings } from '../../core/provider.ts';
import type { ProviderFacts } from './to-spans.ts';

/** Where the vendors' SDKs go when nothing is configured. */
const USUAL_ADDRESSES: Readonly<Record<ProviderKind, string | undefined>> = {
  openai: 'https://api.openai.com',
  anthropic: 'https://api.anthropic.com',
  gemini: 'https://generativelanguage.googleapis.com',
  groq: 'https://api.groq.com',
  ollama: 'http://127.0.0.1:11434',
  'openai-compatible': undefined,
};

/** Kind and address of each provider, by its id. */
export function toProviderFacts(settings: readonly ProviderSettings[]): ReadonlyMap<ProviderId, ProviderFacts> {
  return new Map(settings.map((one) => [one.id, factsOf(one)]));
}

function factsOf({ kind, baseUrl = USUAL_ADDRESSES[kind] }: ProviderSettings): ProviderFacts {
  if (baseUrl === undefined || !URL.canParse(baseUrl)) return { kind };
  const { hostname, port, protocol } = new URL(baseUrl);
  return { kind, address: hostname, port: Number(port || (protocol === 'https:' ? 443 : 80)) };
}
