import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Price } from '../../../src/core/model.ts';
import { nanoUsd, priceFromUsdPerMTok } from '../../../src/core/money.ts';
import { costOf } from '../../../src/core/price.ts';
import { NO_USAGE } from '../../../src/core/usage.ts';
import { costOfAttempt, cutFor } from '../../../src/gateway/money/attempt-cost.ts';
import { measureInput } from '../../../src/routing/estimate-input-tokens.ts';
import { estimateCost } from '../../../src/routing/expected-cost.ts';
import { model } from '../../support/gateway.ts';

/** Twice as dear for long prompts, with a fee, at prices that do not divide evenly. */
function priceOf(usdIn: number, usdOut: number): Price {
  const tier = (fromInputTokens: number, factor: number) => ({
    fromInputTokens,
    inputPerMTok: priceFromUsdPerMTok(usdIn * factor),
    outputPerMTok: priceFromUsdPerMTok(usdOut * factor),
  });
  return { tiers: [tier(0, 1), tier(1_000, 2)], version: 'test', perRequest: nanoUsd(1_234) };
}

/** Down to a thousandth of a nano-dollar a token, where every rounding shows. */
const usd = fc
  .oneof(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 1, max: 80_000_000 }))
  .map((micro) => micro / 1e6);

test('no attempt costs more than its most, and none that was cut more than it was granted', () => {
  fc.assert(
    fc.property(
      fc.record({
        usdIn: usd,
        usdOut: usd,
        bytes: fc.integer({ min: 1, max: 1_500 }),
        extra: fc.integer({ min: 0, max: 900 }),
        outputMax: fc.option(fc.integer({ min: 1, max: 4_000 }), { nil: undefined }),
        choices: fc.integer({ min: 1, max: 8 }),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      ({ usdIn, usdOut, bytes, extra, outputMax, choices, share }) => {
        const info = model('one/m', { price: priceOf(usdIn, usdOut) });
        const size = measureInput({
          messages: [{ role: 'user', content: [{ type: 'text', text: 'x'.repeat(bytes) }] }],
        });
        const wanted = outputMax === undefined ? {} : { maxOutputTokens: outputMax };
        const candidate = {
          model: info,
          reason: 'test',
          ...estimateCost(info, { ...size, ...wanted, choices, tier: 'medium' }),
        };
        const cost = costOfAttempt(candidate, { extraInputTokens: extra, maxOutputTokens: outputMax });
        if (!cost || !info.price) throw new Error('it has a price');
        const { price } = info;
        const inputMost = (candidate.costBound?.inputTokensMax ?? 0) + extra;
        expect(inputMost).toBeGreaterThanOrEqual(bytes + extra);
        const bill = (output: number) =>
          costOf({ ...NO_USAGE, inputTokens: inputMost, outputTokens: output * choices }, price);
        expect(bill(outputMax ?? 4_000)).toBeLessThanOrEqual(cost.most);
        expect(cost.least).toBeLessThanOrEqual(cost.usual);
        expect(cost.usual).toBeLessThanOrEqual(cost.most);
        const granted = nanoUsd(cost.least + Math.floor((cost.most - cost.least) * share));
        const cut = cutFor(cost, granted);
        expect(bill(cut?.outputTokensMax ?? outputMax ?? 4_000)).toBeLessThanOrEqual(granted);
      },
    ),
    { numRuns: 2_000 },
  );
});
