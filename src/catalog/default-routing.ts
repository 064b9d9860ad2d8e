import { type ModelRef, modelRef, type ProviderId, parseModelRef } from '../core/model.ts';
import { isLoopbackUrl } from '../core/network/loopback.ts';
import { mayBeUsedFor, type ProviderSettings } from '../core/provider.ts';
import { TASKS, type Task, TIERS, type Tier } from '../core/request.ts';
import { capabilitiesOf, isOllamaCloudModel } from './catalog.ts';
import { DEFAULT_FALLBACK, DEFAULT_TASKS, DEFAULT_TIERS, type DefaultChoice } from './default-tiers.ts';
import { fillTiers } from './fill-tiers.ts';
import type { ModelOverride } from './model-override.ts';

/** A model an Ollama has pulled. */
export type PulledModel = {
  readonly provider: ProviderId;
  readonly name: string;
  /** Of the weights; tells a small model from a large one. */
  readonly sizeBytes?: number;
};

export type DefaultRouting = {
  readonly tiers: Readonly<Record<Tier, readonly ModelRef[]>>;
  readonly tasks: Readonly<Partial<Record<Task, readonly ModelRef[]>>>;
  readonly fallback: readonly ModelRef[];
};

type Available = {
  readonly providers: readonly ProviderSettings[];
  readonly pulled: readonly PulledModel[];
  /** Models of `openai-compatible` providers are known from here only. */
  readonly overrides: readonly ModelOverride[];
};

/** A list names at most this many models of this machine: trying more in a row helps nobody. */
const LOCAL_MODELS_MAX = 2;

/** The lists of `default-tiers.ts`, reduced to what is configured and can be called. */
export function defaultRouting({ providers, pulled, overrides }: Available): DefaultRouting {
  const usable = providers.filter(({ status }) => status === 'configured');
  const local = localModels(usable, pulled, overrides);
  const hosted = hostedCompatibleModels(usable, overrides);
  const resolve = (choices: readonly DefaultChoice[], locals: readonly ModelRef[]): readonly ModelRef[] =>
    choices.flatMap((choice) => (choice === 'local' ? locals.slice(0, LOCAL_MODELS_MAX) : refsOf(choice, usable)));
  const smallFirst = local.map(({ ref }) => ref);
  const largeFirst = smallFirst.toReversed();
  const seeing = local
    .filter((model) => model.vision)
    .map(({ ref }) => ref)
    .toReversed();

  const tiers = {} as Record<Tier, readonly ModelRef[]>;
  for (const tier of TIERS) {
    tiers[tier] = [...resolve(DEFAULT_TIERS[tier], tier === 'trivial' ? smallFirst : largeFirst), ...hosted];
  }
  const tasks: Partial<Record<Task, readonly ModelRef[]>> = {};
  for (const task of TASKS) {
    if (task === 'general') continue;
    const refs = resolve(DEFAULT_TASKS[task], task === 'vision' ? seeing : largeFirst);
    if (refs.length > 0) tasks[task] = refs;
  }
  return { tiers: fillTiers(tiers), tasks, fallback: [...resolve(DEFAULT_FALLBACK, largeFirst), ...hosted] };
}

/** The model at every configured provider of its kind, in the order they are configured. */
function refsOf(choice: Exclude<DefaultChoice, 'local'>, usable: readonly ProviderSettings[]): readonly ModelRef[] {
  return usable
    .filter(({ kind, keys }) => kind === choice.kind && keys.some((key) => mayBeUsedFor(key, choice.name)))
    .map(({ id }) => modelRef(id, choice.name));
}

type LocalModel = { readonly ref: ModelRef; readonly size: number; readonly vision: boolean };

/** Chat models of this machine, the smallest first; equals by name. */
function localModels(
  usable: readonly ProviderSettings[],
  pulled: readonly PulledModel[],
  overrides: readonly ModelOverride[],
): readonly LocalModel[] {
  const models = new Map<ModelRef, LocalModel>();
  for (const { provider, name, sizeBytes } of pulled) {
    const ref = modelRef(provider, name);
    const override = overrides.find((one) => one.ref === ref);
    const capabilities = capabilitiesOf('ollama', name, override);
    if (isOllamaCloudModel(name) || capabilities.includes('embedding')) continue;
    if (!usable.some(({ id }) => id === provider)) continue;
    models.set(ref, { ref, size: sizeBytes ?? 0, vision: capabilities.includes('vision') });
  }
  const nearby = usable.filter(({ kind, baseUrl }) => kind === 'openai-compatible' && isLoopbackUrl(baseUrl ?? ''));
  for (const { ref, quality, capabilities } of chatOverridesOf(nearby, overrides)) {
    // Their size is unknown: quality, which the configuration may give, puts them in order.
    models.set(ref, { ref, size: quality ?? 0, vision: capabilities?.includes('vision') ?? false });
  }
  return [...models.values()].sort((left, right) => left.size - right.size || (left.ref < right.ref ? -1 : 1));
}

/** Models of compatible servers elsewhere: nobody knows how good they are, so they come last. */
function hostedCompatibleModels(
  usable: readonly ProviderSettings[],
  overrides: readonly ModelOverride[],
): readonly ModelRef[] {
  const remote = usable.filter(({ kind, baseUrl }) => kind === 'openai-compatible' && !isLoopbackUrl(baseUrl ?? ''));
  return chatOverridesOf(remote, overrides).map(({ ref }) => ref);
}

function chatOverridesOf(
  providers: readonly ProviderSettings[],
  overrides: readonly ModelOverride[],
): readonly ModelOverride[] {
  return overrides.filter((override) => {
    const model = parseModelRef(override.ref);
    const provider = providers.find(({ id }) => id === model?.provider);
    return model && provider && !capabilitiesOf(provider.kind, model.name, override).includes('embedding');
  });
}
