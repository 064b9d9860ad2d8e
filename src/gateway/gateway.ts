import type { AttemptSummary, RequestCache, RequestLogQuery, RequestRecord } from '../core/books.ts';
import type { Completion } from '../core/completion.ts';
import type { CostGroup, CostQuery, CostReport, CostRow } from '../core/costs.ts';
import type { ErrorCode } from '../core/error-codes.ts';
import type { GatewayError } from '../core/errors.ts';
import type { CallId } from '../core/ids.ts';
import type { JsonValue } from '../core/json/json.ts';
import type { ModelInfo, ModelRef, ProviderId, ProviderKind } from '../core/model.ts';
import type { NanoUsd } from '../core/money.ts';
import type { ParameterName } from '../core/parameters.ts';
import type { RepeatableRequest } from '../core/ports.ts';
import type { EmbedOutput } from '../core/provider.ts';
import type { CallerInfo, ChatRequest, EmbedRequest, RoutingHints, Tier } from '../core/request.ts';
import type { RoutePlan } from '../core/route-plan.ts';
import type { Verification } from '../core/verification.ts';
import type { LivePart } from './answer-sink.ts';
import type { BudgetUse } from './money/budget-report.ts';
import type { BudgetQuestion } from './money/when-refused.ts';
import type { CheckCosts } from './verify/check-costs.ts';

/** How far a call is; sent at once and then as content arrives. */
export type CallProgress = {
  readonly phase: 'waiting' | 'receiving' | 'retrying';
  readonly model: ModelRef;
  /** Received so far, estimated until the provider reports. */
  readonly outputTokens: number;
};

export type CallOptions = {
  readonly signal: AbortSignal;
  /**
   * How the provider is asked. `streamed` (when absent), wherever it can: then first-token and idle
   * limits count, and progress has figures. `whole`: one answer, under the total limit alone.
   */
  readonly upstream?: 'streamed' | 'whole';
  readonly onProgress?: (progress: CallProgress) => void;
  /**
   * Asks the person at the client whether a budget may be passed; absent where nobody can be asked. In a process that
   * serves several it answers at once, and the person is asked after the call: a turn in the waiting line is held for it.
   */
  readonly onBudgetReached?: ((question: BudgetQuestion) => Promise<boolean>) | undefined;
};

export type GatewayAnswer = {
  readonly requestId: CallId;
  readonly completion: Completion;
  /** The parsed JSON, when a `responseFormat` was given. */
  readonly data?: JsonValue | undefined;
  readonly model: ModelRef;
  readonly plan: RoutePlan;
  /** As in the books: `hit` and `coalesced` answers cost nothing more. */
  readonly cache: RequestCache;
  /** Parameters that were left out, as the request allowed. */
  readonly droppedParameters: readonly ParameterName[];
  /** Of this request, all attempts; absent when a price is unknown; 0 from the cache. */
  readonly costNanoUsd?: NanoUsd | undefined;
  readonly latencyMs: number;
  readonly attempts: readonly AttemptSummary[];
  /** A budget let the answer be no longer than this, in tokens; absent when nothing cut it. */
  readonly outputTokensCut?: number | undefined;
  /** How its check went; absent without one, and for an answer that was there already. */
  readonly verification?: Verification | undefined;
};

/**
 * A piece of a streamed answer as the caller gets it. The stream always ends with exactly one `end`
 * (the answer was complete; it is booked) or one `error`, which no success follows.
 */
export type AnswerPart =
  | LivePart
  | { readonly type: 'end'; readonly answer: GatewayAnswer }
  | { readonly type: 'error'; readonly error: GatewayError };

/** A streamed answer whose first content has come, live or from the cache. */
export type GatewayStream = {
  readonly requestId: CallId;
  readonly model: ModelRef;
  readonly plan: RoutePlan;
  /** As in the books: `hit` and `coalesced` answers cost nothing more. */
  readonly cache: RequestCache;
  /** Attempts whose bytes left so far, this one included; 0 from the cache. */
  readonly attemptsCount: number;
  readonly droppedParameters: readonly ParameterName[];
  /** A budget let the answer be no longer than this, in tokens; absent when nothing cut it. */
  readonly outputTokensCut?: number;
  /** How its check went; absent without one. An answer that is checked is handed over whole. */
  readonly verification?: Verification;
  /**
   * To be iterated once. Pulled part by part: while nobody asks, the provider is not read from either.
   * Leaving the iteration early cancels the call, as the signal does.
   */
  readonly parts: AsyncIterable<AnswerPart>;
};

export type EmbedAnswer = EmbedOutput & {
  readonly requestId: CallId;
  readonly attempts: readonly AttemptSummary[];
  readonly ref: ModelRef;
  readonly costNanoUsd?: NanoUsd | undefined;
  readonly latencyMs: number;
};

export type RoutePreview = {
  readonly plan: RoutePlan;
  readonly cached: boolean;
  /** Of a plan with a check. */
  readonly checkCosts?: CheckCosts;
};

