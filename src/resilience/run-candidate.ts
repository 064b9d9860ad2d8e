import type { AttemptSummary } from '../core/books.ts';
import { type ErrorCode, errorPolicy } from '../core/error-codes.ts';
import { afterAttempts, GatewayError } from '../core/errors.ts';
import { PROBE_WAIT_MS } from '../core/health.ts';
import type { ModelInfo } from '../core/model.ts';
import type { HealthBook, ProviderDirectory, Random } from '../core/ports.ts';
import type { Provider, ProviderSettings } from '../core/provider.ts';
import type { Usage } from '../core/usage.ts';
import { formatWait } from '../core/wording/format-wait.ts';
import { type AttemptParts, runAttempt } from './attempt.ts';
import type { Terms, TermsRefusal } from './attempt-terms.ts';
import { backoffMs } from './backoff.ts';
import { type CallFrame, timeOver } from './call-frame.ts';
import type { Answered, Exchange } from './exchange.ts';
import { type HealthRecorder, type Probe, restEarnedMs } from './health-recorder.ts';
import { chooseKey, type KeyQuestion } from './key-pool.ts';
import type { RetryBudget } from './retry-budget.ts';

export type CandidateParts = AttemptParts & {
  readonly health: HealthBook;
  readonly recorder: HealthRecorder;
  readonly providers: ProviderDirectory;
  readonly retryBudget: RetryBudget;
  readonly random: Random;
};

export type CandidateRun<Answer extends Answered> = {
  readonly frame: CallFrame;
  readonly info: ModelInfo;
  readonly exchange: Exchange<Answer>;
  /** Attempts the request may still make. */
  readonly attemptsLeft: number;
  /** Somebody else could answer: then a target that rests is not waited for. */
  readonly hasNext: boolean;
  /** Does the caller's cost limit leave room for another attempt after these? */
  readonly affords: (attempts: readonly AttemptSummary[]) => boolean;
  readonly onRetry: () => void;
  /** What budgets and rate limits say of it. */
  readonly terms: Terms;
  /** Has some of the answer reached the caller? Then whatever fails is final. */
  readonly isCommitted?: (() => boolean) | undefined;
};

export type CandidateResult<Answer> =
  | {
      readonly type: 'answered';
      readonly answer: Answer;
      readonly usage: Usage;
      readonly attempts: readonly AttemptSummary[];
    }
  | { readonly type: 'failed'; readonly error: GatewayError; readonly attempts: readonly AttemptSummary[] }
  /** Never called: every key rests, or another call is probing. */
  | { readonly type: 'rejected'; readonly code: ErrorCode; readonly retryAfterMs: number }
  /** Never called: budgets or rate limits do not allow it. */
  | { readonly type: 'refused'; readonly refusal: TermsRefusal };

/** A rest is worth waiting for only this long, and only when nobody else could answer. */
const REST_WAIT_MAX_MS = 2_000;
const RETRIES = { no: 0, once: 1, backoff: 2 } as const;

/** Runs one candidate: its keys in turn, and the same target again where the error allows it. */
export async function runCandidate<Answer extends Answered>(
  parts: CandidateParts,
  run: CandidateRun<Answer>,
): Promise<CandidateResult<Answer>> {
  const { info, frame } = run;
  const provider = await parts.providers.load(info.provider);
  const settings = settingsOf(parts.providers, info.provider);
  const attempts: AttemptSummary[] = [];
  const excluded: string[] = [];
  let failure: GatewayError | undefined;
  let refusal: TermsRefusal | undefined;
  let retries = 0;
  let retryAfterMs = 0;

  while (sentCount(attempts) < run.attemptsLeft && (attempts.length === 0 || run.affords(attempts))) {
    const over = timeOver(frame, parts.clock);
    if (over) return { type: 'failed', error: over, attempts };
    const nowMs = parts.clock.nowMs();
    const health = parts.health.snapshot();
    const choice = chooseKey({ settings, model: info, health, nowMs, excluded }, parts.random);
    if (choice.type !== 'key') {
      if (failure) break;
      if (choice.type === 'resting')
        return { type: 'rejected', code: choice.rest.reason, retryAfterMs: choice.rest.untilMs - nowMs };
      break;
    }
    const { key } = choice;
    const target = { settings, key, model: info.name, info, provider };
    const claim = parts.recorder.mayCall(target, health);
    const probe = claim instanceof Promise ? await claim : claim;
    if (!probe) {
      excluded.push(key.name);
      retryAfterMs = PROBE_WAIT_MS;
      continue;
    }
    const attempt = runAttempt(parts, frame, target, run);
    const result = await attempt.catch((thrown) => unbooked(parts, probe, afterAttempts(attempts, thrown)));
    if (result.type === 'refused') {
      await parts.recorder.abandoned(probe);
      refusal = result.refusal;
      excluded.push(key.name);
      if (isForKey(refusal) && hasReadyKey(parts, settings, info, excluded)) continue;
      break;
    }
    attempts.push(result.summary);
    if (result.type === 'answered') {
      const healing = parts.recorder.succeeded(target);
      if (healing) await healing;
      return { type: 'answered', answer: result.answer, usage: result.usage, attempts };
    }
    const { error } = result;
    // What waiting helps against with one key is not over because another one is of no use.
    failure = failure?.retryable && !error.retryable && error.policy.key !== 'none' ? failure : error;
    // Whoever ends the call may give any reason: a server that shuts down calls itself unavailable.
    if (isOurs(error) || frame.signal.aborted) {
      await parts.recorder.abandoned(probe);
      break;
    }
    const isFinal = run.isCommitted?.() ?? false;
    if (mayRepeatAtOnce(error) && retries === 0 && !isFinal) await parts.recorder.abandoned(probe);
    else await parts.recorder.failed(target, { error, sent: result.sent, probe });
    if (isFinal) break;
    // A model that this key does not get another may: it is asked where nobody else could answer.
    if (error.policy.key !== 'none' && !(error.policy.key === 'last' && run.hasNext)) {
      // Keys of the same account rest now as well, where the failure is the account's.
      excluded.push(key.name);
      if (hasReadyKey(parts, settings, info, excluded)) continue;
    }
    const mayRepeat = sentCount(attempts) < run.attemptsLeft && run.affords(attempts);
    const waitMs = mayRepeat ? retryWait(parts, run, failure, retries) : undefined;
    if (waitMs === undefined) break;
    retries += 1;
    excluded.length = 0;
    run.onRetry();
    // A caller who leaves meanwhile is seen at the loop's head.
    await parts.clock.sleep(waitMs, frame.signal).catch(() => undefined);
  }
  if (!failure) {
    return refusal ? { type: 'refused', refusal } : { type: 'rejected', code: 'provider_unavailable', retryAfterMs };
  }
  return { type: 'failed', error: unlessAnotherRests(parts, failure, { settings, info, excluded }), attempts };
}

