import { statSync } from 'node:fs';
import { join } from 'node:path';
import { classify } from '../../src/routing/complexity/classify.ts';
import { extractFeatures } from '../../src/routing/complexity/extract-features.ts';
import { failureProbability, routeScore } from '../../src/routing/complexity/prior.ts';
import type { EvaluationBlock, EvaluationInput } from '../eval-block.ts';

const PRIOR_FILE = join(import.meta.dirname, '../../src/routing/complexity/prior.json');
const SHORT_CHARS_MAX = 500;
const LONG_CHARS = 4_096;
const WARM_UP_ROUNDS = 2;

/** Microseconds for one prompt, one thread, and the weight of the model. */
export function evaluate({ rows }: EvaluationInput): EvaluationBlock {
  const short = rows.map(({ prompt }) => prompt).filter(({ length }) => length <= SHORT_CHARS_MAX);
  const joined = rows.map(({ prompt }) => prompt).join('\n');
  const long = Array.from({ length: Math.floor(joined.length / LONG_CHARS) }, (_, at) =>
    joined.slice(at * LONG_CHARS, (at + 1) * LONG_CHARS),
  );
  const work = {
    'features and both heads': (text: string) => {
      const features = extractFeatures(text);
      return routeScore(features) + failureProbability(features);
    },
    'classify, with evidence': (text: string) =>
      classify({ messages: [{ role: 'user', content: [{ type: 'text', text }] }] }).score,
  };
  const table = [['work', 'prompts', 'p50 µs', 'p99 µs']];
  for (const [name, run] of Object.entries(work)) {
    for (const [length, texts] of Object.entries({ 'up to 500 characters': short, '4,096 characters': long })) {
      const times = measure(texts, run);
      const quantile = (share: number) => (times[Math.floor(times.length * share)] as number).toFixed(1);
      table.push([name, length, quantile(0.5), quantile(0.99)]);
    }
  }
  const kilobytes = (statSync(PRIOR_FILE).size / 1_024).toFixed(1);
  return { title: 'Time and weight', table, notes: [`The model with its manifest: ${kilobytes} KB.`] };
}

/** Sorted microseconds a text, after warming up. */
function measure(texts: readonly string[], run: (text: string) => number): readonly number[] {
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) for (const text of texts) run(text);
  const times = texts.map((text) => {
    const startedAtMs = performance.now();
    run(text);
    return (performance.now() - startedAtMs) * 1_000;
  });
  return times.sort((left, right) => left - right);
}
