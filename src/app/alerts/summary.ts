import type { AlertCondition } from '../../core/alerts.ts';
import { formatUsd } from '../../core/format-usd.ts';
import type { Reading } from './advance.ts';

/** One sentence: what is, and what the limit was. */
export function summaryOf({ rule: { when }, key, value = Number.NaN }: Reading): string {
  const { metric } = when;
  const limit = `the limit is ${amount(when, when.limit)}`;
  const now = amount(when, value);
  switch (metric) {
    case 'error_rate':
      return `${now} of the requests${key && ` to ${key}`} failed in the last ${span(when.overMs)}; ${limit}.`;
    case 'latency':
      return `5 % of the answers${key && ` of ${key}`} took ${now} or more in the last ${span(when.overMs)}; ${limit}.`;
    case 'provider_down':
      return `Provider ${key} is down: all its models, with all its keys, failed when last asked or have to rest.`;
    case 'budget_share':
      return `Budget ${budgetName(when, key)} is at ${now}; ${limit}.`;
    case 'cost_per_hour':
      return `${now} an hour were spent in the last ${span(when.overMs)}; ${limit}.`;
    case 'cache_hit_rate':
      return `${now} of the requests were answered from the cache in the last ${span(when.overMs)}; ${limit}.`;
    case 'queue_length':
      return `${now} wait; ${limit}.`;
  }
}

/** The same for its end. */
export function recoveryOf({ rule: { when }, key, value }: Reading, lastedMs: number): string {
  const now = value === undefined ? 'there is nothing left to judge by' : `now ${amount(when, value)}`;
  const after = `after ${span(lastedMs)}`;
  switch (when.metric) {
    case 'error_rate':
      return `The error rate${key && ` of ${key}`} is back to normal ${after}: ${now}.`;
    case 'latency':
      return `The latency${key && ` of ${key}`} is back to normal ${after}: ${now}.`;
    case 'provider_down':
      return value === undefined ? `Provider ${key} is gone ${after}.` : `Provider ${key} is up again ${after}.`;
    case 'budget_share':
      return `Budget ${budgetName(when, key)} is below its limit again ${after}: ${now}.`;
    case 'cost_per_hour':
      return `The cost is back to normal ${after}: ${now} an hour.`;
    case 'cache_hit_rate':
      return `The cache is back to normal ${after}: ${now}.`;
    case 'queue_length':
      return `The queue is back to normal ${after}: ${now}.`;
  }
}

/** Of one of many, its name and whom it is for: `daily (alice)`. */
function budgetName({ budget }: AlertCondition, key: string): string {
  return budget === undefined || key === '' ? (budget ?? key) : `${budget} (${key})`;
}

function amount({ metric }: AlertCondition, value: number): string {
  switch (metric) {
    case 'error_rate':
    case 'budget_share':
    case 'cache_hit_rate':
      return `${Math.round(value * 1_000) / 10} %`;
    case 'latency':
      return value < 1_000 ? `${Math.round(value)} ms` : `${Math.round(value / 100) / 10} s`;
    case 'cost_per_hour':
      return formatUsd(Math.round(value * 10_000) / 10_000);
    case 'queue_length':
      return `${value} ${value === 1 ? 'request' : 'requests'}`;
    case 'provider_down':
      return value >= 1 ? 'down' : 'up';
  }
}

function span(spanMs: number): string {
  if (spanMs < 120_000) return `${Math.round(spanMs / 1_000)} s`;
  if (spanMs < 7_200_000) return `${Math.round(spanMs / 60_000)} min`;
  return `${Math.round(spanMs / 360_000) / 10} h`;
}
