import { dirname } from 'node:path';
import type { PulledModel } from '../catalog/default-routing.ts';
import type { ModelOverride } from '../catalog/model-override.ts';
import type { AlertRule } from '../core/alerts.ts';
import { isJsonObject } from '../core/json/json.ts';
import { DEFAULT_LIMITS, type Limits } from '../core/limits.ts';
import { listedModels } from '../core/listed-models.ts';
import { type ModelRef, modelRef } from '../core/model.ts';
import { type Proxies, readProxies } from '../core/network/proxies.ts';
import type { UnsupportedParameters } from '../core/parameters.ts';
import type { ProviderSettings } from '../core/provider.ts';
import type { Budget, RateLimit } from '../core/quota.ts';
import type { RoutingTable } from '../core/route-plan.ts';
import type { ToolName } from '../core/tool-names.ts';
import { toAlerts } from './alerts/to-alerts.ts';
import { hashConfig } from './config-hash.ts';
import { readEnvironment } from './environment-config.ts';
import { parseConfigDocument } from './file/config-document.ts';
import { type ConfigFile, findConfigFile } from './file/find-config-file.ts';
import { createProblems, type Problems } from './file/problems.ts';
import { resolveReferences } from './file/resolve-references.ts';
import { validateConfig } from './file/validate-config.ts';
import { chooseDataDir, type Surroundings } from './folders.ts';
import { withVendorNames } from './providers/key-models.ts';
import { OLLAMA_USUAL_URL, probeOllama } from './providers/probe-ollama.ts';
import { keyNamesOf, toProviders } from './providers/to-providers.ts';
import { toModels } from './routing/to-models.ts';
import { hasModels, toRouting } from './routing/to-routing.ts';
import { type ConfigInput, configSchema, type LOG_LEVELS } from './schema/config-schema.ts';
import { checkServer } from './server/check-server.ts';
import { toBudgets, toRateLimits } from './to-quotas.ts';
import type { ScopeContext } from './to-scope.ts';
import { toTelemetry } from './to-telemetry.ts';
import { parseDurationMs, parseSizeBytes } from './units.ts';

/** The configuration as the rest of the program uses it: checked, resolved, defaults filled in. */
export type LoadedConfig = {
  /** The file's path, or `environment`. */
  readonly source: string;
  readonly dataDir: string;
  readonly providers: readonly ProviderSettings[];
  readonly models: readonly ModelOverride[];
  readonly routing: RoutingTable;
  readonly cache: { readonly enabled: boolean; readonly ttlMs: number; readonly maxBytes: number };
  readonly limits: Limits;
  readonly budgets: readonly Budget[];
  readonly rateLimits: readonly RateLimit[];
  /** The defaults and those of budgets among them. */
  readonly alerts: readonly AlertRule[];
  readonly tools: { readonly enabled: readonly ToolName[] };
  readonly unsupportedParameters: UnsupportedParameters;
  /** The level as configured; who logs has a default of his own. */
  readonly log: { readonly level?: (typeof LOG_LEVELS)[number] };
  /** Do tiers follow what turns out here? */
  readonly learning: { readonly enabled: boolean };
  /** `otlpUrl`: where traces are sent; absent: nowhere. */
  readonly telemetry: { readonly otlpUrl?: string };
  /** Of the environment: how providers are reached. */
  readonly proxies: Proxies;
  /** As written: `signalbox serve` resolves the references in it. */
  readonly server: ConfigInput['server'];
  /** One line each, for people. */
  readonly warnings: readonly string[];
  readonly configHash: string;
};

export type LoadConfigOptions = {
  /** `--config` */
  readonly configPath?: string | undefined;
  /** `--data-dir` */
  readonly dataDir?: string | undefined;
  readonly env: Surroundings['env'];
  readonly cwd: string;
  /** Undefined or empty where there is none. */
  readonly homeDir: string | undefined;
  readonly platform?: NodeJS.Platform;
};

