import type { AttemptSummary } from '../core/books.ts';
import { type ErrorCode, errorPolicy } from '../core/error-codes.ts';
import { GatewayError, type WindowOverflow } from '../core/errors.ts';
import type { ModelRef } from '../core/model.ts';
import { PARAMETER_WORDS, type ParameterName } from '../core/parameters.ts';
import type { Rejection, RoutePlan } from '../core/route-plan.ts';
import { asSentence } from '../core/wording/as-sentence.ts';
import { formatWait } from '../core/wording/format-wait.ts';
import { isUnreached, restAfterMs } from '../resilience/health-recorder.ts';
import type { CandidateResult } from '../resilience/run-candidate.ts';

type Uncalled = Extract<CandidateResult<unknown>, { readonly type: 'rejected' | 'refused' }>;

/** What a request went through before it failed. */
export type Ordeal = {
  readonly plan: Pick<RoutePlan, 'rejected'>;
  readonly attempts: readonly AttemptSummary[];
  /** The error of each candidate that was called, in order. */
  readonly errors: readonly GatewayError[];
  /** Candidates of the plan that turned out not to be callable. */
  readonly rejected: readonly Rejection[];
  /** The first candidate that the limit of attempts left no turn. */
  readonly unasked?: ModelRef | undefined;
  /** The caller named the model or provider: then its own error says most. */
  readonly forced: boolean;
  /** What to do instead, where a budget refused. */
  readonly advice?: string | undefined;
};

/** Why a candidate was never called. */
export function rejectionOf(result: Uncalled): Omit<Rejection, 'model'> {
  const { code, retryAfterMs } = result.type === 'refused' ? result.refusal : result;
  const wait = retryAfterMs !== undefined && { retryAfterMs };
  if (result.type === 'refused') return { code, reason: result.refusal.reason, isByLimit: true, ...wait };
  return { code, reason: `resting after ${code}`, ...wait };
}

/** The one error a failed request ends with: what was tried, and when to come back. */
export function requestFailure(ordeal: Ordeal): GatewayError {
  const { attempts, errors } = ordeal;
  if (errors.length === 0) return nothingCallable(ordeal);
  const last = errors.at(-1);
  const alone = errors.length === 1 && last !== undefined && (ordeal.forced || !mayGoOn(last));
  if (last && (alone || last.code === 'deadline_exceeded')) return last.with({ attempts });
  // A key or model that rests now gives its turn to those that had none.
  const isResting = ({ code, policy }: GatewayError) => policy.key !== 'none' || code === 'all_cooling';
  const unasked = errors.some(isResting) ? ordeal.unasked : undefined;
  const retryAfterMs = unasked === undefined ? soonest(ordeal) : undefined;
  const retryable = unasked !== undefined || errors.some((error) => error.retryable) || retryAfterMs !== undefined;
  // Who does not serve the model, or refuses our key, has not looked at the request. What might answer later has not either.
  const verdict = retryable ? undefined : errors.findLast((error) => REQUEST_CODES.has(error.code));
  const code = verdict?.code ?? 'all_failed';
  const tried = errors.map((error) => `${error.model ?? error.provider ?? 'a provider'}: ${asSentence(error.message)}`);
  return new GatewayError(code, `No model could answer. ${tried.join(' ')}`, {
    hint: errorPolicy(code).adviceForAll ?? hintFor(retryable, retryAfterMs, unasked),
    retryAfterMs,
    retryable,
    param: verdict?.param,
    // For a client this is no broken gateway but one to come back to, as the next request will be told.
    ...(retryAfterMs !== undefined && errors.every(restsForNow) && { httpStatus: RESTING_STATUS }),
    attempts,
    cause: errors.at(-1),
  });
}

/** The request was found at fault, for what one model can do or for all: that is no broken gateway. */
const REQUEST_CODES: ReadonlySet<ErrorCode> = new Set([
  'invalid_request',
  'capability_missing',
  'context_too_long',
  'too_large',
  'content_filtered',
]);

const RESTING_STATUS = errorPolicy('all_cooling').httpStatus;

/** The provider answered that it takes no more now, but later. */
function restsForNow({ code, retryable, retryAfterMs = 0 }: GatewayError): boolean {
  return code === 'rate_limited' || (retryable && retryAfterMs > 0);
}

function hintFor(retryable: boolean, retryAfterMs: number | undefined, unasked: string | undefined): string {
  if (unasked !== undefined) return `Try again: the limit of attempts was reached before ${unasked} could be asked.`;
  return retryable ? waitHint(retryAfterMs) : 'Repeating will not help: see the reasons, or name another model.';
}

/** Does the kind of error let another candidate answer? */
export function mayGoOn(error: GatewayError): boolean {
  return error.tryNext !== 'no';
}

