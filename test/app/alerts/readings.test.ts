import { describe, expect, it } from 'vitest';
import { isProviderDown } from '../../../src/app/alerts/provider-down.ts';
import { type ReadingSources, takeReadings } from '../../../src/app/alerts/readings.ts';
import type { HealthSnapshot, TargetHealth } from '../../../src/core/health.ts';
import { nanoUsd } from '../../../src/core/money.ts';
import { type ApiKey, keyHealthId, type ProviderSettings } from '../../../src/core/provider.ts';
import type { RoutingTable } from '../../../src/core/route-plan.ts';
import { load } from '../../config/load.ts';
import { rule } from './rules.ts';

const NOW_MS = 1_800_000_000_000;
const KEYS: readonly ApiKey[] = [
  { name: 'one', value: 'sk-1', weight: 1 },
  { name: 'two', value: 'sk-2', weight: 1 },
];

async function configured(): Promise<{ settings: ProviderSettings; routing: RoutingTable }> {
  const { providers, routing } = await load({
    providers: { groq: { kind: 'groq', keys: KEYS.map(({ name, value }) => ({ name, value })) } },
    routing: { tiers: { simple: ['groq/small'], complex: ['groq/large'] } },
  });
  const [settings] = providers;
  if (!settings) throw new Error('no provider');
  return { settings, routing };
}

const open = { state: 'open', openedAtMs: NOW_MS - 60_000, cooldownMs: 30_000 } as const;

function row(key: ApiKey | '*', model: string, more: Partial<TargetHealth> = {}): TargetHealth {
  const target = { provider: 'groq', key: key === '*' ? '*' : keyHealthId(key), model };
  return { target, breaker: open, consecutiveFailures: 5, ...more };
}

describe('a provider is down', () => {
  const down = async (snapshot: HealthSnapshot) => {
    const { settings, routing } = await configured();
    return isProviderDown(settings, { routing, snapshot, nowMs: NOW_MS });
  };
  const [one, two] = KEYS as [ApiKey, ApiKey];

  it('when it was taken out as a whole, also when its rest is over and nobody has tried yet', async () => {
    expect(await down([])).toBe(false);
    expect(await down([row('*', '*')])).toBe(true);
    expect(await down([row('*', '*', { breaker: { ...open, openedAtMs: NOW_MS - 86_400_000 } })])).toBe(true);
  });

  it('when its models failed, until their rest was over for five minutes and nobody asked', async () => {
    const failed = (agoMs: number) =>
      KEYS.map((key) => row(key, '*', { breaker: { ...open, openedAtMs: NOW_MS - agoMs } }));
    expect(await down(failed(329_999))).toBe(true);
    expect(await down(failed(330_000))).toBe(false);
    const probed = { state: 'half-open', probeUntilMs: NOW_MS, cooldownMs: 30_000 } as const;
    expect(await down(KEYS.map((key) => row(key, '*', { breaker: probed })))).toBe(true);
    // Whoever probed it died over it.
    const left = { ...probed, probeUntilMs: NOW_MS - 300_000 };
    expect(await down(KEYS.map((key) => row(key, '*', { breaker: left })))).toBe(false);
  });

  it('when no key is left for any model that routing names', async () => {
    expect(await down([row(one, 'small'), row(one, 'large')])).toBe(false);
    expect(await down([row(one, 'small'), row(one, 'large'), row(two, 'small')])).toBe(false);
    expect(await down([row(one, 'small'), row(one, 'large'), row(two, '*')])).toBe(true);
  });

  it('while its keys rest because they are bad, and no longer', async () => {
    const cooling = (untilMs: number): Partial<TargetHealth> => ({
      breaker: { state: 'closed' },
      cooldown: { untilMs, reason: 'provider_auth' },
    });
    expect(await down(KEYS.map((key) => row(key, '*', cooling(NOW_MS + 1))))).toBe(true);
    expect(await down(KEYS.map((key) => row(key, '*', cooling(NOW_MS))))).toBe(false);
  });

  it('not because another one is', async () => {
    expect(await down([{ ...row('*', '*'), target: { provider: 'openai', key: '*', model: '*' } }])).toBe(false);
  });
});