/** Finds, reads and checks the configuration. Throws `config_invalid` with every fault and its place. */
export async function loadConfig(options: LoadConfigOptions): Promise<LoadedConfig> {
  const { env, cwd, homeDir, platform = process.platform } = options;
  const surroundings: Surroundings = { env, cwd, homeDir, platform };
  const file = await findConfigFile(surroundings, options.configPath);
  const loaded = file
    ? await loadFile(file, surroundings, options.dataDir)
    : await loadEnvironment(surroundings, options.dataDir);
  const proxies = readProxies(env);
  return { ...loaded, proxies, warnings: [...loaded.warnings, ...proxyWarnings(proxies)] };
}

function proxyWarnings(proxies: Proxies): readonly string[] {
  return (['http', 'https'] as const).flatMap((scheme) => {
    const proxy = proxies[scheme];
    if (!proxy || !('fault' in proxy)) return [];
    const { variable, fault } = proxy;
    return [`Providers at ${scheme}:// cannot be reached: the environment variable ${variable} ${fault}.`];
  });
}

type Loaded = Omit<LoadedConfig, 'proxies'>;

async function loadFile(file: ConfigFile, surroundings: Surroundings, dataDir?: string): Promise<Loaded> {
  const document = parseConfigDocument(file.name, file.text);
  const problems = createProblems(document);
  const configDir = dirname(file.path);
  const { value, missingKeys } = await resolveReferences(document.value, {
    surroundings,
    baseDir: configDir,
    problems,
  });
  const input = validateConfig(value, problems);
  const written = isJsonObject(value) && isJsonObject(value.providers) ? value.providers : {};
  const declared = new Set(Object.keys(written));

  const warnings: string[] = [];
  const providers = toProviders(input.providers, { problems, missingKeys, listener: input.server, warnings });
  const models = toModels(input.models, declared, problems);
  const pulled = hasModels(input.routing.tiers ?? {}) ? [] : await pulledModels(providers);
  const { attemptsMax } = input.limits;
  const routing = toRouting(input.routing, { problems, providers, declared, overrides: models, pulled, attemptsMax });
  const cache = toCache(input.cache, problems);
  const telemetry = toTelemetry(input.telemetry.otlpEndpoint, surroundings.env, { problems, warnings });
  const quotas = toQuotas(input, { problems, declared, aliases: routing.aliases });
  const watched = providers.flatMap(({ id, status }) => (status === 'disabled' ? [] : [id]));
  const alerts = toAlerts(input.alerts, { problems, providers: watched, budgets: quotas.budgets });
  checkServer(input.server, problems);
  problems.throwIfAny();
  if (!providers.some(({ status }) => status === 'configured')) {
    const lacksKey = providers.some(({ status }) => status === 'unconfigured');
    const remedy = `${lacksKey ? 'set a key that is named above, or ' : ''}add one under "providers"`;
    warnings.push(`${file.name}: no provider can be used; ${remedy}.`);
  }

  const overrides = [...models, ...namedModels({ known: models, routing, pulled })];
  return complete({
    source: file.path,
    dataDir: chooseDataDir(surroundings, { option: dataDir, configured: input.dataDir, configDir }),
    input,
    cache,
    providers: withVendorNames(providers, new Set(overrides.map(({ ref }) => ref))),
    models: overrides,
    routing,
    telemetry,
    ...quotas,
    alerts,
    warnings,
  });
}

async function loadEnvironment(surroundings: Surroundings, dataDir?: string): Promise<Loaded> {
  const input = configSchema.parse({});
  const { providers, pulled, warnings: found } = await readEnvironment(surroundings, input.server);
  const declared = new Set(providers.map(({ id }) => id));
  const problems = createProblems(parseConfigDocument('environment', '{}'));
  const { attemptsMax } = input.limits;
  const routing = toRouting(input.routing, { problems, providers, declared, overrides: [], pulled, attemptsMax });
  const warnings = [...found];
  return complete({
    source: 'environment',
    dataDir: chooseDataDir(surroundings, { option: dataDir, configDir: surroundings.cwd }),
    input,
    cache: toCache(input.cache, problems),
    providers,
    models: namedModels({ known: [], routing, pulled }),
    routing,
    telemetry: toTelemetry(undefined, surroundings.env, { problems, warnings }),
    budgets: [],
    rateLimits: [],
    alerts: toAlerts([], { problems, providers: [...declared], budgets: [] }),
    warnings,
  });
}

