import { askedAgain, RefusalMemory } from '../failures/refusal-memory.ts';
import type { VendorFailure, Verdict } from '../failures/vendor-failure.ts';

/** What some models want of a conversation beyond the wire as OpenAI defined it. */
export type Demand =
  | 'thoughts'
  | 'short-call-ids'
  | 'strict-order'
  | 'tools-without-thinking'
  | 'forced-call-without-thinking';

/** The demands of one model that are known. */
export type Demands = { has(demand: Demand): boolean };

/** Nobody is met unasked, for others refuse just that; a refusal says what is wanted. */
export interface DemandMemory {
  of(modelName: string): Demands;
  /** `met`: those that were met, so that it wants something else. The verdict asks for the same target once more at once. */
  learn(modelName: string, met: Demands, failure: VendorFailure): Verdict | undefined;
}

/**
 * - DeepSeek's models want their thoughts back with what they said in a tool loop: api-docs.deepseek.com/guides/thinking_mode.
 * - Mistral's want ids of calls of nine letters and digits, whoever serves them (github.com/ml-explore/mlx-lm/issues/1375), OpenAI none beyond
 *   40 characters, as vLLM makes them (github.com/vllm-project/vllm/issues/22966).
 * - Mistral's want an answer between a result and the next question (github.com/avante-corp/avante.nvim/issues/2562), templates of Qwen's, Google's
 *   and others one system message, in front (github.com/vllm-project/vllm/issues/41114), and questions and answers by turns.
 * - OpenAI's from GPT-5.6 on, which are known by name at OpenAI, take tools on this wire only when they do not think; so do they elsewhere, by other
 *   names: github.com/onyx-dot-app/onyx/issues/15008.
 * - DeepSeek's, which think unless they are told not to, call the tool that they must call only without: github.com/deepseek-ai/DeepSeek-V3/issues/1376.
 */
const REFUSALS: readonly (readonly [demand: Demand, words: RegExp, how: string])[] = [
  [
    'thoughts',
    /\breasoning_content\b.*\b(?:passed back|required|missing)\b|\bmissing\b.*\breasoning_content\b/is,
    'with its thoughts',
  ],
  [
    'short-call-ids',
    /\btool call id was\b.*\bwith a length of 9\b|\btool_call(?:s\[\d+\]\.|_)id\b.*\bmaximum length\b/is,
    'with shorter ids of tool calls',
  ],
  [
    'strict-order',
    /\bsystem message must be at the beginning\b|\bunexpected role\b.*\bafter role\b|\bconversation roles must alternate\b/is,
    'with its messages in the order that it wants',
  ],
  ['tools-without-thinking', /\bfunction tools with reasoning_effort are not supported\b/i, 'without thinking'],
  ['forced-call-without-thinking', /\bthinking mode does not support this tool_choice\b/i, 'without thinking'],
];

export function createDemandMemory(): DemandMemory {
  const refusals = new RefusalMemory<Demand>();
  return {
    of: (modelName) => refusals.of(modelName),
    learn(modelName, met, { message }) {
      const refusal = REFUSALS.find(([demand, words]) => words.test(message) && !met.has(demand));
      if (!refusal) return undefined;
      const [demand, , how] = refusal;
      refusals.add(modelName, demand);
      return askedAgain(how);
    },
  };
}
