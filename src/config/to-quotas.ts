import { nanoUsdFromUsd } from '../core/money.ts';
import { type Budget, CALENDAR_UNITS, type QuotaWindow, type RateLimit } from '../core/quota.ts';
import { nearestName } from '../core/wording/nearest-name.ts';
import type { ConfigPath } from './file/config-document.ts';
import { didYouMean, type Problems, shownName } from './file/problems.ts';
import type { BudgetInput, RateLimitInput, WindowInput } from './schema/quota-schema.ts';
import { type ScopeContext, toScope } from './to-scope.ts';
import { parseDurationMs } from './units.ts';

/** A rolling window is counted in sixty parts, and no part is shorter than a millisecond. */
const ROLLING_MS_MIN = 1_000;
const ROLLING_MS_MAX = 366 * 86_400_000;

/** `budgets`, resolved; every fault goes to `problems`. */
export function toBudgets(inputs: readonly BudgetInput[], context: ScopeContext): readonly Budget[] {
  const { problems } = context;
  refuseTwins(inputs, 'budgets', problems);
  return inputs.flatMap((input, index): Budget | [] => {
    const path = ['budgets', index];
    const scope = toScope(input.scope, [...path, 'scope'], context);
    const window = toWindow(input.window, [...path, 'window'], problems);
    if (!scope || !window) return [];
    const { name, mode, onReached, unknownPrice } = input;
    const alertAt = [...new Set(input.alertAt)].sort((left, right) => left - right);
    const limitNanoUsd = nanoUsdFromUsd(input.limitUsd);
    return { name, scope, limitNanoUsd, window, mode, onReached, alertAt, unknownPrice };
  });
}

/** `rateLimits`, resolved; every fault goes to `problems`. */
export function toRateLimits(inputs: readonly RateLimitInput[], context: ScopeContext): readonly RateLimit[] {
  const { problems } = context;
  refuseTwins(inputs, 'rateLimits', problems);
  return inputs.flatMap((input, index): RateLimit | [] => {
    const path = ['rateLimits', index];
    const { name, requests, inputTokens, outputTokens, concurrency } = input;
    if ((requests ?? inputTokens ?? outputTokens ?? concurrency) === undefined) {
      problems.add(path, 'limits nothing: name requests, inputTokens, outputTokens or concurrency');
    }
    const scope = toScope(input.scope, [...path, 'scope'], context);
    const window = toWindow(input.window, [...path, 'window'], problems);
    if (!scope || !window) return [];
    if (window.type === 'request') {
      problems.add([...path, 'window'], 'must be a time: "request" is for budgets');
      return [];
    }
    const counts = {
      ...(requests !== undefined && { requests }),
      ...(inputTokens !== undefined && { inputTokens }),
      ...(outputTokens !== undefined && { outputTokens }),
      ...(concurrency !== undefined && { concurrency }),
    };
    return { name, scope, window, ...counts };
  });
}

function refuseTwins(inputs: readonly { readonly name: string }[], list: string, problems: Problems): void {
  const seen = new Set<string>();
  for (const [index, { name }] of inputs.entries()) {
    if (seen.has(name)) problems.add([list, index, 'name'], 'stands twice: each needs a name of its own');
    seen.add(name);
  }
}

function toWindow(input: WindowInput, path: ConfigPath, problems: Problems): QuotaWindow | undefined {
  if (typeof input === 'object' && 'rolling' in input) return toRolling(input.rolling, [...path, 'rolling'], problems);
  if (typeof input === 'object') {
    const { per, timeZone = 'UTC' } = input;
    if (isTimeZone(timeZone)) return { type: 'calendar', unit: per, timeZone };
    problems.add(
      [...path, 'timeZone'],
      `"${shownName(timeZone)}" is no time zone; write one as "Europe/Berlin" or "UTC"`,
    );
    return undefined;
  }
  if (input === 'request') return { type: 'request' };
  const unit = CALENDAR_UNITS.find((known) => known === input);
  if (unit) return { type: 'calendar', unit, timeZone: 'UTC' };
  if (/\d/.test(input)) return toRolling(input, path, problems);
  const near = nearestName(input, ['request', ...CALENDAR_UNITS]);
  const words = ['request', ...CALENDAR_UNITS].join(', ');
  problems.add(path, `must be one of ${words}, or a time such as "24h"${didYouMean(near)}`);
  return undefined;
}

function toRolling(text: string, path: ConfigPath, problems: Problems): QuotaWindow | undefined {
  const lengthMs = parseDurationMs(text);
  if (lengthMs !== undefined && lengthMs >= ROLLING_MS_MIN && lengthMs <= ROLLING_MS_MAX) {
    return { type: 'rolling', lengthMs };
  }
  problems.add(path, 'must be a time such as "24h", at least "1s" and at most "366d"');
  return undefined;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
