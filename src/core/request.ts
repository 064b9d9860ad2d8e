import type { DeclaredTool, Message, ResponseFormat, ToolChoice, ToolDefinition } from './message.ts';
import type { NanoUsd } from './money.ts';
import type { ChatParameters, UnsupportedParameters } from './parameters.ts';

export const TIERS = ['trivial', 'simple', 'medium', 'complex', 'expert'] as const;
/** How hard a request is; each tier has an ordered list of models. */
export type Tier = (typeof TIERS)[number];

export const TASKS = ['general', 'reasoning', 'code', 'summarize', 'vision', 'realtime', 'local'] as const;
export type Task = (typeof TASKS)[number];

export const STRATEGIES = ['complexity', 'cost', 'quality', 'priority'] as const;
/** How the chosen list of models is ranked. */
export type Strategy = (typeof STRATEGIES)[number];

/** `use`: answer from the cache. `refresh`: ask again and store. `off`: neither read nor store. */
export type CacheMode = 'use' | 'refresh' | 'off';

/** What the caller wants of the routing. Passed with each call, never stored on the router. */
export type RoutingHints = {
  /** `provider/model`, a bare known name, an alias, or absent for automatic. */
  readonly model?: string;
  readonly provider?: string;
  readonly tier?: Tier;
  readonly task?: Task;
  readonly strategy?: Strategy;
  /** The largest cost this request may reach, by estimate before it is sent. */
  readonly costMax?: NanoUsd;
  /** From the call's start to the answer, in milliseconds. */
  readonly deadlineMs?: number;
  readonly cache: CacheMode;
  /** May a forced model or provider be left when it fails? No by default. */
  readonly fallback?: boolean;
};

/** Who asks. The tenant separates cache and books; stdio and the shell are `local`. */
export type CallerInfo = {
  readonly tenant: string;
  readonly client: string;
  readonly team?: string;
  readonly user?: string;
  /** W3C trace context that came with the request; what is traced continues it. */
  readonly traceparent?: string;
  /** Where the request came in, for traces: `POST /v1/messages`, `tools/call complete`. Never text of the caller. */
  readonly entry?: string;
};

export type ChatRequest = ChatParameters & {
  readonly messages: readonly Message[];
  readonly maxOutputTokens?: number;
  readonly tools?: readonly ToolDefinition[];
  /**
   * Where the client defers tools, all that it declared, in an order that stays: for a vendor that keeps deferred ones from its model by itself. Results
   * say in the words of `offerOf` which of them a search found; `tools` are those that the model knows by now.
   */
  readonly declaredTools?: readonly DeclaredTool[];
  readonly toolChoice?: ToolChoice;
  readonly responseFormat?: ResponseFormat;
  /** `reject` when absent. */
  readonly unsupportedParameters?: UnsupportedParameters;
  readonly routing: RoutingHints;
  readonly caller: CallerInfo;
  readonly metadata?: Readonly<Record<string, string>>;
};

/** A text, or the ids of its tokens, which mean it to models of one vocabulary only. */
export type EmbedItem = string | readonly number[];

export type EmbedRequest = {
  readonly input: readonly EmbedItem[];
  /** `provider/model` or a bare known name; absent: the first embedding model by priority and provider. */
  readonly model?: string;
  /** How long the vectors are to be; absent: as long as the model makes them. */
  readonly dimensions?: number;
  readonly caller: CallerInfo;
  readonly metadata?: Readonly<Record<string, string>>;
};
