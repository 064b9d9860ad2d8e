import { pick } from '../seeded-random.ts';
import { EMBEDDER, UNPRICED } from './place.ts';
import { taggedPrompt } from './vendor-books.ts';
import type { WorkCall } from './work.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A minute or two before clocks change, in zones that the limits name, and two ends of other kinds. */
const TURNS = [
  '2027-03-28T00:58:30Z',
  '2026-10-25T00:58:30Z',
  '2027-03-14T06:58:30Z',
  '2026-11-01T05:58:30Z',
  '2028-02-29T23:58:30Z',
  '2026-12-31T22:58:30Z',
] as const;

/** Zones of the processes themselves: the books must not care. */
export const TIME_ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia'] as const;

/** How far the wall clocks are set off at first. */
export function firstOffsetMs(random: () => number): number {
  return Date.parse(pick(random, TURNS)) - Date.now();
}

/** A step of the clock, as an operator, a time server or a laptop that slept makes it. */
export function clockStepMs(random: () => number): number {
  return pick(random, [90_000, -90_000, HOUR_MS, -HOUR_MS, -5_000, 400, DAY_MS + HOUR_MS]);
}

/** What so many callers ask, by the seed; now and then the same as before. */
export function planCalls(
  random: () => number,
  { round, count }: { round: number; count: number },
): readonly WorkCall[] {
  const calls: WorkCall[] = [];
  for (let index = 0; index < count; index += 1) {
    const earlier = calls[Math.floor(random() * calls.length)];
    const repeats = earlier !== undefined && earlier.leave === undefined && random() < 0.12;
    calls.push(repeats ? { ...earlier, cache: 'use' } : planCall(random, `t${round}.${index}`));
  }
  return calls;
}

function planCall(random: () => number, tag: string): WorkCall {
  const kind = pick(random, ['complete', 'complete', 'whole', 'stream', 'stream', 'embed']);
  const text = pick(random, ['hello', 'Write it down, please.', 'ein Wort über Grüße 🙂 '.repeat(4), 'x'.repeat(900)]);
  const json = kind === 'complete' && random() < 0.15;
  return {
    tag,
    kind,
    tenant: pick(random, ['north', 'south', 'east']),
    team: pick(random, ['red', 'blue']),
    user: pick(random, ['ada', 'bob', 'cyd', 'dan']),
    prompt: taggedPrompt(tag, text),
    cache: random() < 0.8 ? 'use' : 'off',
    ...(kind === 'embed' && { model: EMBEDDER }),
    ...(kind !== 'embed' && random() < 0.06 && { model: UNPRICED }),
    ...(random() < 0.5 && { maxOutputTokens: 10 + Math.floor(random() * 290) }),
    ...(random() < 0.05 && { deadlineMs: 20 + Math.floor(random() * 200) }),
    ...(json && { json }),
    ...(random() < 0.15 && { leave: leaveOf(kind, random) }),
  };
}

function leaveOf(kind: WorkCall['kind'], random: () => number): NonNullable<WorkCall['leave']> {
  if (kind === 'stream' && random() < 0.5) return { afterParts: 1 + Math.floor(random() * 5) };
  return { afterMs: Math.floor(random() * 250) };
}
