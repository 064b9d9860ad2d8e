import { seededRandom } from './random.ts';

/** A way to score a prompt that needs no training. */
export type Baseline = { readonly name: string; readonly score: (prompt: string) => number };

/** Of the kind that routers by keyword list: words that are said to make a request hard. */
const HARD_WORDS =
  /\b(?:analy[sz]e|analysis|architecture|algorithm|compare|complex|comprehensive|debug|derive|design|detailed|evaluate|explain|implement|integrate|investigate|justify|multi-?step|optimi[sz]e|proof|prove|reason(?:ing)?|refactor|research|step[ -]by[ -]step|strategy|synthesi[sz]e|theorem|trade-?offs?|why)\b/gi;
const EASY_WORDS = /\b(?:define|hello|hi|list|simple|thanks|translate|what is|when|where|who)\b/gi;

const countOf = (text: string, words: RegExp) => text.match(words)?.length ?? 0;

/** Random scores are drawn from a seed, so that a run can be repeated. */
export function baselines(seed: number): readonly Baseline[] {
  const random = seededRandom(seed);
  return [
    { name: 'random', score: () => random() },
    { name: 'length', score: (prompt) => prompt.length },
    { name: 'keyword list', score: (prompt) => countOf(prompt, HARD_WORDS) - countOf(prompt, EASY_WORDS) },
  ];
}
