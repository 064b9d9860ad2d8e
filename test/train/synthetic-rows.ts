import type { Row } from '../../train/data.ts';
import { seededRandom } from '../../train/random.ts';

const THINGS = ['apples', 'pears', 'nails', 'stamps', 'ropes', 'bricks', 'lamps', 'coins'];
const STEPS = [
  'buys %n more',
  'gives away %n of them',
  'loses half of the rest',
  'finds %n in a drawer',
  'sells %n for $2 each',
  'divides them among %n friends',
];

/**
 * Invented questions in invented benchmarks, with invented outcomes: the more steps, the sooner the
 * cheap model fails; the strong one fails at the longest now and then.
 */
export function syntheticRows(benchmarks: readonly string[], perBenchmark: number, seed = 3): readonly Row[] {
  const random = seededRandom(seed);
  return benchmarks.flatMap((benchmark) =>
    Array.from({ length: perBenchmark }, (_, at): Row => {
      const steps = 1 + Math.floor(random() * 6);
      return {
        id: `${benchmark}-${at}`,
        benchmark,
        group: benchmark,
        family: benchmark,
        prompt: inventQuestion(`${benchmark} ${at}`, steps, random),
        outcomes: {
          'mistral-7b-instruct-v0.3': random() < 1.1 - 0.18 * steps ? 1 : 0,
          'gpt-4-1106-preview': random() < 1.05 - 0.03 * steps ? 1 : 0,
        },
        core1500: false,
      };
    }),
  );
}

function inventQuestion(who: string, steps: number, random: () => number): string {
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] as string;
  const number = () => String(2 + Math.floor(random() * 40));
  const told = Array.from({ length: steps }, () => `Then ${who} ${pick(STEPS).replace('%n', number())}.`);
  return `${who} has ${number()} ${pick(THINGS)}. ${told.join(' ')} How many are left?`;
}