function nothingCallable(ordeal: Ordeal): GatewayError {
  const rejected = [...ordeal.plan.rejected, ...ordeal.rejected];
  const reasons = rejected.map(({ model, reason }) => `${model}: ${reason}`).join('; ');
  const retryAfterMs = soonest(ordeal);
  const limited = ordeal.rejected.filter(({ isByLimit }) => isByLimit);
  const first = rejected.filter((one) => one.retryAfterMs === retryAfterMs);
  const isRestFirst = retryAfterMs !== undefined && first.some((one) => !one.isByLimit && !RESTING_HINTS[one.code]);
  if (limited.length > 0 && !isRestFirst) return overLimit(ordeal, limited, retryAfterMs);
  if (retryAfterMs !== undefined) {
    return new GatewayError('all_cooling', `Every model that could answer is resting. ${reasons}.`, {
      hint: RESTING_HINTS[sharedCode(rejected)] ?? waitHint(retryAfterMs),
      retryAfterMs,
      attempts: ordeal.attempts,
    });
  }
  if (rejected.length === 0) {
    const message = 'There is no model to ask: no provider is configured, or none of its models is listed.';
    return new GatewayError('provider_unavailable', message, {
      hint: 'Set a key such as OPENAI_API_KEY, start Ollama, run `signalbox init`, or name a model as provider/model.',
      retryable: false,
    });
  }
  const code = sharedCode(rejected);
  const parameter = rejected.find((rejection) => rejection.parameter !== undefined)?.parameter;
  const field = rejected.find((rejection) => rejection.code === code && rejection.field !== undefined)?.field;
  const isParameter = code === 'capability_missing' && parameter !== undefined;
  return new GatewayError(code, `No model can take this request. ${reasons}.`, {
    hint: isParameter
      ? parameterHint(parameter)
      : (errorPolicy(code).adviceForAll ?? 'Run `signalbox doctor` to see what is configured.'),
    retryable: false,
    param: isParameter ? PARAMETER_WORDS[parameter] : field,
    overflow: code === 'context_too_long' ? largestWindow(rejected) : undefined,
  });
}

/** What would have to shrink for the first model to take the request. */
function largestWindow(rejected: readonly Rejection[]): WindowOverflow | undefined {
  const overflows = rejected.flatMap(({ overflow }) => (overflow ? [overflow] : []));
  return overflows.toSorted((one, other) => other.contextTokens - one.contextTokens)[0];
}

/** Budgets or rate limits of ours leave nobody to ask. */
function overLimit(
  { attempts, advice }: Ordeal,
  limited: readonly Rejection[],
  retryAfterMs: number | undefined,
): GatewayError {
  const reasons = new Map<string, string[]>();
  for (const { model, reason } of limited) reasons.set(reason, [...(reasons.get(reason) ?? []), model]);
  const text = [...reasons].map(([reason, models]) => `${models.join(', ')}: ${reason}`).join('; ');
  const wait =
    retryAfterMs === undefined ? 'It will not fit later either: raise the limit' : `Wait ${formatWait(retryAfterMs)}`;
  // What ends first says why to come back then: a budget is left to people, for a limit a client waits by itself.
  const first = limited.filter((one) => one.retryAfterMs === retryAfterMs);
  const codes = (first.length > 0 ? first : limited).map(({ code }) =>
    code === 'provider_overloaded' ? 'rate_limited' : code,
  );
  const code = codes.find((one) => one === 'budget_exceeded') ?? codes[0] ?? 'budget_exceeded';
  return new GatewayError(code, `A limit does not allow this request. ${text}.`, {
    hint: advice ?? (code === 'price_unknown' ? LIMIT_PRICE_HINT : `${wait}, or name another model.`),
    retryAfterMs,
    retryable: retryAfterMs !== undefined,
    attempts,
  });
}

const LIMIT_PRICE_HINT = 'Give the model a price in the configuration, or set unknownPrice of the budget to "allow".';

function parameterHint(parameter: ParameterName): string {
  const word = PARAMETER_WORDS[parameter];
  return `Leave ${word} out, name a model that takes it, or set routing.unsupportedParameters to "drop".`;
}

/** What a wait alone will not mend. */
const RESTING_HINTS: Partial<Record<ErrorCode, string>> = {
  provider_auth: 'Check the API key (a corrected one is used at the next start), or name a model of another provider.',
  quota_exhausted: "Check the account's credit and limits, or name a model of another provider.",
};

/** The reason all rejections share; otherwise the first that concerns the request itself. */
function sharedCode(rejected: readonly Rejection[]): ErrorCode {
  const codes = new Set(rejected.map(({ code }) => code));
  if (codes.size === 1) return rejected[0]?.code ?? 'provider_unavailable';
  return rejected.find(({ code }) => errorPolicy(code).adviceForAll !== undefined)?.code ?? 'provider_unavailable';
}

/** The soonest moment at which anything that rests may be asked again; none where one that failed does not rest. */
function soonest({ plan, rejected, errors }: Ordeal): number | undefined {
  if (errors.some((error) => error.retryable && restAfterMs(error) === 0)) return undefined;
  const rests = [...plan.rejected, ...rejected, ...errors].flatMap(({ retryAfterMs }) => retryAfterMs || []);
  // One that named no time rests as long as its kind earns.
  const unnamed = errors.filter(
    (error) => !error.retryAfterMs && (error.code === 'rate_limited' || isUnreached(error)),
  );
  const waits = [...rests, ...unnamed.map(restAfterMs)];
  return waits.length > 0 ? Math.min(...waits) : undefined;
}

function waitHint(retryAfterMs: number | undefined): string {
  if (retryAfterMs === undefined) return 'Try again in a moment, or name another model.';
  return `Try again in ${formatWait(retryAfterMs)}, or name another model.`;
}
