import { toUsd } from '../../core/money.ts';
import type { Budget, QuotaScope, QuotaWindow, RateLimit } from '../../core/quota.ts';
import { formatUsd } from '../../core/wording/format-usd.ts';
import { formatCount, formatPlural } from '../../mcp/rendering/format.ts';

/** A limit as `check` lists it. */
export type LimitLine = {
  readonly name: string;
  readonly scope: string;
  readonly limit: string;
  readonly window: string;
  /** What happens when it is reached. */
  readonly reached: string;
};

export function budgetLine({ name, scope, limitNanoUsd, window, mode, onReached }: Budget): LimitLine {
  const limit = formatUsd(toUsd(limitNanoUsd));
  const soft = mode === 'soft' ? ', may be passed by what is under way' : '';
  return { name, scope: scopeWords(scope), limit, window: windowWords(window), reached: `${onReached}${soft}` };
}

export function rateLine(limit: RateLimit): LimitLine {
  const { name, scope, window, requests, inputTokens, outputTokens, concurrency } = limit;
  const parts = [
    ...(requests === undefined ? [] : [formatPlural(requests, 'request')]),
    ...(inputTokens === undefined ? [] : [`${formatCount(inputTokens)} tokens in`]),
    ...(outputTokens === undefined ? [] : [`${formatCount(outputTokens)} tokens out`]),
    ...(concurrency === undefined ? [] : [`${formatCount(concurrency)} at once`]),
  ];
  return {
    name,
    scope: scopeWords(scope),
    limit: parts.join(', '),
    window: windowWords(window),
    reached: 'wait, then 429',
  };
}

/** As it is written in the configuration. */
function scopeWords({ by, metadataKey, value }: QuotaScope): string {
  const word = metadataKey === undefined ? by : `metadata.${metadataKey}`;
  return value === undefined ? word : `${word}:${value}`;
}

function windowWords(window: QuotaWindow): string {
  switch (window.type) {
    case 'request':
      return 'request';
    case 'calendar':
      return window.timeZone === 'UTC' ? window.unit : `${window.unit}, ${window.timeZone}`;
    case 'rolling':
      return `last ${spanWords(window.lengthMs)}`;
    default:
      return window satisfies never;
  }
}

/** `7 d`, `24 h`, `90 s`: in the largest unit that leaves no rest. One day would be read as that of the calendar. */
function spanWords(ms: number): string {
  const units = [
    ...(ms === 86_400_000 ? [] : [[86_400_000, 'd'] as const]),
    [3_600_000, 'h'],
    [60_000, 'min'],
  ] as const;
  const fitting = units.find(([unit]) => ms % unit === 0);
  return fitting ? `${ms / fitting[0]} ${fitting[1]}` : `${ms / 1_000} s`;
}
