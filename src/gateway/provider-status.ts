import type { ProviderTraffic } from '../core/books.ts';
import type { ErrorCode } from '../core/error-codes.ts';
import { GatewayError, toGatewayError } from '../core/errors.ts';
import { breakerUntilMs, type HealthSnapshot, isUnwell, restingUntil, type TargetHealth } from '../core/health.ts';
import { listedModelsOf } from '../core/listed-models.ts';
import { type ApiKey, keyHealthId, type ProviderSettings } from '../core/provider.ts';
import { nearestNames } from '../core/wording/nearest-name.ts';
import { askModelList } from '../resilience/ask-model-list.ts';
import type { ProviderStatus } from './gateway.ts';
import type { GatewayParts } from './parts.ts';

const TRAFFIC_MS = 24 * 3_600_000;
/** Below this share of good attempts a provider that answers counts as degraded. */
const HEALTHY_RATE_MIN = 0.9;

type Probe =
  | { readonly models: readonly string[]; readonly refusedKeys: ReadonlyMap<string, ErrorCode> }
  | { readonly error: GatewayError };

/** What a server says of an address that it does not have, as MiniMax of its list: github.com/NousResearch/hermes-agent/issues/12399. */
const HAS_NONE: ReadonlySet<number | undefined> = new Set([404, 405, 501]);

/** The state of each configured provider, from shared health and the books; with a probe, asked. */
export async function providerStatus(
  parts: GatewayParts,
  query: { readonly provider?: string; readonly probe?: boolean },
  signal: AbortSignal,
): Promise<readonly ProviderStatus[]> {
  const settings = chosenSettings(parts.providers.settings, query.provider);
  const probes = query.probe ? await probeAll(parts, settings, signal) : new Map<string, Probe>();
  const nowMs = parts.clock.nowMs();
  const traffic = await parts.ledger.traffic({ fromMs: nowMs - TRAFFIC_MS });
  const health = parts.health.snapshot();
  return settings.map((one) => {
    const seen = traffic.find(({ provider }) => provider === one.id);
    const routed = listedModelsOf(one.id, parts.table).filter((name) => name !== '*');
    return statusOf({ settings: one, health, seen, probe: probes.get(one.id), routed, nowMs });
  });
}

/** Throws `unknown_provider` with the names there are. */
export function chosenSettings(all: readonly ProviderSettings[], id: string | undefined): readonly ProviderSettings[] {
  if (id === undefined) return all;
  const chosen = all.filter((settings) => settings.id === id);
  if (chosen.length > 0) return chosen;
  const names = all.map((settings) => settings.id);
  const near = nearestNames(id, names, 1)[0];
  throw new GatewayError('unknown_provider', `There is no provider "${id}".`, {
    hint: near ? `Did you mean "${near}"?` : `Configured: ${names.join(', ') || 'none'}.`,
  });
}

async function probeAll(
  parts: GatewayParts,
  settings: readonly ProviderSettings[],
  signal: AbortSignal,
): Promise<Map<string, Probe>> {
  const configured = settings.filter(({ status }) => status === 'configured');
  return new Map(
    await Promise.all(configured.map(async (one) => [one.id, await probeOne(parts, one, signal)] as const)),
  );
}

/** Asks with each key: one that is refused says nothing of the others. */
async function probeOne(parts: GatewayParts, settings: ProviderSettings, signal: AbortSignal): Promise<Probe> {
  const keys = settings.keys.length > 0 ? settings.keys : [undefined];
  const asked = await Promise.all(
    keys.map(async (key) => {
      const list = askModelList(parts, { id: settings.id, key }, signal);
      return { key, answer: await list.catch(toGatewayError) };
    }),
  );
  const lists = asked.flatMap(({ answer }) => (answer instanceof GatewayError ? [] : [answer ?? []]));
  const failures = asked.flatMap(({ key, answer }) => (answer instanceof GatewayError ? [{ key, error: answer }] : []));
  if (lists.length === 0 && failures[0]) return { error: failures[0].error };
  const refused = failures.flatMap(({ key, error }) =>
    key && disablesKey(error.code) ? [[key.name, error.code] as const] : [],
  );
  return { models: [...new Set(lists.flat())], refusedKeys: new Map(refused) };
}

type Facts = {
  readonly settings: ProviderSettings;
  readonly health: HealthSnapshot;
  readonly seen: ProviderTraffic | undefined;
  readonly probe: Probe | undefined;
  /** Its models that routing names. */
  readonly routed: readonly string[];
  readonly nowMs: number;
};

