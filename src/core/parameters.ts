/** How much a model thinks before it answers, from not at all to as much as it can. */
export const REASONING_EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
export type ReasoningEffort = (typeof REASONING_EFFORTS)[number];

/** How much a model says; `medium` is what it does by itself. */
export const VERBOSITIES = ['low', 'medium', 'high'] as const;
export type Verbosity = (typeof VERBOSITIES)[number];

/** Whether thoughts are shown, where a model can leave them out; absent: as it does by itself. */
export type ThinkingDisplay = 'summarized' | 'omitted';

/**
 * Settings of a chat that not every model takes. One that is absent is left to the model; none is
 * ever left out silently, see `UnsupportedParameters`.
 */
export type ChatParameters = {
  /** 0 to 2. */
  readonly temperature?: number;
  /** From 0 to 1. */
  readonly topP?: number;
  /** A whole number of tokens, from 1. */
  readonly topK?: number;
  /** Texts that end the answer and are not part of it. */
  readonly stop?: readonly string[];
  readonly seed?: number;
  /** -2 to 2. */
  readonly presencePenalty?: number;
  /** -2 to 2. */
  readonly frequencyPenalty?: number;
  /** Token id to bias, -100 to 100. */
  readonly logitBias?: Readonly<Record<string, number>>;
  /** How many answers; absent for one. */
  readonly choices?: number;
  readonly reasoningEffort?: ReasoningEffort;
  /** Thinking as Anthropic's clients ask for it; `adaptive` leaves how much to the model. */
  readonly thinking?:
    | { readonly type: 'enabled'; readonly budgetTokens: number; readonly display?: ThinkingDisplay }
    | { readonly type: 'adaptive'; readonly display?: ThinkingDisplay }
    | { readonly type: 'off' };
  readonly verbosity?: Verbosity;
  /** false: at most one tool call an answer. Absent: as many as the model likes. */
  readonly parallelToolCalls?: false;
};

export type ParameterName = keyof ChatParameters;

export const PARAMETER_NAMES = [
  'temperature',
  'topP',
  'topK',
  'stop',
  'seed',
  'presencePenalty',
  'frequencyPenalty',
  'logitBias',
  'choices',
  'reasoningEffort',
  'thinking',
  'verbosity',
  'parallelToolCalls',
] as const satisfies readonly ParameterName[];

/** Each as requests and reports spell it. */
export const PARAMETER_WORDS = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  stop: 'stop',
  seed: 'seed',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  logitBias: 'logit_bias',
  choices: 'n',
  reasoningEffort: 'reasoning_effort',
  thinking: 'thinking',
  verbosity: 'verbosity',
  parallelToolCalls: 'parallel_tool_calls',
} as const satisfies Record<ParameterName, string>;

/**
 * What happens to a parameter that a model cannot honour. `reject`: the model is no candidate, and
 * without another one the request is refused. `drop`: it is left out, and the answer says so.
 */
export type UnsupportedParameters = 'reject' | 'drop';

const KNOWN_NAMES: ReadonlySet<string> = new Set(PARAMETER_NAMES);

/** Most requests set none. */
export function setsParameters(from: ChatParameters): boolean {
  for (const name in from) if (KNOWN_NAMES.has(name) && from[name as ParameterName] !== undefined) return true;
  return false;
}

/** The parameters that are set, without the ones named. */
export function pickParameters(from: ChatParameters, without: readonly ParameterName[] = []): ChatParameters {
  const picked: Record<string, unknown> = {};
  if (!setsParameters(from)) return picked;
  for (const name of PARAMETER_NAMES) {
    if (from[name] !== undefined && !without.includes(name)) picked[name] = from[name];
  }
  return picked;
}
