import { createHash } from 'node:crypto';
import type { ModelOverride } from '../catalog/model-override.ts';
import { sortedKeys } from '../core/json/json.ts';
import type { Limits } from '../core/limits.ts';
import type { ProviderSettings } from '../core/provider.ts';
import type { Budget, RateLimit } from '../core/quota.ts';
import type { RoutingTable } from '../core/route-plan.ts';

/**
 * Names the configuration that decided a request, in plans and books: equal for equal decisions,
 * whatever the order of keys in the file. Secrets and header values do not enter it.
 */
export function hashConfig(parts: {
  readonly providers: readonly ProviderSettings[];
  readonly models: readonly ModelOverride[];
  readonly routing: Omit<RoutingTable, 'configHash'>;
  readonly limits: Limits;
  readonly budgets: readonly Budget[];
  readonly rateLimits: readonly RateLimit[];
  readonly learning: { readonly enabled: boolean };
}): string {
  const providers = parts.providers.map(({ keys, headers, ...rest }) => ({
    ...rest,
    headers: Object.keys(headers ?? {}).sort(),
    keys: keys.map(({ value: _secret, ...key }) => key),
  }));
  const text = JSON.stringify({ ...parts, providers }, sortedKeys);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
