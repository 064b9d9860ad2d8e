/** The shipped scorer alone, or fitted to labels, without an engine, a configuration or a network. */
export { fitScoring } from '../routing/complexity/fit/score-fitted.ts';
export { scorePrompt } from '../routing/complexity/score-prompt.ts';
