import type { ModelInfo } from '../../core/model.ts';
import { type NanoUsd, nanoUsd, ZERO_USD } from '../../core/money.ts';
import type { Clock } from '../../core/ports.ts';
import {
  type Budget,
  limitId,
  NO_QUOTA_USE,
  type QuotaClaim,
  type QuotaRefusal,
  type RateLimit,
  usedOf,
  wishOf,
} from '../../core/quota.ts';
import type { Candidate } from '../../core/route-plan.ts';
import type { AttemptTerms, OutputCut, Terms, TermsRefusal } from '../../resilience/attempt-terms.ts';
import { type AttemptCost, costOfAttempt, cutFor } from './attempt-cost.ts';
import { budgetClaim, moneyClaim, type Needs, quotaOfBudget, rateClaims, WHOLE_TIME } from './claims.ts';
import { describeRefusals, endsMayFree } from './refusal-text.ts';
import { type Addressee, type Subject, scopeKey } from './scope-key.ts';
import type { CountedWindow } from './windows.ts';

/** The limits in force. */
export type SpendingLimits = { readonly budgets: readonly Budget[]; readonly rateLimits: readonly RateLimit[] };

export function hasLimits({ budgets, rateLimits }: SpendingLimits): boolean {
  return budgets.length > 0 || rateLimits.length > 0;
}

type SpendingParts = {
  readonly limits: SpendingLimits;
  readonly clock: Clock;
};

/** What a request asks of each of its attempts. */
export type AttemptDemand = {
  readonly inputTokens: number;
  readonly maxOutputTokens?: number | undefined;
  /** Sent beside what the plan counted, at most. */
  readonly extraInputTokens?: number;
  /** Made beside the attempt that answers, which counts as the request. */
  readonly isBeside?: boolean;
};

/** The budgets that are for each request alone and concern an attempt: the least they have left, and which refuse it. */
type OwnBudgets = {
  readonly names: readonly string[];
  readonly leftNanoUsd: NanoUsd | undefined;
  readonly refusals: readonly QuotaRefusal[];
};

const NO_OWN_BUDGETS: OwnBudgets = { names: [], leftNanoUsd: undefined, refusals: [] };

type CountedBudget = Budget & { readonly window: CountedWindow };

/** What one request may spend. */
export interface Spending {
  /** The terms for the attempts of one candidate. */
  termsFor(candidate: Candidate, demand: AttemptDemand): Terms;
  /** What hard budgets of a single request let it cost in all; infinite without one. */
  requestMax(info: ModelInfo): number;
  /** What is to happen when these refuse: the strictest of what their budgets say. */
  onReached(refusals: readonly QuotaRefusal[]): Budget['onReached'];
  /** May a person be asked whether it may spend more? True once: who is told so asks. */
  mayAsk(): boolean;
  /** A person allows what these refused: the next attempts get what they miss. */
  allow(refusals: readonly QuotaRefusal[]): void;
}

/** By the limits that concern the request, and by what its own attempts have taken of them. */
export class LimitedSpending implements Spending {
  #wasAsked = false;
  readonly #parts: SpendingParts;
  readonly #subject: Subject;
  /** Of budgets that are for each request alone: what its attempts have spent or reserved, by budget and key. */
  readonly #own = new Map<string, number>();
  /** What a person has allowed. */
  readonly #allowed = new Map<string, number>();
  /** Rate limits that have counted this request. */
  readonly #counted = new Set<string>();

  constructor(parts: SpendingParts, subject: Subject) {
    this.#parts = parts;
    this.#subject = subject;
  }

  termsFor(candidate: Candidate, demand: AttemptDemand): Terms {
    const cost = costOfAttempt(candidate, demand);
    return {
      of: (keyName) => this.#termsOf({ info: candidate.model, keyName }, cost, demand),
      refused: (refusals) => this.#toRefusal(refusals),
    };
  }

  requestMax(info: ModelInfo): number {
    const own = this.#parts.limits.budgets.filter(
      ({ window, mode, scope }) =>
        window.type === 'request' &&
        mode === 'hard' &&
        scopeKey(scope, this.#subject, { info, keyName: '' }) !== undefined,
    );
    return Math.min(...own.map(({ limitNanoUsd }) => limitNanoUsd));
  }

