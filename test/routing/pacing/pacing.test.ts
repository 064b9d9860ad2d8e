import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideSide } from '../../../src/routing/pacing/decide-side.ts';
import { addEvent, PACING_START, type PacingState } from '../../../src/routing/pacing/pacing-state.ts';
import { readPacingState } from '../../../src/routing/pacing/read-pacing-state.ts';

const WINDOW = 200;

/** Which of these scores go strong, one after the other, and the state after them. */
function pace(scores: readonly number[], shareMax: number, from = PACING_START) {
  let state = from;
  const strong = scores.map((score) => {
    const { side } = decideSide(state, score, shareMax);
    state = addEvent(state, { type: 'decided', score, side, shareMax });
    return side === 'strong';
  });
  return { strong, state };
}

const count = (strong: readonly boolean[]) => strong.filter(Boolean).length;

/** How far the share of any window is off, at worst. */
function worstWindow(strong: readonly boolean[], shareMax: number): number {
  const shares = strong.slice(WINDOW - 1).map((_, at) => count(strong.slice(at, at + WINDOW)) / WINDOW);
  return Math.max(...shares.map((share) => Math.abs(share - shareMax)));
}

const score = fc.double({ min: 0, max: 1, noNaN: true });
const shareMax = fc.double({ min: 0, max: 1, noNaN: true });
/** Traffic that changes its kind: each block has scores of a range of its own, many of them a single one. */
const blocks = fc
  .array(
    fc.record({ low: score, spread: fc.constantFrom(0, 0.02, 0.3, 1), length: fc.integer({ min: 1, max: 300 }) }),
    { minLength: 1, maxLength: 6 },
  )
  .chain((parts) =>
    fc.tuple(
      ...parts.map(({ low, spread, length }) =>
        fc
          .array(score, { minLength: length, maxLength: length })
          .map((places) => places.map((place) => Math.min(1, low + spread * place))),
      ),
    ),
  )
  .map((parts) => parts.flat());

describe('the share of strong requests', () => {
  it('is never off by more than 6 points in any 200 requests, whatever the scores and in whatever order', () => {
    fc.assert(
      fc.property(blocks, shareMax, (scores, share) => {
        fc.pre(scores.length >= WINDOW);
        expect(worstWindow(pace(scores, share).strong, share)).toBeLessThanOrEqual(0.06);
      }),
      { numRuns: 60 },
    );
  });

  it('is never used up by more than the first few requests', () => {
    fc.assert(
      fc.property(fc.array(score, { minLength: 1, maxLength: 40 }), shareMax, (scores, share) => {
        const { strong } = pace(scores, share);
        for (let seen = 1; seen <= scores.length; seen += 1) {
          expect(count(strong.slice(0, seen))).toBeLessThanOrEqual(share * seen + 1 + seen / 20 + 1e-9);
        }
      }),
    );
  });

  it('starves nobody: where strong requests are allowed, one comes before seven are owed', () => {
    fc.assert(
      fc.property(blocks, fc.double({ min: 0.05, max: 1, noNaN: true }), (scores, share) => {
        const { strong } = pace(scores, share);
        expect(count(strong)).toBeGreaterThanOrEqual(Math.floor(share * scores.length - 6 - 1e-9));
      }),
      { numRuns: 60 },
    );
  });

  it('of 0 is nobody, and of 1 is everybody', () => {
    fc.assert(
      fc.property(blocks, (scores) => {
        expect(count(pace(scores, 0).strong)).toBe(0);
        expect(count(pace(scores, 1).strong)).toBe(scores.length);
      }),
      { numRuns: 30 },
    );
  });

  it('goes to the harder requests, as soon as the first one', () => {
    expect(decideSide(PACING_START, 0.9, 0.3)).toMatchObject({ side: 'strong', by: 'threshold', threshold: 0.7 });
    expect(decideSide(PACING_START, 0.5, 0.3)).toMatchObject({ side: 'cheap', by: 'threshold' });
    const random = lcg(1);
    const scores = Array.from({ length: 2_000 }, random);
    const { strong } = pace(scores, 0.3);
    const mean = (want: boolean) => {
      const some = scores.filter((_, at) => strong[at] === want);
      return some.reduce((sum, value) => sum + value, 0) / some.length;
    };
    // A quantile known before would have 0.85 and 0.35.
    expect(mean(true)).toBeGreaterThan(0.82);
    expect(mean(false)).toBeLessThan(0.37);
  });

  it('has a threshold that follows the traffic', () => {
    const random = lcg(2);
    const easy = pace(
      Array.from({ length: 1_500 }, () => random() / 2),
      0.3,
    );
    expect(decideSide(easy.state, 0.4, 0.3)).toMatchObject({ side: 'strong', by: 'threshold' });
    expect(decideSide(easy.state, 0.4, 0.3).threshold).toBeCloseTo(0.35, 1);
  });
});

