import type {
  AttemptOutcome,
  AttemptStart,
  ProviderTraffic,
  RequestEnd,
  RequestLogQuery,
  RequestRecord,
  RequestStart,
} from './books.ts';
import type { Completion } from './completion.ts';
import type { Correction, CostQuery, CostReport, CostRow } from './costs.ts';
import type { HealthSnapshot, HealthTarget, OutcomeWindow, TargetHealth } from './health.ts';
import type { AttemptId, CacheKey, CallId } from './ids.ts';
import type { JsonObject } from './json/json.ts';
import type { ModelInfo, ModelRef, ProviderId } from './model.ts';
import type { NanoUsd } from './money.ts';
import type { ParameterName } from './parameters.ts';
import type { Provider, ProviderSettings } from './provider.ts';
import type { Admission, QuotaClaim, QuotaUse } from './quota.ts';
import type { ChatRequest } from './request.ts';
import type { Usage } from './usage.ts';
import type { Verification } from './verification.ts';

/** Time. `nowMs` is the wall clock; `monotonicMs` only measures spans and never jumps. */
export interface Clock {
  nowMs(): number;
  monotonicMs(): number;
  /** Resolves after the delay, rejects with the signal's reason when aborted first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after the delay, unless what it returns is called before. */
  wakeAfter(delayMs: number, wake: () => void): () => void;
}

/** Uniform in [0, 1). */
export interface Random {
  next(): number;
}

export type CachedAnswer = {
  /** What can be given again; its tokens and the vendor's id belong to the one call. */
  readonly completion: Pick<Completion, 'content' | 'finishReason' | 'alternatives' | 'model'>;
  readonly model: ModelRef;
  readonly costNanoUsd?: NanoUsd | undefined;
  readonly storedAtMs: number;
};

/** Everything that changes an answer; two requests share an answer only when all of it is equal. */
export type CacheKeyFields = {
  readonly tenant: string;
  readonly model: ModelRef;
  /** What the model is known to be able to do: another form of the request may be sent when that changes. */
  readonly abilities?: Pick<ModelInfo, 'capabilities' | 'outputTokensMax'>;
  /** Of an answer that is checked: by what, and who may answer in its place. */
  readonly verify?: { readonly stronger: readonly ModelRef[]; readonly peer?: ModelRef; readonly threshold?: number };
} & Pick<ChatRequest, 'messages' | 'maxOutputTokens' | 'tools' | 'toolChoice' | 'responseFormat' | ParameterName>;

/** Complete answers by their key. A broken cache loses hits, never a request: methods do not throw. */
export interface ResponseCache {
  /** False: the configuration wants no answer given twice, kept or shared. */
  readonly isEnabled: boolean;
  /** A versioned digest of the fields. */
  keyOf(fields: CacheKeyFields): CacheKey;
  /** The answer, counted as a hit; undefined when absent or past its time. */
  read(key: CacheKey): Promise<CachedAnswer | undefined>;
  /** Is there an answer? Counts nothing. */
  has(key: CacheKey): Promise<boolean>;
  /** Found by this process at once; resolves when others find it, or when it was given up. */
  write(key: CacheKey, answer: CachedAnswer): Promise<void>;
}

/**
 * The books. Promises resolve when the row is durable and reject with `storage_unavailable`.
 * Every write is idempotent: repeated or late, it changes nothing.
 */
export interface CallLedger {
  /** `end`: of one that is over as soon as it is known, such as an answer from the cache. */
  recordRequest(request: RequestStart, end?: RequestEnd): Promise<void>;
  /**
   * Resolves before bytes may leave. Its claims are reserved in the same commit as the attempt, whatever other
   * processes do; refused, nothing is booked and nothing may be sent.
   */
  recordAttempt(attempt: AttemptStart): Promise<Admission>;
  settleAttempt(id: AttemptId, outcome: AttemptOutcome): Promise<void>;
  /** Takes back an attempt whose bytes never left (connection refused): it is no attempt. */
  voidAttempt(id: AttemptId): Promise<void>;
  endRequest(id: CallId, end: RequestEnd): Promise<void>;

  /** What `recordAttempt` would say of these claims now; reserves nothing. */
  weighClaims(claims: readonly QuotaClaim[]): Promise<Admission>;
  /** What limits stand at now, in the order asked; a plain read. */
  quotaUse(
    claims: readonly Pick<QuotaClaim, 'quota' | 'key' | 'fromMs' | 'bucketMs' | 'keptMs'>[],
  ): Promise<readonly QuotaUse[]>;
  /** Every key of a limit that was used between the two parts of its window. */
  quotaKeys(query: {
    readonly quota: string;
    readonly fromMs: number;
    readonly toMs: number;
  }): Promise<readonly string[]>;

