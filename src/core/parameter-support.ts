import type { ModelInfo, ProviderKind } from './model.ts';
import { type ChatParameters, PARAMETER_NAMES, type ParameterName } from './parameters.ts';

/** What is asked for: parameters, and whether tools go with them. */
type Asked = ChatParameters & { readonly tools?: readonly unknown[] };
type Judgement = (asked: Asked, model: ModelInfo) => boolean;
type Lacks = Partial<Record<ParameterName, Judgement>>;

const always = (): boolean => true;

/**
 * The set parameters that a model cannot honour, by what its vendor documents. What equals the vendor's
 * default (temperature 1, penalty 0, one answer) is honoured by saying nothing; so is thinking that is
 * off, or left to a model that does not think. What a server turns out to refuse besides, its provider reports.
 */
export function unsupportedParameters(kind: ProviderKind, model: ModelInfo, asked: Asked): readonly ParameterName[] {
  const lacks = LACKS[kind];
  return PARAMETER_NAMES.filter(
    (name) => asked[name] !== undefined && !isDefault(name, asked) && lacks[name]?.(asked, model),
  );
}

/**
 * From GPT-5.6 on, Chat Completions answers 400 to tools unless the reasoning effort is `none`.
 * Source: developers.openai.com/api/docs, the model pages.
 */
const TOOLS_WITHOUT_REASONING = /^gpt-(?:5\.(?:[6-9]|\d\d)|[6-9])/;

/** Does this model of OpenAI's take tools only when it does not reason? */
export function takesToolsUnreasoning({ name }: ModelInfo): boolean {
  return TOOLS_WITHOUT_REASONING.test(name);
}

/**
 * Can this model be made to call a tool? Sources: docs.ollama.com, the chat endpoint, which has no tool choice;
 * platform.claude.com/docs, "what's new" of Fable and Mythos 5.1, Opus 5.5 and Sonnet 5.5, which answer 400 to it.
 */
export function canBeMadeToCall(kind: ProviderKind, { name }: Pick<ModelInfo, 'name'>): boolean {
  if (kind === 'anthropic') return !/(?:opus|sonnet)-5-5|(?:fable|mythos)-5-[1-9](?!\d)/.test(name);
  return kind !== 'ollama';
}

/** Does the parameter ask for what every vendor does unasked? */
export function isDefault(name: ParameterName, parameters: ChatParameters): boolean {
  switch (name) {
    case 'temperature':
    case 'topP':
    case 'choices':
      return parameters[name] === 1;
    case 'presencePenalty':
    case 'frequencyPenalty':
      return parameters[name] === 0;
    case 'verbosity':
      return parameters.verbosity === 'medium';
    case 'stop':
      return parameters.stop?.length === 0;
    case 'logitBias':
      return Object.keys(parameters.logitBias ?? {}).length === 0;
    default:
      return false;
  }
}

const reasons = (model: ModelInfo): boolean => model.capabilities.includes('reasoning');

/** Effort `none` asks nothing of a model that does not reason. */
const effortWithoutReasoning: Judgement = ({ reasoningEffort }, model) => !reasons(model) && reasoningEffort !== 'none';

/** The same, and `none` cannot be had of those that always reason. */
const effortUnless =
  (alwaysReasons: (model: ModelInfo) => boolean): Judgement =>
  (asked, model) =>
    effortWithoutReasoning(asked, model) || (asked.reasoningEffort === 'none' && alwaysReasons(model));

const budgetWithoutReasoning: Judgement = ({ thinking }, model) => thinking?.type === 'enabled' && !reasons(model);

/** Of OpenAI's models, those that take sampling settings when they are told not to reason: GPT-5.1 and later. */
const SAMPLES_WITHOUT_REASONING = /^gpt-(?:5\.\d|[6-9])/;

/** Source: developers.openai.com/api/docs/guides/latest-model, "parameter compatibility". */
const samplingWhileReasoning: Judgement = ({ reasoningEffort, thinking }, model) => {
  if (!reasons(model)) return false;
  const isOff = reasoningEffort === 'none' || (reasoningEffort === undefined && thinking?.type === 'off');
  return !(isOff && SAMPLES_WITHOUT_REASONING.test(model.name)) || gptAlwaysReasons(model);
};

const reasoning: Judgement = (_parameters, model) => reasons(model);

