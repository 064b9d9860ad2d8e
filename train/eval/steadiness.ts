import { extractFeatures } from '../../src/routing/complexity/extract-features.ts';
import { failureProbability, routeScore } from '../../src/routing/complexity/prior.ts';
import type { EvaluationBlock, EvaluationInput } from '../eval-block.ts';
import { seededRandom } from '../random.ts';

const SEED = 7;
/** Every so many rows: enough for a tenth of a percent. */
const STEP = 4;
const STRONG_SHARE = 0.3;
const TYPO_SHARE = 0.01;

type Change = readonly [name: string, change: (text: string) => string];

/** How often a change that leaves the question as it is moves it over the line of the upper 30 %. */
export function evaluate({ rows }: EvaluationInput): EvaluationBlock {
  const prompts = rows.filter((_, at) => at % STEP === 0).map(({ prompt }) => prompt);
  const table = [['change', 'route flipped', 'failure place flipped']];
  const heads = [routeScore, failureProbability].map((score) => {
    const scores = prompts.map((prompt) => score(extractFeatures(prompt)));
    const line = scores.toSorted((left, right) => left - right)[
      Math.floor(scores.length * (1 - STRONG_SHARE))
    ] as number;
    return { score, line, isStrong: scores.map((value) => value >= line) };
  });
  for (const [name, change] of changes()) {
    const changed = prompts.map((prompt) => extractFeatures(change(prompt)));
    const flips = heads.map(({ score, line, isStrong }) => {
      const count = changed.filter((features, at) => score(features) >= line !== isStrong[at]).length;
      return `${((100 * count) / prompts.length).toFixed(2)} %`;
    });
    table.push([name, ...flips]);
  }
  return { title: 'Routes flipped at the line of 30 %', table };
}

function changes(): readonly Change[] {
  const random = seededRandom(SEED);
  return [
    ['1 % typos', (text) => mistype(text, random)],
    ['lower case', (text) => text.toLowerCase()],
    ['upper case', (text) => text.toUpperCase()],
    ['double spaces', (text) => ` ${text.replaceAll(' ', '  ')}\n`],
    ['line breaks as spaces', (text) => text.replaceAll('\n', ' ')],
    ['"Please answer this:" before', (text) => `Please answer this: ${text}`],
    ['a polite sentence before', (text) => `Hello, I hope you can help me with a question. ${text}`],
    ['thanks after', (text) => `${text}\nThank you very much!`],
  ];
}

/** Of a hundred letters one is left out, doubled, swapped with the next or replaced. */
function mistype(text: string, random: () => number): string {
  let typed = '';
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] as string;
    if (!/[a-z]/i.test(letter) || random() >= TYPO_SHARE) {
      typed += letter;
      continue;
    }
    const kind = Math.floor(random() * 4);
    if (kind === 1) typed += letter + letter;
    else if (kind === 2 && at + 1 < text.length) {
      typed += (text[at + 1] as string) + letter;
      at += 1;
    } else if (kind >= 2) typed += String.fromCharCode(0x61 + Math.floor(random() * 26));
  }
  return typed;
}
