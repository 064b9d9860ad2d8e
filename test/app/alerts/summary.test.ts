import { expect, it } from 'vitest';
import type { Reading } from '../../../src/app/alerts/advance.ts';
import { recoveryOf, summaryOf } from '../../../src/app/alerts/summary.ts';
import type { AlertCondition } from '../../../src/core/alerts.ts';
import { rule } from './rules.ts';

type Said = {
  readonly when: Partial<AlertCondition>;
  readonly key?: string;
  /** While it fires, and when it is over. */
  readonly values: readonly [number, number?];
  readonly firing: string;
  readonly resolved: string;
};

function reading(when: Partial<AlertCondition>, key: string, value: number | undefined): Reading {
  return { rule: rule({}, when), key, audience: 'all', ...(value !== undefined && { value }) };
}

it.each<Said>([
  {
    when: {},
    values: [0.3],
    firing: '30 % of the requests failed in the last 5 min; the limit is 20 %.',
    resolved: 'The error rate is back to normal after 75 s: there is nothing left to judge by.',
  },
  {
    when: { provider: '*' },
    key: 'groq',
    values: [0.3, 0.1],
    firing: '30 % of the requests to groq failed in the last 5 min; the limit is 20 %.',
    resolved: 'The error rate of groq is back to normal after 75 s: now 10 %.',
  },
  {
    when: { metric: 'latency', limit: 200 },
    values: [1_500, 100],
    firing: '5 % of the answers took 1.5 s or more in the last 5 min; the limit is 200 ms.',
    resolved: 'The latency is back to normal after 75 s: now 100 ms.',
  },
  {
    when: { metric: 'latency', limit: 200, provider: '*' },
    key: 'groq',
    values: [1_000, 100],
    firing: '5 % of the answers of groq took 1 s or more in the last 5 min; the limit is 200 ms.',
    resolved: 'The latency of groq is back to normal after 75 s: now 100 ms.',
  },
  {
    when: { metric: 'provider_down', limit: 1 },
    key: 'groq',
    values: [1, 0],
    firing: 'Provider groq is down: all its models, with all its keys, failed when last asked or have to rest.',
    resolved: 'Provider groq is up again after 75 s.',
  },
  {
    when: { metric: 'provider_down', limit: 1 },
    key: 'groq',
    values: [1],
    firing: 'Provider groq is down: all its models, with all its keys, failed when last asked or have to rest.',
    resolved: 'Provider groq is gone after 75 s.',
  },
  {
    when: { metric: 'budget_share' },
    key: 'daily',
    values: [1.25, 0],
    firing: 'Budget daily is at 125 %; the limit is 20 %.',
    resolved: 'Budget daily is below its limit again after 75 s: now 0 %.',
  },
  {
    when: { metric: 'budget_share', budget: 'daily' },
    key: 'alice',
    values: [0.3, 0],
    firing: 'Budget daily (alice) is at 30 %; the limit is 20 %.',
    resolved: 'Budget daily (alice) is below its limit again after 75 s: now 0 %.',
  },
  {
    when: { metric: 'cost_per_hour', limit: 2, overMs: 3_600_000 },
    values: [3, 0.5],
    firing: '$3.00 an hour were spent in the last 60 min; the limit is $2.00.',
    resolved: 'The cost is back to normal after 75 s: now $0.50 an hour.',
  },
  {
    when: { metric: 'cache_hit_rate', side: 'below', limit: 0.4 },
    values: [0, 0.5],
    firing: '0 % of the requests were answered from the cache in the last 5 min; the limit is 40 %.',
    resolved: 'The cache is back to normal after 75 s: now 50 %.',
  },
  {
    when: { metric: 'queue_length', limit: 2 },
    values: [3, 0],
    firing: '3 requests wait; the limit is 2 requests.',
    resolved: 'The queue is back to normal after 75 s: now 0 requests.',
  },
  {
    when: { metric: 'queue_length', limit: 1 },
    values: [1, 0],
    firing: '1 request waits; the limit is 1 request.',
    resolved: 'The queue is back to normal after 75 s: now 0 requests.',
  },
])('an alert and its end are each a sentence: $firing', ({ when, key = '', values: [bad, well], firing, resolved }) => {
  expect(summaryOf(reading(when, key, bad))).toBe(firing);
  expect(recoveryOf(reading(when, key, well), 75_000)).toBe(resolved);
});

it.each([
  ['error_rate', 0.0004, 0.0001, '0.04 % of the requests failed in the last 5 min; the limit is 0.01 %.'],
  ['error_rate', 0.20004, 0.2, '20.004 % of the requests failed in the last 5 min; the limit is 20 %.'],
  ['budget_share', 0.9996, 0.9995, 'Budget all is at 99.96 %; the limit is 99.95 %.'],
  ['latency', 1_234, 1_200, '5 % of the answers of all took 1.23 s or more in the last 5 min; the limit is 1.2 s.'],
  ['cost_per_hour', 0.00002, 0.00001, '$0.00002 an hour were spent in the last 5 min; the limit is $0.00001.'],
  ['cost_per_hour', 2, 2, '$2.00 an hour were spent in the last 5 min; the limit is $2.00.'],
] as const)('a value can be told from its limit: %s %d', (metric, value, limit, summary) => {
  const key = metric === 'error_rate' || metric === 'cost_per_hour' ? '' : 'all';
  expect(summaryOf(reading({ metric, limit }, key, value))).toBe(summary);
});