/** Asked to reason and to use tools, such a model would refuse; told not to reason, it does both. */
const besideTools = ({ tools }: Asked, model: ModelInfo): boolean =>
  tools !== undefined && tools.length > 0 && takesToolsUnreasoning(model);

/** OpenAI's models that refuse the reasoning effort `none`. Source: developers.openai.com/api/docs, the model pages. */
export function gptAlwaysReasons(model: ModelInfo): boolean {
  return reasons(model) && /^(?:o\d|gpt-5(?!\.)|gpt-6-astra|gpt-6\.[12]-sol)/.test(model.name);
}

/**
 * OpenAI's models that say less or more when told to: from GPT-5 on, but for some. Source: github.com/theopenco/llmgateway/pull/2989 and
 * github.com/enricoros/big-AGI/issues/930, which asked each.
 */
const hasVerbosity = ({ name }: ModelInfo): boolean =>
  /^gpt-(?:[5-9]|\d\d)/.test(name) && !/^gpt-5(?:-chat|(?:\.[12])?-codex)/.test(name);

/** Sources: developers.openai.com/api/docs, the chat completions reference and the guide to reasoning. */
const OPENAI: Lacks = {
  temperature: samplingWhileReasoning,
  topP: samplingWhileReasoning,
  topK: always,
  stop: reasoning,
  presencePenalty: reasoning,
  frequencyPenalty: reasoning,
  logitBias: reasoning,
  reasoningEffort: (asked, model) =>
    effortUnless(gptAlwaysReasons)(asked, model) || (asked.reasoningEffort !== 'none' && besideTools(asked, model)),
  thinking: (asked, model) =>
    budgetWithoutReasoning(asked, model) || (asked.thinking?.type === 'enabled' && besideTools(asked, model)),
  verbosity: (_parameters, model) => !hasVerbosity(model),
  // The o-series calls one tool at a time and refuses the setting.
  parallelToolCalls: (_parameters, model) => /^o\d/.test(model.name),
};

/** Server and model decide about the rest, which travels as OpenAI defined it. */
const OPENAI_COMPATIBLE: Lacks = {
  topK: always,
  choices: always,
  thinking: ({ thinking }) => thinking?.type === 'enabled',
};

/** Source: console.groq.com/docs, the API reference and the guide to reasoning; GPT-OSS always reasons. */
const GROQ: Lacks = {
  topK: always,
  presencePenalty: always,
  frequencyPenalty: always,
  logitBias: always,
  choices: always,
  reasoningEffort: effortUnless(({ name }) => /gpt-oss/.test(name)),
  thinking: budgetWithoutReasoning,
  verbosity: always,
};

/** Claude models that always think. Source: platform.claude.com/docs, "thinking" (always-on models). */
export function claudeAlwaysThinks({ name }: Pick<ModelInfo, 'name'>): boolean {
  return /fable|mythos|opus-5-5/.test(name);
}

/** Source: platform.claude.com/docs, the Messages API from version 2026-10-21 on, which refuses every sampling setting. */
const ANTHROPIC: Lacks = {
  temperature: always,
  topP: always,
  topK: always,
  seed: always,
  presencePenalty: always,
  frequencyPenalty: always,
  logitBias: always,
  choices: always,
  reasoningEffort: effortUnless(claudeAlwaysThinks),
  thinking: budgetWithoutReasoning,
  verbosity: always,
};

/** Source: ai.google.dev/gemini-api/docs, the API reference and "thinking"; 2.5 Pro and Gemini 3 always think. */
const GEMINI: Lacks = {
  logitBias: always,
  reasoningEffort: effortUnless((model) => reasons(model) && !/gemini-2\.5-flash/.test(model.name)),
  thinking: budgetWithoutReasoning,
  verbosity: always,
  parallelToolCalls: always,
};

/** Source: docs.ollama.com, the chat endpoint; GPT-OSS always thinks. */
const OLLAMA: Lacks = {
  logitBias: always,
  choices: always,
  reasoningEffort: effortUnless(({ name }) => /^gpt-oss/.test(name)),
  thinking: budgetWithoutReasoning,
  verbosity: always,
  parallelToolCalls: always,
};

const LACKS: Readonly<Record<ProviderKind, Lacks>> = {
  openai: OPENAI,
  'openai-compatible': OPENAI_COMPATIBLE,
  groq: GROQ,
  anthropic: ANTHROPIC,
  gemini: GEMINI,
  ollama: OLLAMA,
};
