import { GatewayError, toGatewayError } from '../core/errors.ts';
import type { Clock, ProviderDirectory } from '../core/ports.ts';
import type { ApiKey, CallContext, Provider, ProviderSettings } from '../core/provider.ts';
import { withinLimit } from './within-limit.ts';

const LIST_MS = 5_000;

/**
 * The names in a provider's free model list, which proves that it can be reached and takes the key; nothing is booked, since
 * nothing is sold. Undefined when the provider has none. Throws a `GatewayError`.
 */
export async function askModelList(
  { providers, clock }: { readonly providers: ProviderDirectory; readonly clock: Clock },
  { id, key }: { readonly id: ProviderSettings['id']; readonly key: ApiKey | undefined },
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  try {
    const provider = await providers.load(id);
    const apiKey = key && key.value !== '' ? { apiKey: key.value } : {};
    return await withinLimit({ clock, signal, limitMs: LIST_MS }, (limited) =>
      listAgainWhenLost(provider, { ...apiKey, signal: limited }),
    );
  } catch (thrown) {
    const error = toGatewayError(thrown);
    if (error.code !== 'cancelled' || signal.aborted) throw error;
    throw new GatewayError('provider_timeout', `No model list within ${LIST_MS} ms.`, { provider: id });
  }
}

/** A kept connection that has gone stale says nothing of the provider. */
async function listAgainWhenLost(provider: Provider, context: CallContext): Promise<readonly string[] | undefined> {
  try {
    return await provider.listModels?.(context);
  } catch (thrown) {
    if (toGatewayError(thrown).retrySame !== 'at-once') throw thrown;
    return provider.listModels?.({ ...context, needsNewConnection: true });
  }
}
