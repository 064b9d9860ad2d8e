import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Price, PriceTier } from '../../src/core/model.ts';
import { addUsd, nanoUsd, nanoUsdFromUsd, priceFromUsdPerMTok, toUsd } from '../../src/core/money.ts';
import { affordableOutputTokens, costOf } from '../../src/core/price.ts';
import { NO_USAGE, type Usage } from '../../src/core/usage.ts';

function tier(fromInputTokens: number, input: number, output: number, more: Partial<PriceTier> = {}): PriceTier {
  const prices = { inputPerMTok: priceFromUsdPerMTok(input), outputPerMTok: priceFromUsdPerMTok(output) };
  return { fromInputTokens, ...prices, ...more };
}

function used(more: Partial<Usage>): Usage {
  return { ...NO_USAGE, source: 'reported', ...more };
}

describe('money', () => {
  it('is exact for decimals that binary fractions miss', () => {
    expect(nanoUsdFromUsd(0.1)).toBe(100_000_000);
    expect(nanoUsdFromUsd(0.000000001)).toBe(1);
    expect(nanoUsdFromUsd(1e-9)).toBe(1);
    expect(nanoUsdFromUsd(1.005)).toBe(1_005_000_000);
    expect(priceFromUsdPerMTok(0.0375)).toBe(37_500_000);
  });

  it('rounds half up below a nano-dollar', () => {
    expect(nanoUsdFromUsd(0.4e-9)).toBe(0);
    expect(nanoUsdFromUsd(0.5e-9)).toBe(1);
  });

  it.each([Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY, 2 ** 53])('refuses %s as an amount', (value) => {
    expect(() => nanoUsd(value)).toThrow(RangeError);
  });

  it('adds like whole numbers, in any order', () => {
    const amounts = fc.array(fc.integer({ min: 0, max: 1_000_000_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(amounts, (values) => {
        const exact = values.reduce((sum, value) => sum + BigInt(value), 0n);
        expect(BigInt(values.map(nanoUsd).reduce(addUsd, nanoUsd(0)))).toBe(exact);
        expect(toUsd(nanoUsd(Number(exact)))).toBe(Number(exact) / 1e9);
      }),
    );
  });
});

describe('the cost of an attempt', () => {
  it('prices every class of tokens once', () => {
    const cachePrices = { cachedInputPerMTok: priceFromUsdPerMTok(0.3), cacheWritePerMTok: priceFromUsdPerMTok(3.75) };
    const price: Price = { tiers: [tier(0, 3, 15, cachePrices)], version: 'test' };
    const usage = used({
      inputTokens: 1_000,
      cachedInputTokens: 2_000,
      cacheWriteTokens: 400,
      outputTokens: 500,
      reasoningTokens: 300,
    });
    // 0.003 + 0.0006 + 0.0015 + 0.0075: reasoning tokens are output tokens already.
    expect(costOf(usage, price)).toBe(12_600_000);
  });

  it('bills cached tokens as plain input where no cache price is known', () => {
    const price: Price = { tiers: [tier(0, 2, 10)], version: 'test' };
    expect(costOf(used({ cachedInputTokens: 1_000_000 }), price)).toBe(2_000_000_000);
  });

  it('takes the tier of all input tokens for every class', () => {
    const price: Price = { tiers: [tier(0, 1, 2), tier(200_000, 2, 4)], version: 'test' };
    expect(costOf(used({ inputTokens: 199_999 }), price)).toBe(199_999_000);
    expect(costOf(used({ inputTokens: 150_000, cachedInputTokens: 50_000, outputTokens: 10 }), price)).toBe(
      400_040_000,
    );
  });

  it('is the same whole number whether or not its terms leave the range of exact numbers', () => {
    const tokens = fc.oneof(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 0, max: 1e8 }));
    const perMTok = fc.oneof(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 1e11 }));
    fc.assert(
      fc.property(tokens, tokens, perMTok, perMTok, (inputTokens, outputTokens, inputPrice, outputPrice) => {
        const tier = { fromInputTokens: 0, inputPerMTok: inputPrice as never, outputPerMTok: outputPrice as never };
        const exact = BigInt(inputTokens) * BigInt(inputPrice) + BigInt(outputTokens) * BigInt(outputPrice);
        expect(costOf(used({ inputTokens, outputTokens }), { tiers: [tier], version: 'test' })).toBe(
          Number((exact + 500_000n) / 1_000_000n),
        );
      }),
    );
  });

  it('is rounded half up, once', () => {
    const price: Price = { tiers: [tier(0, 0.0005, 0.0005)], version: 'test' };
    // Half a nano-dollar a token.
    expect([1, 2, 3].map((inputTokens) => costOf(used({ inputTokens }), price))).toEqual([1, 1, 2]);
    expect(costOf(used({ inputTokens: 1, outputTokens: 1 }), price)).toBe(1);
  });
});

describe('what a limit affords', () => {
  const prices = fc.integer({ min: 1, max: 100_000 }).map((thousandths) => thousandths / 1_000);

  it('is the most output that stays within it', () => {
    const limits = fc.integer({ min: 0, max: 10_000_000_000 });
    fc.assert(
      fc.property(prices, prices, fc.nat({ max: 1_000_000 }), limits, (input, output, inputTokens, limit) => {
        const price: Price = { tiers: [tier(0, input, output)], version: 'test' };
        const cost = (outputTokens: number) => costOf(used({ inputTokens, outputTokens }), price);
        const tokens = affordableOutputTokens(price, inputTokens, nanoUsd(limit));
        if (cost(0) > limit) expect(tokens).toBe(0);
        else {
          expect(cost(tokens)).toBeLessThanOrEqual(limit);
          expect(cost(tokens + 2)).toBeGreaterThan(limit);
        }
      }),
    );
  });

  it('is everything where output costs nothing', () => {
    const price: Price = { tiers: [tier(0, 1, 0)], version: 'test' };
    expect(affordableOutputTokens(price, 10, nanoUsd(1_000_000))).toBe(Number.MAX_SAFE_INTEGER);
  });
});
