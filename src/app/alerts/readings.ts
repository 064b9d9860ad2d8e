import type { AlertAudience, AlertCondition, AlertRule, ProviderFigures, RecentTraffic } from '../../core/alerts.ts';
import type { HealthSnapshot } from '../../core/health.ts';
import { addUsd, nanoUsd, toUsd } from '../../core/money.ts';
import type { CallLedger } from '../../core/ports.ts';
import type { ProviderSettings } from '../../core/provider.ts';
import type { Budget } from '../../core/quota.ts';
import type { RoutingTable } from '../../core/route-plan.ts';
import { type BudgetUse, reportBudgets } from '../../gateway/money/budget-report.ts';
import type { Look, Reading } from './advance.ts';
import { isProviderDown } from './provider-down.ts';

/** Where values come from; each is asked once a look at most. */
export type ReadingSources = {
  readonly traffic: RecentTraffic;
  readonly ledger: Pick<CallLedger, 'quotaUse' | 'quotaKeys'>;
  readonly health: () => HealthSnapshot;
  /** Of all processes together. */
  readonly queueLength: () => number;
  /** As it is in force now. */
  readonly config: () => {
    readonly providers: readonly ProviderSettings[];
    readonly routing: RoutingTable;
    readonly budgets: readonly Budget[];
  };
};

type Value = Pick<Reading, 'key' | 'value'> & { readonly audience?: AlertAudience };

const HOUR_MS = 3_600_000;

/**
 * What every rule's metric is now. A rule whose source cannot be read is left out, so that nothing ends or begins by
 * that; `onFault` hears of it.
 */
export async function takeReadings(
  rules: readonly AlertRule[],
  sources: ReadingSources,
  { nowMs, onFault }: { readonly nowMs: number; readonly onFault: (error: unknown) => void },
): Promise<Look> {
  const asked = askOnce(sources, nowMs);
  const judged: AlertRule[] = [];
  const readings: Reading[] = [];
  for (const rule of rules) {
    try {
      const values = await valuesOf(rule.when, asked);
      judged.push(rule);
      for (const { audience = AUDIENCES[rule.when.metric], ...value } of values)
        readings.push({ rule, audience, ...value });
    } catch (error) {
      onFault(error);
    }
  }
  return { rules: judged, readings, nowMs };
}

/** How providers do is no secret; what is spent concerns who pays. */
const AUDIENCES = {
  error_rate: 'all',
  latency: 'all',
  provider_down: 'all',
  queue_length: 'all',
  budget_share: 'operator',
  cost_per_hour: 'operator',
  cache_hit_rate: 'operator',
} as const satisfies Record<AlertCondition['metric'], AlertAudience>;

type Asked = ReturnType<typeof askOnce>;

function askOnce({ traffic, ledger, health, queueLength, config }: ReadingSources, nowMs: number) {
  const { providers, routing, budgets } = config();
  const once = <Key, Answer>(ask: (key: Key) => Promise<Answer>) => {
    const known = new Map<Key, Promise<Answer>>();
    return (key: Key) => {
      const answer = known.get(key) ?? ask(key);
      known.set(key, answer);
      return answer;
    };
  };
  return {
    routing,
    budgets,
    queueLength,
    nowMs,
    configured: providers.filter(({ status }) => status === 'configured'),
    requests: once((overMs: number) => traffic.requests({ nowMs, overMs })),
    attempts: once((overMs: number) => traffic.attempts({ nowMs, overMs })),
    health,
    budgetUse: once((_: 'all') => reportBudgets({ budgets, ledger, nowMs })),
  };
}

async function valuesOf(when: AlertCondition, asked: Asked): Promise<readonly Value[]> {
  const { metric, overMs, requestsMin } = when;
  switch (metric) {
    case 'error_rate':
    case 'latency':
      return when.provider === undefined ? [await ofAll(when, asked)] : await ofProviders(when, asked);
    case 'provider_down':
      return downs(when, asked);
    case 'budget_share':
      return await shares(when, asked);
    case 'cost_per_hour': {
      const costs = (await asked.attempts(overMs)).map((own) => own.costNanoUsd);
      return [{ key: '', value: (toUsd(costs.reduce(addUsd, nanoUsd(0))) / overMs) * HOUR_MS }];
    }
    case 'cache_hit_rate': {
      const { cacheHits, cacheable } = await asked.requests(overMs);
      return [cacheable < Math.max(1, requestsMin) ? { key: '' } : { key: '', value: cacheHits / cacheable }];
    }
    case 'queue_length':
      return [{ key: '', value: asked.queueLength() }];
    default:
      return metric satisfies never;
  }
}

async function ofAll({ metric, overMs, requestsMin }: AlertCondition, { requests: ended }: Asked): Promise<Value> {
  const { requests, failed, latencyMsP95 } = await ended(overMs);
  if (requests < Math.max(1, requestsMin)) return { key: '' };
  if (metric === 'error_rate') return { key: '', value: failed / requests };
  return latencyMsP95 === undefined ? { key: '' } : { key: '', value: latencyMsP95 };
}

async function ofProviders(when: AlertCondition, { attempts, configured }: Asked): Promise<readonly Value[]> {
  const seen = await attempts(when.overMs);
  return chosen(when, configured).map(({ id }) => {
    const own = seen.find(({ provider }) => provider === id);
    const value = own && own.requests >= Math.max(1, when.requestsMin) ? providerValue(when, own) : undefined;
    return value === undefined ? { key: id } : { key: id, value };
  });
}

function providerValue({ metric }: AlertCondition, own: ProviderFigures): number | undefined {
  return metric === 'error_rate' ? own.failures / own.requests : own.latencyMsP95;
}

function downs(when: AlertCondition, { health, configured, routing, nowMs }: Asked): readonly Value[] {
  const snapshot = health();
  return chosen(when, configured).map((settings) => ({
    key: settings.id,
    value: isProviderDown(settings, { routing, snapshot, nowMs }) ? 1 : 0,
  }));
}

function chosen({ provider }: AlertCondition, configured: readonly ProviderSettings[]): readonly ProviderSettings[] {
  return configured.filter(({ id }) => provider === undefined || provider === '*' || provider === id);
}

/** Without what is only reserved: that comes and goes with every request. */
async function shares({ budget: only }: AlertCondition, { budgetUse, budgets }: Asked): Promise<readonly Value[]> {
  const uses = (await budgetUse('all')).filter(({ name }) => only === undefined || name === only);
  return uses.map(({ name, key = '', ...use }) => {
    const scope = budgets.find((budget) => budget.name === name)?.scope;
    // A budget for one alone names no other.
    const tenant = scope?.by === 'tenant' ? (scope.value ?? key) : '';
    return {
      key: only === undefined ? [name, key].filter((part) => part !== '').join(': ') : key,
      value: spentShare(use),
      ...(tenant !== '' && { audience: { tenant } }),
    };
  });
}

function spentShare({ limitNanoUsd, settledNanoUsd, unknownNanoUsd }: Omit<BudgetUse, 'name' | 'key'>): number {
  const spent = settledNanoUsd + unknownNanoUsd;
  // A limit of 0 forbids, and that is kept as long as nothing is spent.
  return spent === 0 ? 0 : limitNanoUsd === 0 ? 1 : spent / limitNanoUsd;
}