export type ProviderStatus = {
  readonly id: ProviderId;
  readonly kind: ProviderKind;
  readonly status: 'healthy' | 'degraded' | 'down' | 'unconfigured' | 'disabled' | 'unknown';
  /** Of the last 24 hours; absent without traffic. */
  readonly successRate?: number;
  readonly latencyMsP50?: number;
  readonly latencyMsP95?: number;
  readonly requests: number;
  /** The worst breaker of its targets. */
  readonly breaker: 'closed' | 'open' | 'half-open';
  readonly cooldownUntilMs?: number;
  readonly keys: readonly {
    readonly name: string;
    readonly status: 'ready' | 'cooling' | 'disabled';
    readonly untilMs?: number;
    readonly reason?: ErrorCode;
  }[];
  readonly lastError?: { readonly code: ErrorCode; readonly message: string; readonly atMs: number };
  /** Models in the provider's own list, when it was probed. */
  readonly probedModels?: number;
  /** Those of its models that routing names and that are not in its list, when it was probed. */
  readonly unlistedModels?: readonly string[];
};

export type ModelListing = {
  readonly model: ModelInfo;
  readonly tiers: readonly Tier[];
  /** The names of `routing.aliases` that stand for it. */
  readonly aliases: readonly string[];
  /** Its provider is configured and the model is not resting. */
  readonly available: boolean;
};

export type CostReportQuery = {
  /** Absent: all of them, for whoever owns the books. */
  readonly tenant?: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly groupBy?: CostGroup;
  /** A model to price the same traffic on. */
  readonly baseline?: string;
  /** So many attempts whose cost is unknown are listed; none when absent. */
  readonly openMax?: number;
  /** Who looks; absent: whoever owns the books. */
  readonly viewer?: CallerInfo;
};

export type CostReportAnswer = CostReport & {
  readonly fromMs: number;
  readonly toMs: number;
  /** As they stand now, whatever the period. */
  readonly budgets: readonly BudgetUse[];
  readonly baseline?: { readonly model: ModelRef; readonly costNanoUsd: NanoUsd; readonly savedUsd: number };
};

export type OnceRequest = RepeatableRequest & {
  /** Where its sender wrote the key. */
  readonly param: string;
  /** How long the work may take at most; the longest of any call when absent. */
  readonly deadlineMs?: number;
};

/**
 * Resolves when the answer is found under its key; to be called before its receiver has all of it. Without one only
 * that the request was answered is kept. Never rejects.
 */
export type KeepAnswer = (answer: string | undefined) => Promise<void>;

export type Once<Result> =
  | { readonly type: 'done'; readonly result: Result }
  | { readonly type: 'repeated'; readonly answer: string };

/**
 * The one engine behind MCP, HTTP and the shell. Methods throw `GatewayError`; one that ends a
 * request carries its attempts.
 */
export interface Gateway {
  complete(request: ChatRequest, options: CallOptions): Promise<GatewayAnswer>;
  /**
   * The same as a stream. Resolves with the first content, or rejects: until then a failing candidate
   * is replaced unseen, afterwards never.
   */
  stream(request: ChatRequest, options: Pick<CallOptions, 'signal'>): Promise<GatewayStream>;
  /** The decision `complete` would take now, by the same code; calls nobody. */
  preview(request: ChatRequest): Promise<RoutePreview>;
  /** Estimated input tokens of everything that a request sends. Whichever model it is for: nobody is asked. */
  estimateTokens(request: ChatRequest): number;
  embed(request: EmbedRequest, options: Pick<CallOptions, 'signal'>): Promise<EmbedAnswer>;
  listModels(query: {
    readonly provider?: string;
    readonly capability?: string;
    readonly query?: string;
  }): Promise<readonly ModelListing[]>;
  /** The model that a request would mean by this name: an alias, `provider/model` or a bare one. */
  findModel(name: string): Promise<ModelInfo>;
  /** Throws as a request would that names them. */
  checkNames(names: Pick<RoutingHints, 'model' | 'provider'>): Promise<void>;
  /** `probe` asks the providers' free model lists. */
  providerStatus(
    query: { readonly provider?: string; readonly probe?: boolean },
    signal: AbortSignal,
  ): Promise<readonly ProviderStatus[]>;
  costReport(query: CostReportQuery): Promise<CostReportAnswer>;
  /** Every line behind the sums of a report. */
  costRows(query: Pick<CostQuery, 'tenant' | 'fromMs' | 'toMs'>): AsyncIterable<CostRow>;
  requestLog(query: RequestLogQuery): Promise<readonly RequestRecord[]>;
  /**
   * Does what the edge asks for once for each key: the same request later, or elsewhere on the same data folder, gets
   * what `work` has kept. Work that keeps nothing frees the key. Throws `invalid_request`: 409 while the first is under
   * way or when its answer is gone, 422 for another request under the key.
   */
  once<Result>(request: OnceRequest, work: (keep: KeepAnswer) => Promise<Result>): Promise<Once<Result>>;
}
