import { classify } from '../../src/routing/complexity/classify.ts';
import { decideSide } from '../../src/routing/pacing/decide-side.ts';
import { addEvent, PACING_START } from '../../src/routing/pacing/pacing-state.ts';
import type { Row } from '../data.ts';
import type { EvaluationBlock, EvaluationInput } from '../eval-block.ts';
import { failureShare } from '../models.ts';
import { seededRandom, shuffled } from '../random.ts';

const SHARE_MAX = 0.3;
const WINDOW = 200;
const SEEDS = [1, 2, 3, 4, 5];

/** A prompt of the traffic: where it belongs, how hard it looks, and what the strong models gain on it. */
type Item = { readonly block: string; readonly score: number; readonly gain: number };
type Order = (items: readonly Item[], seed: number) => readonly Item[];
/** Which of the items in their order go to the strong side. */
type Policy = (items: readonly Item[]) => readonly boolean[];

const ORDERS: Readonly<Record<string, Order>> = { shuffled: mixed, blocks: inBlocks };
const POLICIES: Readonly<Record<string, Policy>> = {
  'fixed threshold': (items) => items.map(({ score }) => score >= 1 - SHARE_MAX),
  'quantile known before': topOfAll,
  paced,
};

/** Whether a share of strong requests holds in every stretch of the traffic, and what quality that costs. */
export function evaluate({ rows }: EvaluationInput): EvaluationBlock {
  const table = [['traffic', 'order', 'strong by', `worst ${WINDOW}: points off`, 'share', 'gain kept']];
  const traffics = {
    'all, by question set': itemsOf(rows, ({ benchmark }) => benchmark),
    'all, by group': itemsOf(rows, ({ benchmark, group }) => `${benchmark}/${group}`),
    'MMLU, by subject': itemsOf(
      rows.filter(({ benchmark }) => benchmark === 'mmlu'),
      ({ group }) => group,
    ),
  };
  for (const [traffic, items] of Object.entries(traffics)) {
    for (const [order, arrange] of Object.entries(ORDERS)) {
      const runs = SEEDS.map((seed) => arrange(items, seed));
      for (const [name, policy] of Object.entries(POLICIES)) table.push([traffic, order, name, ...judge(runs, policy)]);
    }
  }
  return {
    title: `A share of ${100 * SHARE_MAX} % for the strong side`,
    table,
    notes: [
      'The worst of five seeds; share and gain are their means. The gain is that of strong over cheap models, as a share of what the quantile of the whole traffic gets, which nobody knows before.',
      'The shipped scorer knows these prompts: what counts here is one line beside the other.',
    ],
  };
}

function itemsOf(rows: readonly Row[], blockOf: (row: Row) => string): readonly Item[] {
  return rows.map((row) => ({
    block: blockOf(row),
    score: classify({ messages: [{ role: 'user', content: [{ type: 'text', text: row.prompt }] }] }).score,
    gain: failureShare(row, 'cheap') - failureShare(row, 'strong'),
  }));
}

function judge(runs: readonly (readonly Item[])[], policy: Policy): readonly string[] {
  let worst = 0;
  let share = 0;
  let gain = 0;
  for (const items of runs) {
    const strong = policy(items);
    worst = Math.max(worst, worstWindow(strong));
    share += strong.filter(Boolean).length / items.length / runs.length;
    gain += gainOf(items, strong) / gainOf(items, topOfAll(items)) / runs.length;
  }
  return [(100 * worst).toFixed(1), `${(100 * share).toFixed(1)} %`, `${(100 * gain).toFixed(1)} %`];
}

function worstWindow(strong: readonly boolean[]): number {
  let inside = 0;
  let worst = 0;
  for (let at = 0; at < strong.length; at += 1) {
    inside += Number(strong[at]) - (at >= WINDOW ? Number(strong[at - WINDOW]) : 0);
    if (at >= WINDOW - 1) worst = Math.max(worst, Math.abs(inside / WINDOW - SHARE_MAX));
  }
  return worst;
}

function gainOf(items: readonly Item[], strong: readonly boolean[]): number {
  return items.reduce((sum, { gain }, at) => sum + (strong[at] ? gain : 0), 0);
}

function topOfAll(items: readonly Item[]): readonly boolean[] {
  const line = items.map(({ score }) => score).sort((left, right) => right - left)[
    Math.floor(SHARE_MAX * items.length)
  ];
  return items.map(({ score }) => score > (line as number));
}

function paced(items: readonly Item[]): readonly boolean[] {
  let state = PACING_START;
  return items.map(({ score }) => {
    const { side } = decideSide(state, score, SHARE_MAX);
    state = addEvent(state, { type: 'decided', score, side, shareMax: SHARE_MAX });
    return side === 'strong';
  });
}

function mixed(items: readonly Item[], seed: number): readonly Item[] {
  return shuffled(items, seededRandom(seed));
}

function inBlocks(items: readonly Item[], seed: number): readonly Item[] {
  const random = seededRandom(seed);
  const blocks = new Map<string, Item[]>();
  for (const item of shuffled(items, random)) {
    const block = blocks.get(item.block);
    if (block) block.push(item);
    else blocks.set(item.block, [item]);
  }
  return shuffled([...blocks.values()], random).flat();
}
