import type { AttemptSummary } from '../core/books.ts';
import { type ErrorCode, errorPolicy } from '../core/error-codes.ts';
import { afterAttempts, GatewayError } from '../core/errors.ts';
import { type HealthSnapshot, PROBE_WAIT_MS } from '../core/health.ts';
import type { ModelInfo } from '../core/model.ts';
import type { HealthBook, ProviderDirectory, Random } from '../core/ports.ts';
import type { ApiKey, Provider, ProviderSettings } from '../core/provider.ts';
import type { Usage } from '../core/usage.ts';
import { formatWait } from '../core/wording/format-wait.ts';
import { type AttemptParts, type AttemptResult, runAttempt } from './attempt.ts';
import type { Terms, TermsRefusal } from './attempt-terms.ts';
import { backoffMs } from './backoff.ts';
import type { AttemptTarget } from './book-attempt.ts';
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
const RETRIES = { no: 0, 'at-once': 1, once: 1, backoff: 2 } as const;
/** Of a request whose refusal taught the adapter how to ask, which it does once of each thing. */
const TAUGHT_RETRIES = 2;

/** Runs one candidate: its keys in turn, and the same target again where the error allows it. */
export async function runCandidate<Answer extends Answered>(
  parts: CandidateParts,
  run: CandidateRun<Answer>,
): Promise<CandidateResult<Answer>> {
  const { provider: id } = run.info;
  const provider = await parts.providers.load(id);
  return new KeyWalk(parts, run, { provider, settings: settingsOf(parts.providers, id) }).result();
}

type Vendor = { readonly provider: Provider; readonly settings: ProviderSettings };
type Failed = Extract<AttemptResult<never>, { readonly type: 'failed' }>;
/** `on`: with another key, or once more. `over`: nothing else helps. */
type Step<Answer> = 'on' | 'over' | CandidateResult<Answer>;

/** One candidate on its way through its keys. */
class KeyWalk<Answer extends Answered> {
  readonly #parts: CandidateParts;
  readonly #run: CandidateRun<Answer>;
  readonly #vendor: Vendor;
  readonly #attempts: AttemptSummary[] = [];
  /** Keys that are not asked with for now. */
  readonly #excluded: string[] = [];
  #failure: GatewayError | undefined;
  #refusal: TermsRefusal | undefined;
  #retries = 0;
  #needsNewConnection = false;
  /** Until another call's probe of a key is over. */
  #retryAfterMs = 0;

  constructor(parts: CandidateParts, run: CandidateRun<Answer>, vendor: Vendor) {
    this.#parts = parts;
    this.#run = run;
    this.#vendor = vendor;
  }

