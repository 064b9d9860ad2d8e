import { TIERS, type Tier } from '../../../src/core/request.ts';
import { AUDITED, type Place } from '../reconcile/place.ts';
import type { AuditedQuota } from '../reconcile/quota-audit.ts';
import { TENANTS, UNREACHABLE } from './calls.ts';
import { tokenOf } from './members.ts';

type Config = Readonly<Record<string, object>>;

export const CALLERS = 12;
/** Two services have more room than that together, and now and then one of them sends somebody away. */
const REQUESTS_MAX = 7;

/** Of the place, with tokens, and a provider that nobody can connect to before all others. */
export function calmConfig({ config }: Place, requestsMax = REQUESTS_MAX) {
  const { providers, models, routing } = config;
  const [provider = ''] = UNREACHABLE.split('/');
  const price = { inputPerMTok: 1, outputPerMTok: 1 };
  const more = { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'simulated-gone' };
  return {
    ...config,
    providers: { ...providers, [provider]: more },
    models: { ...models, [UNREACHABLE]: { price, contextTokens: 32_768 } },
    routing: { tiers: tiersOf((tier) => [UNREACHABLE, ...(routing.tiers[tier] ?? [])]) },
    server: {
      requestsMax,
      tokens: TENANTS.map((name, index) => ({
        name,
        value: tokenOf(name),
        team: `team-${index % 2}`,
        user: `user-${index}`,
      })),
    },
    log: { level: 'debug' },
  };
}

/** An answer that is checked costs several. */
const BUDGETS_TIMES = 4;
const ASKING = { name: 'asking', scope: 'tenant', limitUsd: 0.006 };
const EAST = { name: 'east', scope: 'tenant:east', window: '1h', requests: 12 };
const SLOTS = { name: 'slots', scope: 'tenant', concurrency: 3 };

/** Each answer is compared with a second one and may go up to a third; what limits there are, are soon reached. */
export function roughConfig(place: Place): Config {
  const { config } = place;
  const [first = '', second = '', strong = '', local = ''] = config.routing.tiers.simple ?? [];
  return {
    ...calmConfig(place, CALLERS),
    routing: {
      tiers: tiersOf((tier) => (tier === 'expert' ? [strong, local] : [UNREACHABLE, first, second])),
      verify: { tasks: 'all', tiers: TIERS, peer: true },
    },
    learning: { enabled: true },
    budgets: [
      ...config.budgets.map((budget) => ({ ...budget, limitUsd: budget.limitUsd * BUDGETS_TIMES })),
      { ...ASKING, onReached: 'ask', unknownPrice: 'allow' },
      { name: 'softly', scope: 'user', limitUsd: 0.01, mode: 'soft', onReached: 'downgrade' },
    ],
    rateLimits: [...config.rateLimits, SLOTS, EAST],
  };
}

export const ROUGH_AUDITED: readonly AuditedQuota[] = [
  ...AUDITED.map((one) => (one.quota.startsWith('budget ') ? { ...one, limit: one.limit * BUDGETS_TIMES } : one)),
  { quota: `budget ${ASKING.name}`, limit: ASKING.limitUsd * 1e9, rollingMs: 0 },
  { quota: `limit ${SLOTS.name} concurrency`, limit: SLOTS.concurrency, rollingMs: 0 },
  { quota: `limit ${EAST.name} requests`, limit: EAST.requests, rollingMs: 3_600_000 },
];

function tiersOf(modelsOf: (tier: Tier) => readonly string[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(TIERS.map((tier) => [tier, modelsOf(tier)]));
}
