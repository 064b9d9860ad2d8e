import type { Period } from '../../core/costs.ts';
import { GatewayError } from '../../core/errors.ts';
import { shorten } from '../../core/wording/describe-value.ts';
import { fieldName } from './explain-issue.ts';

/** From inclusive, to exclusive, in wall-clock milliseconds. */
export type Span = { readonly fromMs: number; readonly toMs: number };

type PeriodInput = {
  readonly period?: Period | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

const DAY_MS = 86_400_000;
const DATE = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::(\d{2}(?:\.\d{1,3})?))?(Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * The span that is asked for, in UTC: a named period up to now (today by default), or dates. A date
 * without a time is its first moment as `from` and its last as `to`, so one day is from = to.
 */
export function toSpan({ period, from, to }: PeriodInput, nowMs: number): Span {
  if (from === undefined && to === undefined) return { fromMs: periodStart(period ?? 'today', nowMs), toMs: nowMs };
  if (period !== undefined) throw invalid('Give either "period" or "from" and "to", not both.');
  const fromMs = from === undefined ? 0 : parseDate('from', from).startMs;
  const toMs = to === undefined ? nowMs : parseDate('to', to).endMs;
  if (fromMs >= toMs) {
    const end = to === undefined ? 'now' : JSON.stringify(to);
    throw invalid(
      `"from" must be before ${to === undefined ? 'now' : '"to"'}: ${JSON.stringify(from)} is not before ${end}.`,
    );
  }
  return { fromMs, toMs };
}

/** Midnight and the first of the month are UTC's, so that two machines count the same. */
function periodStart(period: Period, nowMs: number): number {
  const now = new Date(nowMs);
  switch (period) {
    case 'today':
      return Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
    case '24h':
      return nowMs - DAY_MS;
    case '7d':
      return nowMs - 7 * DAY_MS;
    case '30d':
      return nowMs - 30 * DAY_MS;
    case 'month':
      return Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
    case 'all':
      return 0;
  }
}

function parseDate(field: string, text: string): { readonly startMs: number; readonly endMs: number } {
  const [, day, clock, seconds = '00', zone = 'Z'] = DATE.exec(text) ?? [];
  const startMs = day === undefined ? Number.NaN : Date.parse(`${day}T${clock ?? '00:00'}:${seconds}${zone}`);
  // JavaScript rolls 30 February over into March; the day itself must exist.
  const dayMs = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(startMs) || Number.isNaN(dayMs) || new Date(dayMs).toISOString().slice(0, 10) !== day) {
    const shown = JSON.stringify(shorten(text, 40));
    throw invalid(
      `${fieldName([field])} is not a date: ${shown}; give "2026-11-30" or "2026-11-30T14:00:00Z" (UTC unless a zone is given).`,
    );
  }
  return { startMs, endMs: clock === undefined ? startMs + DAY_MS : startMs };
}

function invalid(message: string): GatewayError {
  return new GatewayError('invalid_request', message);
}