  async result(): Promise<CandidateResult<Answer>> {
    const { clock, health } = this.#parts;
    const attempts = this.#attempts;
    let step: Step<Answer> = 'on';
    while (step === 'on' && (attempts.length === 0 || this.#mayAskAgain())) {
      const over = timeOver(this.#run.frame, clock);
      if (over) return { type: 'failed', error: over, attempts };
      const nowMs = clock.nowMs();
      const snapshot = health.snapshot();
      const choice = chooseKey(this.#question(snapshot, nowMs), this.#parts.random);
      if (choice.type === 'key') step = await this.#ask(choice.key, snapshot);
      else if (choice.type === 'none' || this.#failure) step = 'over';
      else return { type: 'rejected', code: choice.rest.reason, retryAfterMs: choice.rest.untilMs - nowMs };
    }
    return typeof step === 'string' ? this.#inVain() : step;
  }

  async #ask(key: ApiKey, health: HealthSnapshot): Promise<Step<Answer>> {
    const { info, frame } = this.#run;
    const { recorder } = this.#parts;
    const target = { ...this.#vendor, key, model: info.name, info, needsNewConnection: this.#needsNewConnection };
    const claim = recorder.mayCall(target, health);
    const probe = claim instanceof Promise ? await claim : claim;
    if (!probe) {
      this.#excluded.push(key.name);
      this.#retryAfterMs = PROBE_WAIT_MS;
      return 'on';
    }
    const attempt = runAttempt(this.#parts, frame, target, this.#run);
    const result = await attempt.catch((thrown) => this.#unbooked(probe, thrown));
    if (result.type === 'refused') {
      await recorder.abandoned(probe);
      return this.#refused(key, result.refusal);
    }
    this.#attempts.push(result.summary);
    if (result.type === 'failed') return this.#failed(target, probe, result);
    const healing = recorder.succeeded(target);
    if (healing) await healing;
    return { type: 'answered', answer: result.answer, usage: result.usage, attempts: this.#attempts };
  }

  /** The books failed, or the caller left while they were waited for: that says nothing of the target. */
  async #unbooked(probe: Probe, thrown: unknown): Promise<never> {
    await this.#parts.recorder.abandoned(probe);
    throw afterAttempts(this.#attempts, thrown);
  }

  #refused(key: ApiKey, refusal: TermsRefusal): Step<Answer> {
    this.#refusal = refusal;
    this.#excluded.push(key.name);
    return isForKey(refusal) && this.#hasReadyKey() ? 'on' : 'over';
  }

  async #failed(target: AttemptTarget, probe: Probe, { error, sent }: Failed): Promise<Step<Answer>> {
    const { recorder } = this.#parts;
    const failure = this.#failure;
    // What waiting helps against with one key is not over because another one is of no use.
    this.#failure = failure?.retryable && !error.retryable && error.policy.key !== 'none' ? failure : error;
    // Whoever ends the call may give any reason: a server that shuts down calls itself unavailable.
    if (isOurs(error) || this.#run.frame.signal.aborted) {
      await recorder.abandoned(probe);
      return 'over';
    }
    const isFinal = this.#run.isCommitted?.() ?? false;
    if (error.retrySame === 'at-once' && this.#retries < retriesMax(error) && !isFinal) await recorder.abandoned(probe);
    else await recorder.failed(target, { error, sent, probe });
    if (isFinal) return 'over';
    // A model that this key does not get another may: it is asked where nobody else could answer.
    if (error.policy.key !== 'none' && !(error.policy.key === 'last' && this.#run.hasNext)) {
      // Keys of the same account rest now as well, where the failure is the account's.
      this.#excluded.push(target.key.name);
      if (this.#hasReadyKey()) return 'on';
    }
    return this.#waitToRepeat(this.#failure);
  }

  /** The same target once more, with whichever key. */
  async #waitToRepeat(failure: GatewayError): Promise<Step<Answer>> {
    const waitMs = this.#mayAskAgain() ? retryWait(this.#parts, this.#run, failure, this.#retries) : undefined;
    if (waitMs === undefined) return 'over';
    this.#retries += 1;
    this.#needsNewConnection = failure.retrySame === 'at-once' && failure.code === 'provider_unavailable';
    this.#excluded.length = 0;
    this.#run.onRetry();
    // A caller who leaves meanwhile is seen before the next attempt.
    await this.#parts.clock.sleep(waitMs, this.#run.frame.signal).catch(() => undefined);
    return 'on';
  }

  #inVain(): CandidateResult<Answer> {
    const [refusal, failure] = [this.#refusal, this.#failure];
    if (failure) return { type: 'failed', error: this.#unlessAnotherRests(failure), attempts: this.#attempts };
    if (refusal) return { type: 'refused', refusal };
    return { type: 'rejected', code: 'provider_unavailable', retryAfterMs: this.#retryAfterMs };
  }

  /** What waiting helps against with a key that rests is not over either because those that were asked are of no use. */
  #unlessAnotherRests(failure: GatewayError): GatewayError {
    if (failure.retryable || failure.policy.key === 'none') return failure;
    const nowMs = this.#parts.clock.nowMs();
    const choice = chooseKey(this.#question(this.#parts.health.snapshot(), nowMs), this.#parts.random);
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

  #mayAskAgain(): boolean {
    return sentCount(this.#attempts) < this.#run.attemptsLeft && this.#run.affords(this.#attempts);
  }

  #hasReadyKey(): boolean {
    const question = this.#question(this.#parts.health.snapshot(), this.#parts.clock.nowMs());
    return chooseKey(question, this.#parts.random).type === 'key';
  }

  #question(health: HealthSnapshot, nowMs: number): KeyQuestion {
    return { settings: this.#vendor.settings, model: this.#run.info, health, nowMs, excluded: this.#excluded };
  }
}

/** How long to wait before the same target is asked again; undefined when it is not. */
function retryWait<Answer extends Answered>(
  parts: CandidateParts,
  run: CandidateRun<Answer>,
  error: GatewayError,
  retries: number,
): number | undefined {
  if (retries >= retriesMax(error)) return undefined;
  if (error.retrySame === 'at-once') return 0;
  const waitMs = restEarnedMs(error) + backoffMs(retries, parts.random);
  if (restEarnedMs(error) > 0 && (run.hasNext || waitMs > REST_WAIT_MAX_MS)) return undefined;
  if (parts.clock.monotonicMs() + waitMs >= run.frame.endsAtMs) return undefined;
  return parts.retryBudget.tryTake(parts.clock.monotonicMs()) ? waitMs : undefined;
}

function retriesMax({ retrySame, code }: GatewayError): number {
  return retrySame === 'at-once' && code === 'invalid_request' ? TAUGHT_RETRIES : RETRIES[retrySame];
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
