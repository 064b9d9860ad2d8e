import { loadCatalog } from '../catalog/catalog.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { ModelRef } from '../core/model.ts';
import { proxySecrets } from '../core/network/proxies.ts';
import type { Observer } from '../core/observer.ts';
import type { ModelCatalog, ProviderDirectory } from '../core/ports.ts';
import type { ProviderSettings } from '../core/provider.ts';
import { createSecretMask, type SecretMask } from '../core/secret-mask.ts';
import { createGateway } from '../gateway/create-gateway.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { createSteering } from '../gateway/pacing/create-steering.ts';
import { createProviderDirectory } from '../providers/registry.ts';
import type { Transport } from '../providers/shared/transport/transport.ts';
import type { Foundation } from './foundation.ts';

/** What one configuration makes: replaced as a whole when it changes, on the same foundation. */
export type Engine = {
  readonly config: LoadedConfig;
  readonly gateway: Gateway & { drain(): Promise<void> };
  readonly providers: ProviderDirectory;
  /** Loads the catalogue and the way out, which the first request would otherwise wait for. */
  warmUp(): Promise<void>;
  /** Configured or, once the catalogue is loaded, in it. */
  isKnownModel(ref: ModelRef): boolean;
  /** Closes all connections at once; to be called when drained. */
  close(): Promise<void>;
};

/** `mask`: for what providers say, besides that of their own keys. */
export function createEngine(
  config: LoadedConfig,
  foundation: Foundation,
  observer: Observer,
  mask?: SecretMask,
): Engine {
  const { store, clock, random, logger, recorder, retryBudget, waiting, learner } = foundation;
  const { limits, routing: table } = config;
  const settings = withMask(config, mask);
  const providers = createProviderDirectory(settings, transportOnce);
  const known = new Set(config.models.map(({ ref }) => ref));
  let catalog: Promise<ModelCatalog> | undefined;
  let transport: Promise<Transport> | undefined;

  /** Loaded with the first call: it weighs a tenth of an idle server. */
  function transportOnce(): Promise<Transport> {
    transport ??= import('../providers/shared/transport/transport.ts').then(({ createTransport }) =>
      createTransport({ connectMs: limits.connectMs, proxies: config.proxies }),
    );
    return transport;
  }

  function catalogOnce(): Promise<ModelCatalog> {
    catalog ??= loadCatalog({ providers: settings, overrides: config.models }).then((loaded) => {
      for (const { ref } of loaded.list()) known.add(ref);
      return loaded;
    });
    return catalog;
  }

  const gateway = createGateway({
    ledger: store.ledger,
    cache: store.cache,
    health: store.health,
    idempotency: store.idempotency,
    recorder,
    retryBudget,
    ...waiting,
    catalog: catalogOnce,
    providers,
    table,
    limits,
    spendingLimits: { budgets: config.budgets, rateLimits: config.rateLimits },
    clock,
    random,
    logger,
    observer,
    steering: createSteering({ states: store.states, table, clock, logger }),
    ...(config.learning.enabled && { outcomes: learner, site: () => learner.view() }),
  });

  return {
    config,
    gateway,
    providers,
    warmUp: async () => void (await Promise.all([catalogOnce(), transportOnce()])),
    isKnownModel: (ref) => known.has(ref),
    close: async () => (await transport)?.close(),
  };
}

/** A proxy, which answers in a provider's place, may quote what it was sent. */
function withMask({ providers, proxies }: LoadedConfig, mask: SecretMask | undefined): readonly ProviderSettings[] {
  const secrets = proxySecrets(proxies);
  if (secrets.length === 0) return mask ? providers.map((one) => ({ ...one, mask })) : providers;
  const hide = createSecretMask(secrets);
  return providers.map((one) => ({ ...one, mask: (text) => hide(mask?.(text) ?? text) }));
}