describe('what became of a decision', () => {
  const decided = { type: 'decided', score: 0.8, side: 'strong', shareMax: 0.3 } as const;

  it('leaves no trace when it came to nothing', () => {
    fc.assert(
      fc.property(fc.array(score, { maxLength: 50 }), (scores) => {
        const { state } = pace(scores, 0.3);
        const after = [decided, { ...decided, type: 'withdrawn' } as const].reduce<PacingState>(addEvent, state);
        expect(after.credit).toBeCloseTo(state.credit, 9);
        expect({ ...after, credit: 0 }).toEqual({ ...state, credit: 0 });
      }),
    );
  });

  it('is counted by who answered: an escalation is paid back, a fallback to a cheap model is not lost', () => {
    const escalated = [
      { ...decided, side: 'cheap' } as const,
      { type: 'answered', decided: 'cheap', answered: 'strong' } as const,
    ];
    expect(escalated.reduce<PacingState>(addEvent, PACING_START).credit).toBeCloseTo(-0.7, 9);
    const fellBack = [decided, { type: 'answered', decided: 'strong', answered: 'cheap' } as const];
    const { credit, recent } = fellBack.reduce<PacingState>(addEvent, PACING_START);
    expect(credit).toBeCloseTo(0.3, 9);
    expect(recent).toEqual({ requests: 1, strong: 0 });
  });

  it('makes no burst: after a long time without a strong model the next 200 are 6 points above the share at most', () => {
    let state = PACING_START;
    for (let request = 0; request < 500; request += 1) {
      const { side } = decideSide(state, 0.5, 0.3);
      state = addEvent(state, { type: 'decided', score: 0.5, side, shareMax: 0.3 });
      if (side === 'strong') state = addEvent(state, { type: 'answered', decided: 'strong', answered: 'cheap' });
    }
    const { strong } = pace(Array.from({ length: WINDOW }, lcg(3)), 0.3, state);
    expect(count(strong) / WINDOW).toBeLessThanOrEqual(0.3 + 0.1);
  });

  it('is the same when it is stored between, and events of two processes add up in any order', () => {
    fc.assert(
      fc.property(fc.array(score, { minLength: 2, maxLength: 60 }), (scores) => {
        const events = scores.map(
          (value) => ({ ...decided, score: value, side: value > 0.7 ? 'strong' : 'cheap' }) as const,
        );
        const whole = events.reduce<PacingState>(addEvent, PACING_START);
        const half = events.slice(0, scores.length / 2).reduce<PacingState>(addEvent, PACING_START);
        const restored = readPacingState(JSON.parse(JSON.stringify(half)));
        expect(events.slice(scores.length / 2).reduce<PacingState>(addEvent, restored)).toEqual(whole);
        const other = events.toReversed().reduce<PacingState>(addEvent, PACING_START);
        expect(other.credit).toBeCloseTo(whole.credit, 6);
        expect(other.counts).toEqual(whole.counts);
      }),
    );
  });

  it.each([
    [undefined],
    [{}],
    [{ ...PACING_START, counts: [1, 2] }],
    [{ ...PACING_START, counts: PACING_START.counts.map(() => 0) }],
    [{ ...PACING_START, credit: 'much' }],
    [{ ...PACING_START, credit: Number.POSITIVE_INFINITY }],
    [{ ...PACING_START, seen: Number.POSITIVE_INFINITY }],
    [{ ...PACING_START, costs: {} }],
    [{ ...PACING_START, recent: { requests: -1, strong: 0 } }],
  ])('begins anew where what was stored is none: %j', (stored) => {
    expect(readPacingState(stored as Parameters<typeof readPacingState>[0])).toEqual(PACING_START);
  });
});

function lcg(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
