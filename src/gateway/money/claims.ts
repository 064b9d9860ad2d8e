import type { NanoUsd } from '../../core/money.ts';
import type { Budget, QuotaClaim, QuotaUnit, RateLimit } from '../../core/quota.ts';
import { type Addressee, isPerAttempt, type Subject, scopeKey } from './scope-key.ts';
import { type CountedWindow, type WindowPart, windowPart } from './windows.ts';

/** What an attempt may use, as far as it can be told before it is made. */
export type Needs = {
  /** Absent when the price is unknown. */
  readonly money?: {
    readonly most: NanoUsd;
    /** Its answer cut to the shortest that is of use. */
    readonly least: NanoUsd;
    /** What one that named no limit of its own is content with. */
    readonly usual: NanoUsd;
  };
  readonly inputTokens: number;
  readonly outputTokens: number;
};

/** The name a budget has in the books. */
export function quotaOfBudget({ name }: Pick<Budget, 'name'>): string {
  return `budget ${name}`;
}

/**
 * A budget's claim; undefined when it does not concern the attempt, or the model is free. One of unknown price claims
 * nothing, so that it is counted.
 */
export function budgetClaim(
  budget: Budget & { readonly window: CountedWindow },
  { subject, addressee, needs, nowMs }: Question,
): QuotaClaim | undefined {
  const key = scopeKey(budget.scope, subject, addressee);
  const { money } = needs;
  if (key === undefined || money?.most === 0) return undefined;
  const claim = moneyClaim(budget, key, money, windowPart(budget.window, nowMs));
  return budget.scope.by === 'key' ? { ...claim, isForKey: true } : claim;
}

/** What a budget is asked for whoever `key` is; nothing where the price is unknown. */
export function moneyClaim(budget: Budget, key: string, money: Needs['money'], part: WindowPart): QuotaClaim {
  return {
    quota: quotaOfBudget(budget),
    unit: 'nano_usd',
    key,
    limit: budget.limitNanoUsd,
    ...part,
    amount: money?.most ?? 0,
    amountMin: money?.least ?? 0,
    ...(money && { amountUsual: money.usual }),
    mode: budget.mode,
  };
}

export type Question = {
  readonly subject: Subject;
  readonly addressee: Addressee;
  readonly needs: Needs;
  /** Wall clock. */
  readonly nowMs: number;
};

type Count = Extract<keyof RateLimit, 'requests' | 'inputTokens' | 'outputTokens' | 'concurrency'>;

const UNITS: Readonly<Record<Count, QuotaUnit>> = {
  requests: 'requests',
  inputTokens: 'input_tokens',
  outputTokens: 'output_tokens',
  concurrency: 'concurrency',
};

/** Of what has no window: concurrency counts until it ends, whenever it began, and budgets of one request all that it takes. */
export const WHOLE_TIME: WindowPart = { bucketMs: 0, fromMs: 0, keptMs: 0 };

/**
 * The claims of a rate limit. `isFirst`: no attempt of the request was counted yet; requests of a caller are counted
 * once, however many attempts one takes, and those of a provider each time.
 */
export function rateClaims(limit: RateLimit, question: Question & { readonly isFirst: boolean }): QuotaClaim[] {
  const { subject, addressee, needs, nowMs, isFirst } = question;
  const key = scopeKey(limit.scope, subject, addressee);
  if (key === undefined) return [];
  const part = windowPart(limit.window, nowMs);
  const claim = (count: Count, amount: number): QuotaClaim | [] => {
    const most = limit[count];
    if (most === undefined) return [];
    return {
      quota: `limit ${limit.name} ${UNITS[count]}`,
      unit: UNITS[count],
      key,
      limit: most,
      ...(count === 'concurrency' ? WHOLE_TIME : part),
      amount,
      amountMin: amount,
      ...(limit.scope.by === 'key' && { isForKey: true }),
      mode: 'hard',
    };
  };
  return [
    isFirst || isPerAttempt(limit.scope) ? claim('requests', 1) : [],
    claim('inputTokens', needs.inputTokens),
    claim('outputTokens', needs.outputTokens),
    claim('concurrency', 1),
  ].flat();
}