  onReached(refusals: readonly QuotaRefusal[]): Budget['onReached'] {
    const refusing = new Set(refusals.map(({ claim }) => claim.quota));
    const wishes = this.#parts.limits.budgets
      .filter((budget) => refusing.has(quotaOfBudget(budget)))
      .map(({ onReached }) => onReached);
    if (wishes.length < refusing.size || wishes.includes('refuse')) return 'refuse';
    return wishes.includes('ask') ? 'ask' : 'downgrade';
  }

  mayAsk(): boolean {
    const isFirst = !this.#wasAsked;
    this.#wasAsked = true;
    return isFirst;
  }

  allow(refusals: readonly QuotaRefusal[]): void {
    for (const { claim, use } of refusals) {
      const name = limitId(claim);
      const own = this.#own.get(name);
      if (own === undefined) this.#allowed.set(name, wishOf(claim));
      else this.#own.set(name, own - usedOf(use) - wishOf(claim) + claim.limit);
    }
  }

  #termsOf(addressee: Addressee, cost: AttemptCost | undefined, demand: AttemptDemand): AttemptTerms | TermsRefusal {
    const unknown = cost ? undefined : this.#refuseUnknownPrice(addressee);
    if (unknown) return unknown;
    // A free model is no concern of a budget, however much of it is spent.
    const own = cost && cost.most > 0 ? this.#ownBudgets(addressee, cost) : NO_OWN_BUDGETS;
    if (own.refusals.length > 0) return this.#toRefusal(own.refusals);
    const needs = needsOf(demand, cost, own.leftNanoUsd);
    const question = { subject: this.#subject, addressee, needs, nowMs: this.#parts.clock.nowMs() };
    const { budgets, rateLimits } = this.#parts.limits;
    const money = budgets.filter(isCounted).flatMap((budget) => budgetClaim(budget, question) ?? []);
    const rates = rateLimits.flatMap((limit) =>
      rateClaims(limit, { ...question, isFirst: !demand.isBeside && !this.#counted.has(limit.name) }),
    );
    const counted = demand.isBeside ? [] : this.#count(rateLimits);
    const isBound = own.leftNanoUsd !== undefined || money.some(({ mode }) => mode === 'hard');
    const { begun, ended, dropped } = this.#holding(own.names, needs.money?.most ?? 0, counted);
    return {
      claims: [...money.map((claim) => this.#withAllowance(claim)), ...rates],
      expectedNanoUsd: cost?.expected,
      mostNanoUsd: cost?.most,
      outputTokensMax: (granted) => (cost && isBound ? cutWithin(cost, granted, own.leftNanoUsd) : undefined),
      begun,
      ended,
      dropped,
    };
  }

  /** Holds what an attempt may cost in the request's own budgets, from now on until it ends. */
  #holding(names: readonly string[], most: number, counted: readonly string[]) {
    let held = 0;
    const hold = (amount: number) => {
      for (const name of names) this.#own.set(name, (this.#own.get(name) ?? 0) + amount - held);
      held = amount;
    };
    let charged = 0;
    const charge = (amount: number) => {
      hold(amount);
      this.#useAllowance(amount - charged);
      charged = amount;
    };
    hold(most);
    return {
      begun: (granted: NanoUsd | undefined) => charge(granted ?? held),
      ended: (cost: NanoUsd | undefined, unseen = ZERO_USD) =>
        charge(cost === undefined ? held : Math.max(cost, Math.min(held, cost + unseen))),
      dropped: () => {
        charge(0);
        for (const name of counted) this.#counted.delete(name);
      },
    };
  }

  #withAllowance(claim: QuotaClaim): QuotaClaim {
    const allowed = this.#allowed.get(limitId(claim));
    return allowed === undefined ? claim : { ...claim, allowed };
  }

  /** An attempt took so much more of what a person allowed, over all attempts of the request. */
  #useAllowance(amount: number): void {
    for (const [name, left] of this.#allowed) this.#allowed.set(name, left - amount);
  }

  /** Which limits had not counted this request yet, and do now. */
  #count(rateLimits: readonly RateLimit[]): readonly string[] {
    const fresh = rateLimits.filter(({ name }) => !this.#counted.has(name));
    for (const { name } of fresh) this.#counted.add(name);
    return fresh.map(({ name }) => name);
  }

  #ownBudgets(addressee: Addressee, cost: AttemptCost): OwnBudgets {
    const names: string[] = [];
    const refusals: QuotaRefusal[] = [];
    let leftNanoUsd: NanoUsd | undefined;
    for (const budget of this.#parts.limits.budgets) {
      const key = budget.window.type === 'request' ? scopeKey(budget.scope, this.#subject, addressee) : undefined;
      if (key === undefined) continue;
      const claim = moneyClaim(budget, key, cost, WHOLE_TIME);
      const name = limitId(claim);
      const used = this.#own.get(name) ?? 0;
      this.#own.set(name, used);
      names.push(name);
      const left = budget.limitNanoUsd - used;
      const isOver = budget.mode === 'hard' ? left < cost.least : left <= 0;
      if (isOver) refusals.push({ claim, use: { ...NO_QUOTA_USE, settled: Math.max(0, used) } });
      else if (budget.mode === 'hard') leftNanoUsd = nanoUsd(Math.min(left, leftNanoUsd ?? left));
    }
    return { names, leftNanoUsd, refusals };
  }

  #refuseUnknownPrice(addressee: Addressee): TermsRefusal | undefined {
    const budget = this.#parts.limits.budgets.find(
      ({ mode, unknownPrice, scope }) =>
        mode === 'hard' && unknownPrice === 'refuse' && scopeKey(scope, this.#subject, addressee) !== undefined,
    );
    if (!budget) return undefined;
    const reason = `its price is unknown, which the budget "${budget.name}" does not allow`;
    return { code: 'price_unknown', reason, refusals: [] };
  }

  #toRefusal(refusals: readonly QuotaRefusal[]): TermsRefusal {
    const nowMs = this.#parts.clock.nowMs();
    const isMoney = refusals.some(({ claim }) => claim.unit === 'nano_usd');
    const waits = refusals.map((one) => (endsMayFree(one) ? undefined : one.freeAtMs));
    // All must allow it, so the last one to do so decides; what is under way at the same time may end any moment.
    const isNever = refusals.some((one) => one.freeAtMs === undefined && !endsMayFree(one));
    const freeAtMs = isNever ? undefined : Math.max(nowMs + SHORTLY_MS, ...waits.map((wait) => wait ?? 0));
    return {
      code: isMoney ? 'budget_exceeded' : 'rate_limited',
      reason: describeRefusals(refusals, nowMs),
      ...(freeAtMs !== undefined && { retryAfterMs: freeAtMs - nowMs }),
      refusals,
    };
  }
}