function statusOf(facts: Facts): ProviderStatus {
  const { settings, health, seen, probe, routed, nowMs } = facts;
  const rows = health.filter(({ target }) => target.provider === settings.id);
  const keys = settings.keys.map((key) => keyStatus(key, facts));
  const successRate = seen && seen.requests > 0 ? (seen.requests - seen.failures) / seen.requests : undefined;
  const cooldownUntilMs = earliestRest(settings, health, nowMs);
  const lastError = latestError(rows, probe, nowMs);
  return {
    id: settings.id,
    kind: settings.kind,
    status: overall(facts, rows, keys, successRate),
    ...(successRate !== undefined && { successRate }),
    ...(seen?.latencyMsP50 !== undefined && { latencyMsP50: seen.latencyMsP50 }),
    ...(seen?.latencyMsP95 !== undefined && { latencyMsP95: seen.latencyMsP95 }),
    requests: seen?.requests ?? 0,
    breaker: worstBreaker(rows, nowMs),
    ...(cooldownUntilMs !== undefined && { cooldownUntilMs }),
    keys,
    ...(lastError && { lastError }),
    ...(probe &&
      'models' in probe && { probedModels: probe.models.length, unlistedModels: unlisted(routed, probe.models) }),
  };
}

/** Lists name a version or a size behind what is asked for: `claude-sonnet-5-5-20260105`, `llama3.2:latest`. An empty one says nothing. */
function unlisted(names: readonly string[], listed: readonly string[]): readonly string[] {
  if (listed.length === 0) return [];
  return names.filter(
    (name) => !listed.some((one) => one === name || (/^[-:@]/.test(one.slice(name.length)) && one.startsWith(name))),
  );
}

function overall(
  { settings, probe, nowMs }: Facts,
  rows: readonly TargetHealth[],
  keys: ProviderStatus['keys'],
  successRate: number | undefined,
): ProviderStatus['status'] {
  if (settings.status !== 'configured') return settings.status;
  if (probe && 'error' in probe && !HAS_NONE.has(probe.error.status)) return 'down';
  const wholeRests = restingUntil(
    rows.filter(({ target }) => target.key === '*'),
    { provider: settings.id, key: { name: '*', value: '', weight: 1 }, model: '*' },
    nowMs,
  );
  if (wholeRests || (keys.length > 0 && keys.every(({ status }) => status === 'disabled'))) return 'down';
  const ailing = worstBreaker(rows, nowMs) !== 'closed' || keys.some(({ status }) => status !== 'ready');
  if (ailing || (successRate !== undefined && successRate < HEALTHY_RATE_MIN)) return 'degraded';
  return successRate === undefined && !(probe && 'models' in probe) ? 'unknown' : 'healthy';
}

function keyStatus(key: ApiKey, { settings, health, probe, nowMs }: Facts): ProviderStatus['keys'][number] {
  const refusal = probe && 'refusedKeys' in probe ? probe.refusedKeys.get(key.name) : undefined;
  if (refusal !== undefined) return { name: key.name, status: 'disabled', reason: refusal };
  const own = health.filter(({ target }) => target.provider === settings.id && target.key === keyHealthId(key));
  const resting = own.flatMap(({ cooldown }) => (cooldown && cooldown.untilMs > nowMs ? [cooldown] : []));
  const longest = resting.sort((left, right) => right.untilMs - left.untilMs)[0];
  if (!longest) return { name: key.name, status: 'ready' };
  const { untilMs, reason } = longest;
  return { name: key.name, status: disablesKey(reason) ? 'disabled' : 'cooling', untilMs, reason };
}

/** Is it the key that its provider does not want? */
function disablesKey(code: ErrorCode): boolean {
  return code === 'provider_auth' || code === 'quota_exhausted';
}

/** When the first target that rests may be asked again. */
function earliestRest(settings: ProviderSettings, health: HealthSnapshot, nowMs: number): number | undefined {
  const ends = health
    .filter(({ target }) => target.provider === settings.id)
    .flatMap(({ cooldown, breaker }) => [
      cooldown?.untilMs ?? 0,
      breaker.state === 'open' ? breakerUntilMs(breaker) : 0,
    ])
    .filter((untilMs) => untilMs > nowMs);
  return ends.length > 0 ? Math.min(...ends) : undefined;
}

function worstBreaker(rows: readonly TargetHealth[], nowMs: number): ProviderStatus['breaker'] {
  const states = new Set(rows.filter((row) => isUnwell(row, nowMs)).map(({ breaker }) => breaker.state));
  return states.has('open') ? 'open' : states.has('half-open') ? 'half-open' : 'closed';
}

function latestError(
  rows: readonly TargetHealth[],
  probe: Probe | undefined,
  nowMs: number,
): ProviderStatus['lastError'] | undefined {
  if (probe && 'error' in probe) return { code: probe.error.code, message: probe.error.message, atMs: nowMs };
  return rows.flatMap(({ lastError }) => lastError ?? []).sort((left, right) => right.atMs - left.atMs)[0];
}