type Parts = Pick<
  LoadedConfig,
  | 'source'
  | 'dataDir'
  | 'cache'
  | 'providers'
  | 'models'
  | 'telemetry'
  | 'budgets'
  | 'rateLimits'
  | 'alerts'
  | 'warnings'
> & {
  readonly input: ConfigInput;
  readonly routing: Omit<RoutingTable, 'configHash'>;
};

function complete({ input, routing, ...parts }: Parts): Loaded {
  const limits = toLimits(input.limits);
  const { learning } = input;
  const { providers, models, budgets, rateLimits } = parts;
  const configHash = hashConfig({ providers, models, routing, limits, budgets, rateLimits, learning });
  return {
    ...parts,
    routing: { ...routing, configHash },
    limits,
    tools: { enabled: [...new Set(input.tools.enabled)] },
    unsupportedParameters: input.routing.unsupportedParameters,
    learning,
    log: { ...(input.log.level && { level: input.log.level }) },
    server: input.server,
    configHash,
  };
}

/** Asked only when the default lists need them. */
async function pulledModels(providers: readonly ProviderSettings[]): Promise<readonly PulledModel[]> {
  const ollamas = providers.filter(({ kind, status }) => kind === 'ollama' && status === 'configured');
  const lists = await Promise.all(ollamas.map(({ id, baseUrl }) => probeOllama(id, baseUrl ?? OLLAMA_USUAL_URL)));
  return lists.flatMap((list) => list ?? []);
}

/** Models that routing names or an Ollama has, so that the catalogue lists them. */
function namedModels(from: {
  readonly known: readonly ModelOverride[];
  readonly routing: Omit<RoutingTable, 'configHash'>;
  readonly pulled: readonly PulledModel[];
}): readonly ModelOverride[] {
  const { aliases, verify } = from.routing;
  const known = new Set(from.known.map(({ ref }) => ref));
  const named = new Set<ModelRef>([
    ...listedModels(from.routing),
    ...Object.values(aliases),
    ...(typeof verify?.peer === 'string' ? [verify.peer] : []),
    ...from.pulled.map(({ provider, name }) => modelRef(provider, name)),
  ]);
  return [...named].filter((ref) => !known.has(ref)).map((ref) => ({ ref }));
}

function toCache(input: ConfigInput['cache'], problems: Problems): LoadedConfig['cache'] {
  const ttlMs = parseDurationMs(input.ttl);
  const maxBytes = typeof input.maxBytes === 'number' ? input.maxBytes : parseSizeBytes(input.maxBytes);
  if (ttlMs === undefined)
    problems.add(['cache', 'ttl'], 'must be a time such as "90s", "12h" or "7d", at most "3650d"');
  if (maxBytes === undefined) problems.add(['cache', 'maxBytes'], 'must be a size such as "64MB" or "1GB"');
  return { enabled: input.enabled, ttlMs: ttlMs ?? 0, maxBytes: maxBytes ?? 0 };
}

function toQuotas(
  input: ConfigInput,
  known: Pick<ScopeContext, 'problems' | 'declared' | 'aliases'>,
): Pick<LoadedConfig, 'budgets' | 'rateLimits'> {
  const context = {
    ...known,
    aliasNames: new Set(Object.keys(input.routing.aliases ?? {})),
    keyNames: Object.entries(input.providers).flatMap(([id, provider]) =>
      keyNamesOf(provider).map((name) => `${id}/${name}`),
    ),
  };
  return { budgets: toBudgets(input.budgets, context), rateLimits: toRateLimits(input.rateLimits, context) };
}

function toLimits({ queue, ...input }: ConfigInput['limits']): Limits {
  return { ...DEFAULT_LIMITS, ...givenOf(input), queue: { ...DEFAULT_LIMITS.queue, ...givenOf(queue) } };
}

function givenOf(input: Readonly<Record<string, number | undefined>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(input).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
