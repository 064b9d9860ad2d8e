import { GatewayError } from '../core/errors.ts';
import type { ProviderSettings } from '../core/provider.ts';
import { nearestName } from '../core/wording/nearest-name.ts';

/** The settings of the provider a caller named; throws `unknown_provider` with the configured ones. */
export function requireProvider(text: string, providers: readonly ProviderSettings[]): ProviderSettings {
  const name = text.trim();
  const found = providers.find(({ id }) => id === name);
  if (!found) throw unknownProvider(name, providers).with({ param: 'provider' });
  return found;
}

export function unknownProvider(name: string, providers: readonly ProviderSettings[]): GatewayError {
  const ids = providers.filter(({ status }) => status === 'configured').map(({ id }) => id);
  const near = nearestName(name, ids);
  const known =
    ids.length > 0 ? `Configured are: ${ids.join(', ')}.` : 'None is configured: set a key, or start Ollama.';
  return new GatewayError('unknown_provider', `There is no provider "${name}".`, {
    hint: near === undefined ? known : `Did you mean ${near}? ${known}`,
  });
}