describe('readings', () => {
  async function sources(more: Partial<ReadingSources> = {}): Promise<ReadingSources & { asked: string[] }> {
    const { settings, routing } = await configured();
    const asked: string[] = [];
    const groq = { provider: 'groq', requests: 20, failures: 5, latencyMsP95: 700 };
    return {
      asked,
      traffic: {
        async requests({ overMs }) {
          asked.push(`requests ${overMs}`);
          return { requests: 40, failed: 10, cacheHits: 5, cacheable: 20, latencyMsP95: 900 };
        },
        async attempts({ overMs }) {
          asked.push(`attempts ${overMs}`);
          const other = { provider: 'gone', requests: 1, failures: 0, costNanoUsd: nanoUsd(500_000_000) };
          return [{ ...groq, costNanoUsd: nanoUsd(1_500_000_000) }, other];
        },
      },
      ledger: {
        quotaUse: async () => [],
        quotaKeys: async () => [],
      },
      health: () => [],
      queueLength: () => 7,
      config: () => ({ providers: [settings, { ...settings, id: 'quiet' }], routing, budgets: [] }),
      ...more,
    };
  }
  const faults: unknown[] = [];
  const options = { nowMs: NOW_MS, onFault: (error: unknown) => void faults.push(error) };

  it('have the value of each metric, and ask each source once', async () => {
    const from = await sources();
    const rules = [
      rule(),
      rule({}, { metric: 'latency' }),
      rule({}, { metric: 'latency', provider: '*' }),
      rule({}, { provider: 'groq' }),
      rule({}, { metric: 'cost_per_hour', overMs: 300_000 }),
      rule({}, { metric: 'cache_hit_rate', side: 'below' }),
      rule({}, { metric: 'queue_length' }),
      rule({}, { metric: 'provider_down' }),
    ];
    const { readings, rules: judged } = await takeReadings(rules, from, options);
    expect(readings.map(({ rule: { when }, key, value }) => [when.metric, key, value])).toEqual([
      ['error_rate', '', 0.25],
      ['latency', '', 900],
      ['latency', 'groq', 700],
      ['latency', 'quiet', undefined],
      ['error_rate', 'groq', 0.25],
      ['cost_per_hour', '', 24],
      ['cache_hit_rate', '', 0.25],
      ['queue_length', '', 7],
      ['provider_down', 'groq', 0],
      ['provider_down', 'quiet', 0],
    ]);
    expect(judged).toEqual(rules);
    expect(from.asked).toEqual(['requests 300000', 'attempts 300000']);
  });

  it.each([40, 41])('judge by %d requests where 40 came, 20 of each kind, only if that is enough', async (count) => {
    const metrics = [
      rule({}, { requestsMin: count }),
      rule({}, { metric: 'latency', requestsMin: count }),
      rule({}, { provider: 'groq', requestsMin: count - 20 }),
      rule({}, { metric: 'cache_hit_rate', side: 'below', requestsMin: count - 20 }),
    ];
    const { readings } = await takeReadings(metrics, await sources(), options);
    expect(readings.map(({ value }) => value !== undefined)).toEqual(Array(4).fill(count === 40));
  });

  it('of rates are none without a request, however few are enough', async () => {
    const silent = await sources({
      traffic: {
        requests: async () => ({ requests: 0, failed: 0, cacheHits: 0, cacheable: 0 }),
        attempts: async () => [],
      },
    });
    const few = { requestsMin: 0 };
    const rules = [
      rule({}, few),
      rule({}, { ...few, metric: 'latency' }),
      rule({}, { ...few, metric: 'cache_hit_rate' }),
    ];
    const { readings } = await takeReadings(rules, silent, options);
    expect(readings.map(({ value }) => value)).toEqual([undefined, undefined, undefined]);
  });

  it('are taken of providers that are configured, not of those that lack something', async () => {
    const from = await sources();
    const [settings] = from.config().providers as [ProviderSettings];
    const missing = { ...settings, id: 'missing', status: 'unconfigured' } as const;
    const config = () => ({ ...from.config(), providers: [settings, missing] });
    const { readings } = await takeReadings([rule({}, { provider: '*' })], { ...from, config }, options);
    expect(readings.map(({ key }) => key)).toEqual(['groq']);
  });

  it('of budgets are what was spent or may have been, for the operator and for the tenant whose it is', async () => {
    const { budgets } = await load({
      budgets: [
        { name: 'all', limitUsd: 10, window: 'day' },
        { name: 'each', scope: 'tenant', limitUsd: 10, window: 'day' },
        { name: 'one', scope: 'tenant:anna', limitUsd: 10, window: 'day' },
        { name: 'team', scope: 'team', limitUsd: 10, window: 'day' },
        { name: 'nothing', limitUsd: 0, window: 'day' },
      ],
    });
    const use = { settled: 4e9, unknown: 1e9, reserved: 3e9, extended: 0, unpriced: 0 };
    const from = await sources({
      ledger: { quotaUse: async (claims) => claims.map(() => use), quotaKeys: async () => ['bert'] },
    });
    const config = () => ({ ...from.config(), budgets });
    const budgetShare = { metric: 'budget_share', limit: 0.5 } as const;
    const rules = [rule({}, budgetShare), rule({}, { ...budgetShare, budget: 'each' })];
    const { readings } = await takeReadings(rules, { ...from, config }, options);
    const shown = readings.map(({ key, value, audience }) => [key, value, audience] as const);
    expect(shown.toSorted(([left], [right]) => left.localeCompare(right))).toEqual([
      ['all', 0.5, 'operator'],
      ['bert', 0.5, { tenant: 'bert' }],
      ['each: bert', 0.5, { tenant: 'bert' }],
      ['nothing', 1, 'operator'],
      ['one', 0.5, { tenant: 'anna' }],
      ['team: bert', 0.5, 'operator'],
    ]);
  });

  it('of a budget that forbids are well as long as nothing was spent', async () => {
    const { budgets } = await load({ budgets: [{ name: 'forbidden', limitUsd: 0, window: 'day' }] });
    const unused = { settled: 0, unknown: 0, reserved: 0, extended: 0, unpriced: 0 };
    const ledger = {
      quotaUse: async (claims: readonly unknown[]) => claims.map(() => unused),
      quotaKeys: async () => [],
    };
    const from = await sources({ ledger });
    const config = () => ({ ...from.config(), budgets });
    const { readings } = await takeReadings([rule({}, { metric: 'budget_share' })], { ...from, config }, options);
    expect(readings.map(({ value }) => value)).toEqual([0]);
  });

  it('leave out a rule whose source cannot be read: nothing begins or ends by that', async () => {
    const broken = await sources({
      traffic: {
        requests: () => Promise.reject(new Error('locked')),
        attempts: async () => [],
      },
    });
    const rules = [rule(), rule({}, { metric: 'queue_length' })];
    const look = await takeReadings(rules, broken, options);
    expect(look.rules).toEqual([rules[1]]);
    expect(look.readings).toHaveLength(1);
    expect(faults).toEqual([new Error('locked')]);
  });
});