const SHORTLY_MS = 1_000;
/** Of a model without a price: about a page. */
const OUTPUT_TOKENS_GUESS = 500;

function isCounted(budget: Budget): budget is CountedBudget {
  return budget.window.type !== 'request';
}

/** What an attempt may use, within what the request's own budgets have left. */
function needsOf(
  { inputTokens, maxOutputTokens = OUTPUT_TOKENS_GUESS }: AttemptDemand,
  cost: AttemptCost | undefined,
  leftNanoUsd: NanoUsd | undefined,
): Needs {
  if (!cost) return { inputTokens, outputTokens: Math.min(maxOutputTokens, OUTPUT_TOKENS_GUESS) };
  const most = nanoUsd(Math.min(cost.most, leftNanoUsd ?? cost.most));
  const money = { most, least: cost.least, usual: nanoUsd(Math.min(cost.usual, most)) };
  return { inputTokens, outputTokens: cost.outputTokensUsual, money };
}

/** How long the answer may be with what the books and the request's own budgets grant. */
function cutWithin(cost: AttemptCost, granted: NanoUsd | undefined, cap: NanoUsd | undefined): OutputCut | undefined {
  const within = Math.min(granted ?? cost.most, cap ?? cost.most);
  return cutFor(cost, nanoUsd(within));
}
