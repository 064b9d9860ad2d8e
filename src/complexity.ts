/** The scorer as a library, for whoever routes by it elsewhere: no engine, no configuration, no network. */
export { fitPair, type LabelledPrompt, type PromptScorer } from './routing/complexity/fit/fit-pair.ts';
export { type PromptScore, scorePrompt } from './routing/complexity/score-prompt.ts';
