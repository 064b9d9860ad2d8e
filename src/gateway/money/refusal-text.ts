import { formatUsd } from '../../core/format-usd.ts';
import { formatWait } from '../../core/format-wait.ts';
import { nanoUsd, toUsd } from '../../core/money.ts';
import { type QuotaRefusal, type QuotaUnit, usedOf } from '../../core/quota.ts';

/** What limits say against an attempt, one clause each: what is spent, what it wants, when there is more. */
export function describeRefusals(refusals: readonly QuotaRefusal[], nowMs: number): string {
  return refusals.map((refusal) => describe(refusal, nowMs)).join('; ');
}

function describe({ claim, use, freeAtMs }: QuotaRefusal, nowMs: number): string {
  const { quota, key, limit, amountMin, unit, mode } = claim;
  const name = nameOf(quota, unit);
  const whose = key === '' ? '' : ` of ${key}`;
  const limitNow = limit + use.extended;
  const used = `${figure(use.settled + use.unknown, unit)} of ${figure(limitNow, unit)} used`;
  const underWay = use.reserved > 0 ? `, ${figure(use.reserved, unit)} more under way` : '';
  const wants =
    mode === 'hard' && amountMin > 0 && usedOf(use) < limitNow ? `, and this needs ${figure(amountMin, unit)}` : '';
  const free = freeAtMs === undefined ? '' : `; there is more ${until(freeAtMs, nowMs)}`;
  return `${name}${whose} has ${used}${underWay}${wants}${free}`;
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