  /** Adds to the books what was found out later; never changes a row. Returns how many were new. */
  recordCorrections(corrections: readonly Correction[]): Promise<number>;
  costs(query: CostQuery): Promise<CostReport>;
  /** Every line behind the sums of `costs`, in the order of their requests. */
  costRows(query: Omit<CostQuery, 'groupBy' | 'openMax'>): AsyncIterable<CostRow>;
  /** Usage of every attempt answered at a known price, to price the same traffic on a baseline model. */
  usages(query: CostQuery): AsyncIterable<Usage>;
  /** Newest first. */
  recentRequests(query: RequestLogQuery): Promise<readonly RequestRecord[]>;
  traffic(query: { readonly fromMs: number }): Promise<readonly ProviderTraffic[]>;
}

/** Shared health of targets. */
export interface HealthBook {
  /** Of a moment ago at most, as far as other processes are concerned; what this one changed is in it at once. */
  snapshot(): HealthSnapshot;
  /**
   * Reads, changes and writes one target's health as one step no other process can divide.
   * `change` is pure and may run more than once. `window` holds the target's booked attempts since
   * `windowFromMs`. Returns what is now stored.
   */
  update(
    target: HealthTarget,
    windowFromMs: number,
    change: (current: TargetHealth | undefined, window: OutcomeWindow) => TargetHealth | undefined,
  ): Promise<TargetHealth | undefined>;
}

/** Known models: the catalogue merged with the configuration, for the providers configured. */
export interface ModelCatalog {
  /**
   * The model, with safe defaults when the catalogue lacks it; undefined for an unknown provider. At the prices of
   * that moment, in wall-clock milliseconds; of now when absent.
   */
  find(ref: ModelRef, atMs?: number): ModelInfo | undefined;
  list(): readonly ModelInfo[];
}

/** What the processes of a data folder know together, besides books and health: small JSON objects by name. */
export interface SharedStates {
  /** As it is now, without waiting; undefined when there is none, or what is there is damaged. */
  read(name: string): JsonObject | undefined;
  /**
   * `change` gets what is stored and returns what takes its place; it may run more than once. Resolves when that
   * is durable, with false when it cannot be written now: then nothing changed.
   */
  update(name: string, change: (stored: JsonObject | undefined) => JsonObject): Promise<boolean>;
}

/** Structured log to stderr. Fields never hold secrets or content. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The configured providers; each is built on first use, since their SDKs are slow to load. */
export interface ProviderDirectory {
  readonly settings: readonly ProviderSettings[];
  /** Throws `unknown_provider` for an id that is not configured and enabled. */
  load(id: ProviderId): Promise<Provider>;
}

/**
 * What told: the check of an answer, a stronger model's answer beside it, or another candidate that had to answer
 * since it was not the JSON asked for.
 */
export type OutcomeSource = 'verification' | 'escalation' | 'fallback';

/** What became of a model's answer to one request. */
export type AnswerOutcome = {
  readonly requestId: CallId;
  /** Kept by nobody: it holds what was asked. */
  readonly request: ChatRequest;
  /** The model that was asked first. */
  readonly model: ModelRef;
  /** From 0 (its answer was right) to 1 (wrong), as well as it can be told. */
  readonly failure: number;
  readonly source: OutcomeSource;
  /** Absent after a fallback. */
  readonly verification?: Verification;
};

/** Learns from how answers turned out. Never throws, never waits. */
export interface OutcomeSink {
  answerJudged(outcome: AnswerOutcome): void;
}

/** A request that is to be answered once, however often it is sent. */
export type RepeatableRequest = {
  /** Whose key it is; another tenant's is another key. */
  readonly tenant: string;
  readonly key: string;
  /** Everything that decides the answer: the same key over anything else is another request's. */
  readonly content: readonly (string | Uint8Array)[];
};

/** What stands under a key. `forgotten`: it was answered, but the answer was not kept, or is damaged. */
export type KeyClaim =
  | {
      readonly type: 'first';
      /**
       * Resolves when others find the answer, or never will; never rejects. One that is absent or longer than the
       * limit is forgotten: the request was answered, and is not answered again.
       */
      keep(answer: string | undefined): Promise<void>;
      /** The request failed: it may be sent again. Never rejects. */
      free(): Promise<void>;
    }
  | { readonly type: 'answered'; readonly answer: string }
  | { readonly type: 'under-way' | 'other-request' | 'forgotten' };

/** Answers of the last day under the callers' own keys, for all processes of a data folder and after a restart. */
export interface IdempotentAnswers {
  /**
   * Takes the key for this request, or says what stands under it. Of a process that dies the claim holds until
   * `expiresAtMs`, on the wall clock. Rejects with `storage_unavailable`.
   */
  claim(request: RepeatableRequest, expiresAtMs: number): Promise<KeyClaim>;
}
