import { GatewayError, toGatewayError } from '../core/errors.ts';
import type { ProviderDirectory } from '../core/ports.ts';
import type { ApiKey, ListedModel, ProviderSettings } from '../core/provider.ts';

const LIST_MS = 5_000;

/**
 * A provider's free model list, which proves that it can be reached and takes the key; nothing is booked, since
 * nothing is sold. Undefined when the provider has none. Throws a `GatewayError`.
 */
export async function askModelList(
  providers: ProviderDirectory,
  { id, key }: { readonly id: ProviderSettings['id']; readonly key: ApiKey | undefined },
  signal: AbortSignal,
): Promise<readonly ListedModel[] | undefined> {
  try {
    const provider = await providers.load(id);
    return await provider.listModels?.({
      ...(key && key.value !== '' && { apiKey: key.value }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(LIST_MS)]),
    });
  } catch (thrown) {
    const error = toGatewayError(thrown);
    if (error.code !== 'cancelled' || signal.aborted) throw error;
    throw new GatewayError('provider_timeout', `No model list within ${LIST_MS} ms.`, { provider: id });
  }
}
