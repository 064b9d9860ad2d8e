/** The shipped scorer alone, without an engine, a configuration or a network. */
export { scorePrompt } from '../routing/complexity/score-prompt.ts';
