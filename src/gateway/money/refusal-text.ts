import { nanoUsd, toUsd } from '../../core/money.ts';
import { type QuotaRefusal, type QuotaUnit, usedOf } from '../../core/quota.ts';
import { formatUsd } from '../../core/wording/format-usd.ts';
import { formatWait } from '../../core/wording/format-wait.ts';

/** What limits say against an attempt, one clause each: what is spent, what it wants, when there is more. */
export function describeRefusals(refusals: readonly QuotaRefusal[], nowMs: number): string {
  return refusals.map((refusal) => describe(refusal, nowMs)).join('; ');
}

function describe(refusal: QuotaRefusal, nowMs: number): string {
  const { claim, use, freeAtMs } = refusal;
  const { quota, key, limit, amountMin, unit, mode } = claim;
  const name = nameOf(quota, unit);
  const whose = key === '' ? '' : ` of ${key}`;
  const limitNow = limit + use.extended;
  const used = `${figure(use.settled + use.unknown, unit)} of ${figure(limitNow, unit)} used`;
  const underWay = use.reserved > 0 ? `, ${figure(use.reserved, unit)} more under way` : '';
  const wants =
    mode === 'hard' && amountMin > 0 && usedOf(use) < limitNow ? `, and this needs ${figure(amountMin, unit)}` : '';
  const ends = unit === 'nano_usd' && endsMayFree(refusal) ? ['when what is under way ends'] : [];
  const times = [...ends, ...(freeAtMs === undefined ? [] : [until(freeAtMs, nowMs)])];
  const free = times.length === 0 ? '' : `; there is more ${times.join(', or ')}`;
  return `${name}${whose} has ${used}${underWay}${wants}${free}`;
}

/**
 * May there be room before the clock makes some? What is under way reserves the dearest it can be and mostly ends as
 * far less; of requests and tokens it ends as about what it reserved.
 */
export function endsMayFree({ claim, use }: QuotaRefusal): boolean {
  if (claim.unit === 'concurrency') return true;
  const leftAtMost = claim.limit + use.extended - use.settled - use.unknown;
  return claim.unit === 'nano_usd' && leftAtMost >= Math.max(claim.amountMin, 1);
}

/** `budget "daily"`, `rate limit "groq" of requests`. */
function nameOf(quota: string, unit: QuotaUnit): string {
  const [kind = '', ...rest] = quota.split(' ');
  if (kind === 'budget') return `budget "${rest.join(' ')}"`;
  return `rate limit "${rest.slice(0, -1).join(' ')}" of ${UNIT_WORDS[unit]}`;
}

const UNIT_WORDS: Readonly<Record<QuotaUnit, string>> = {
  nano_usd: 'money',
  requests: 'requests',
  input_tokens: 'input tokens',
  output_tokens: 'output tokens',
  concurrency: 'requests at the same time',
};

function figure(amount: number, unit: QuotaUnit): string {
  return unit === 'nano_usd' ? formatUsd(toUsd(nanoUsd(Math.max(0, amount)))) : amount.toLocaleString('en-US');
}

function until(atMs: number, nowMs: number): string {
  const wait = `in ${formatWait(Math.max(0, atMs - nowMs))}`;
  return `${wait} (${new Date(atMs).toISOString().replace(/:\d\d\.\d+Z$/, 'Z')})`;
}
