import { cleanText } from './clean-text.ts';
import { readNumbers, sameNumber } from './read-numbers.ts';
import type { Option } from './read-options.ts';

/** How far the reasoning of an answer comes to the option it chooses. */
export type OptionSupport = {
  /** Share of the option's numbers that the reasoning states; undefined for an option without numbers. */
  readonly numbers: number | undefined;
  /** Share of the option's words of four letters and more that it uses; undefined for one without. */
  readonly words: number | undefined;
};

const NUMBERS_MAX = 12;
const REASONING_NUMBERS_MAX = 200;
const WORD = /\p{L}{4,}/gu;

/** Measures every option against a reasoning text. */
export function measureSupport(options: readonly Option[], reasoning: string): ReadonlyMap<string, OptionSupport> {
  const stated = readNumbers(reasoning).slice(-REASONING_NUMBERS_MAX);
  const used = new Set(reasoning.toLowerCase().match(WORD));
  return new Map(options.map(({ letter, text }) => [letter, supportOf(text, stated, used)]));
}

function supportOf(option: string, stated: readonly number[], used: ReadonlySet<string>): OptionSupport {
  const cleaned = cleanText(option);
  const numbers = readNumbers(cleaned).slice(0, NUMBERS_MAX);
  const words = new Set(cleaned.toLowerCase().match(WORD));
  return {
    numbers: shareOf(numbers, (number) => stated.some((other) => isRounded(number, other))),
    words: shareOf([...words], (word) => used.has(word)),
  };
}

function shareOf<Item>(items: readonly Item[], isThere: (item: Item) => boolean): number | undefined {
  return items.length === 0 ? undefined : items.filter(isThere).length / items.length;
}

/** Options give fewer places than reasoning does. */
function isRounded(option: number, stated: number): boolean {
  return sameNumber(option, stated) || Math.abs(option - stated) <= 0.005 * Math.abs(option);
}