/** What waiting helps against with a key that rests is not over either because those that were asked are of no use. */
function unlessAnotherRests(
  parts: CandidateParts,
  failure: GatewayError,
  { settings, info, excluded }: Pick<KeyQuestion, 'settings' | 'excluded'> & { readonly info: ModelInfo },
): GatewayError {
  if (failure.retryable || failure.policy.key === 'none') return failure;
  const nowMs = parts.clock.nowMs();
  const question = { settings, model: info, health: parts.health.snapshot(), nowMs, excluded };
  const choice = chooseKey(question, parts.random);
  if (choice.type !== 'resting' || !errorPolicy(choice.rest.reason).callerMayRetry) return failure;
  const { reason, untilMs } = choice.rest;
  return new GatewayError('all_cooling', `${failure.message} Another key rests after ${reason}.`, {
    hint: `Try again in ${formatWait(untilMs - nowMs)}, or name another model.`,
    provider: failure.provider,
    model: failure.model,
    retryAfterMs: untilMs - nowMs,
    tryNext: failure.tryNext,
    cause: failure,
  });
}

/** The books failed, or the caller left while they were waited for: that says nothing of the target. */
async function unbooked({ recorder }: CandidateParts, probe: Probe, error: GatewayError): Promise<never> {
  await recorder.abandoned(probe);
  throw error;
}

/** How long to wait before the same target is asked again; undefined when it is not. */
function retryWait<Answer extends Answered>(
  parts: CandidateParts,
  run: CandidateRun<Answer>,
  error: GatewayError,
  retries: number,
): number | undefined {
  if (retries >= RETRIES[error.retrySame]) return undefined;
  const waitMs = mayRepeatAtOnce(error) ? 0 : restEarnedMs(error) + backoffMs(retries, parts.random);
  if (restEarnedMs(error) > 0 && (run.hasNext || waitMs > REST_WAIT_MAX_MS)) return undefined;
  if (parts.clock.monotonicMs() + waitMs >= run.frame.endsAtMs) return undefined;
  return parts.retryBudget.tryTake(parts.clock.monotonicMs()) ? waitMs : undefined;
}

/**
 * The adapter knows that nothing is wrong with the target: its kept-alive socket had gone stale, or
 * it has learnt which field to leave out. The same call again is no sign of trouble.
 */
function mayRepeatAtOnce(error: GatewayError): boolean {
  return error.retryAfterMs === 0 && error.retrySame === 'once';
}

/** Another key of the provider may be free where only this one's limit was reached. */
function isForKey({ refusals }: TermsRefusal): boolean {
  return refusals.length > 0 && refusals.every(({ claim }) => claim.isForKey);
}

/** Attempts in the sense of the limit: those whose bytes left. */
export function sentCount(attempts: readonly AttemptSummary[]): number {
  let count = 0;
  for (const { status } of attempts) if (status !== 'not_sent') count += 1;
  return count;
}

function hasReadyKey(
  parts: CandidateParts,
  settings: ProviderSettings,
  model: ModelInfo,
  excluded: readonly string[],
): boolean {
  const question = { settings, model, health: parts.health.snapshot(), nowMs: parts.clock.nowMs(), excluded };
  return chooseKey(question, parts.random).type === 'key';
}

function settingsOf(providers: ProviderDirectory, id: Provider['id']): ProviderSettings {
  const settings = providers.settings.find((candidate) => candidate.id === id);
  if (!settings) throw new RangeError(`provider ${id} has no settings`);
  return settings;
}

/** The call ended for the caller's reasons or for ours; the target is not to blame. */
function isOurs(error: GatewayError): boolean {
  return (
    error.isLocal ||
    error.code === 'cancelled' ||
    error.code === 'deadline_exceeded' ||
    error.code === 'storage_unavailable' ||
    error.code === 'internal'
  );
}
