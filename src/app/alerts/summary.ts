import type { AlertCondition } from '../../core/alerts.ts';
import { formatUsd } from '../../core/wording/format-usd.ts';
import { formatWait } from '../../core/wording/format-wait.ts';
import type { Reading } from './advance.ts';

/** One sentence: what is, and what the limit was. */
export function summaryOf({ rule: { when }, key, value = Number.NaN }: Reading): string {
  const { metric } = when;
  const decimals = decimalsFor(when, value);
  const limit = `the limit is ${amount(when, when.limit, decimals)}`;
  const now = amount(when, value, decimals);
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
      return `${now} ${value === 1 ? 'waits' : 'wait'}; ${limit}.`;
  }
}

/** The same for its end. */
export function recoveryOf({ rule: { when }, key, value }: Reading, lastedMs: number): string {
  const now =
    value === undefined ? 'there is nothing left to judge by' : `now ${amount(when, value, decimalsFor(when, value))}`;
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

/** Beyond these nobody measures. */
const DECIMALS_MAX = 6;

/** So many more than usual that what is and its limit can be told apart, and neither reads like nothing when it is not. */
function decimalsFor(when: AlertCondition, value: number): number {
  const isClear = (decimals: number) => {
    const [now, limit, nothing] = [value, when.limit, 0].map((each) => amount(when, each, decimals));
    const isDistinct = value === when.limit || now !== limit;
    return isDistinct && (value === 0 || now !== nothing) && (when.limit === 0 || limit !== nothing);
  };
  for (let decimals = 0; decimals < DECIMALS_MAX; decimals += 1) if (isClear(decimals)) return decimals;
  return 0;
}

function amount({ metric }: AlertCondition, value: number, decimals: number): string {
  switch (metric) {
    case 'error_rate':
    case 'budget_share':
    case 'cache_hit_rate':
      return `${rounded(value * 100, 1 + decimals)} %`;
    case 'latency':
      return value < 1_000 ? `${rounded(value, decimals)} ms` : `${rounded(value / 1_000, 1 + decimals)} s`;
    case 'cost_per_hour':
      return formatUsd(rounded(value, 4 + decimals));
    case 'queue_length':
      return `${value} ${value === 1 ? 'request' : 'requests'}`;
    case 'provider_down':
      return value >= 1 ? 'down' : 'up';
  }
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

function span(spanMs: number): string {
  return formatWait(Math.max(1, Math.round(spanMs / 1_000)) * 1_000);
}
