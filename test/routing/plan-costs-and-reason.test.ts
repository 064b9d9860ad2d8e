import { describe, expect, it } from 'vitest';
import { nanoUsd } from '../../src/core/money.ts';
import { costOf } from '../../src/core/price.ts';
import { NO_USAGE } from '../../src/core/usage.ts';
import { OUTPUT_TOKENS_EXPECTED } from '../../src/routing/expected-cost.ts';
import { requestOf, tableOf } from '../support/catalog.ts';
import { MEDIUM, models, plan } from './plan-fixture.ts';

describe('the costs of a candidate', () => {
  it('are expected by the tier and bounded by the requested output and by the bytes of the prompt', () => {
    const chosen = plan(requestOf(MEDIUM, { model: 'cheap/fast' }, { maxOutputTokens: 2_000 }));
    const inputTokens = chosen.inputTokensEstimated;
    const price = models.find(({ ref }) => ref === 'cheap/fast')?.price;
    if (!price) throw new Error('cheap/fast has a price');
    const cost = (tokens: number, outputTokens: number) =>
      costOf({ ...NO_USAGE, inputTokens: tokens, outputTokens }, price);
    const { costExpected, costMax, costBound } = chosen.candidates[0] ?? {};
    expect(costExpected).toBe(cost(inputTokens, OUTPUT_TOKENS_EXPECTED.medium));
    expect(costBound).toMatchObject({ outputTokensMax: 2_000, outputTokensUseful: OUTPUT_TOKENS_EXPECTED.medium });
    expect(costBound?.inputTokensMax).toBeGreaterThanOrEqual(MEDIUM.length);
    expect(costMax).toBe(cost(costBound?.inputTokensMax ?? 0, 2_000));
  });

  it('are bounded by what the model can write, or by its window', () => {
    const answer = (model: string) => plan(requestOf('Hi', { model })).candidates[0]?.costBound?.outputTokensMax;
    expect(answer('strong/opus')).toBe(8_000);
    expect(answer('strong/haiku')).toBe(200_000);
  });

  it('are absent when the price is unknown', () => {
    const [candidate] = plan(requestOf('Hi', { model: 'cheap/mystery' })).candidates;
    expect(candidate?.model.ref).toBe('cheap/mystery');
    expect([candidate?.costExpected, candidate?.costMax]).toEqual([undefined, undefined]);
  });
});

describe('the reason', () => {
  it.each([
    [
      requestOf(MEDIUM),
      'Complexity puts the request in tier medium (task "explain", the word "how"); cheap/fast is the first in the order written.',
    ],
    [
      requestOf('Hi'),
      'Complexity puts the request in tier trivial (small talk); local/tiny is the first in the order written.',
    ],
    [
      requestOf('What are your hours?'),
      'Complexity puts the request in tier simple (nothing hard in it); local/tiny is the first in the order written.',
    ],
    [
      requestOf(MEDIUM, { strategy: 'cost' }),
      'Complexity puts the request in tier medium (task "explain", the word "how"); cheap/other has the lowest expected cost.',
    ],
    [
      requestOf(MEDIUM, { tier: 'expert' }),
      'The caller asked for tier expert; strong/opus is the first in the order written.',
    ],
    [
      requestOf(MEDIUM, { task: 'code' }),
      'The caller asked for task code; strong/opus is the first in the order written.',
    ],
    [
      requestOf(MEDIUM, { provider: 'cheap' }),
      'The caller named provider cheap, whose models are taken nearest to tier medium; cheap/fast is the first in the order written.',
    ],
    [
      requestOf('Hi', { costMax: nanoUsd(1), model: 'cheap/fast' }),
      'The caller named cheap/fast, but it cannot take the request now.',
    ],
    [
      requestOf('Hi', { costMax: nanoUsd(1), provider: 'cheap' }),
      'The caller named provider cheap, whose models are taken nearest to tier trivial, but none of 3 models can take the request now.',
    ],
  ])('is one sentence', (request, sentence) => {
    expect(plan(request).reason).toBe(sentence);
  });

  it('says so where no model is listed', () => {
    const { reason } = plan(requestOf('Hi', { tier: 'expert' }), { table: tableOf() });
    expect(reason).toBe('The caller asked for tier expert, but no model is listed for it.');
  });
});
