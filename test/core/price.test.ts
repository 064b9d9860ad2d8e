import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dearestPrice } from '../../src/core/dearest-price.ts';
import { EXTRA_PRICES, type Price, type PriceTier } from '../../src/core/model.ts';
import { addUsd, type NanoUsdPerMTok, nanoUsd, priceFromUsdPerMTok, ZERO_USD } from '../../src/core/money.ts';
import { costOf, costOfText, knownCostOf } from '../../src/core/price.ts';
import { NO_USAGE, SERVICE_MODES, type ServiceMode, totalInputTokens, type Usage } from '../../src/core/usage.ts';

const usd = priceFromUsdPerMTok;
const PRICE: Price = {
  tiers: [
    {
      fromInputTokens: 0,
      inputPerMTok: usd(1),
      outputPerMTok: usd(10),
      cachedInputPerMTok: usd(0.1),
      cacheWritePerMTok: usd(1.25),
      cacheWrite1hPerMTok: usd(2),
      reasoningPerMTok: usd(12),
      audioInputPerMTok: usd(32),
      cachedAudioInputPerMTok: usd(0.4),
      imageInputPerMTok: usd(5),
      cachedImageInputPerMTok: usd(0.5),
      audioOutputPerMTok: usd(64),
      imageOutputPerMTok: usd(30),
    },
  ],
  version: 'test',
  perRequest: nanoUsd(7),
  perWebSearch: nanoUsd(10_000_000),
  modePermille: { batch: 500, us: 1_100 },
};
const FEE = 7;

describe('the price of a class of tokens', () => {
  it.each<[Partial<Usage>, number]>([
    [{ inputTokens: 1_000 }, 1],
    [{ cachedInputTokens: 1_000 }, 0.1],
    [{ cacheWriteTokens: 1_000 }, 1.25],
    [{ cacheWriteTokens: 1_000, cacheWrite1hTokens: 1_000 }, 2],
    [{ cacheWriteTokens: 1_000, cacheWrite1hTokens: 400 }, 0.6 * 1.25 + 0.4 * 2],
    [{ outputTokens: 1_000 }, 10],
    [{ outputTokens: 1_000, reasoningTokens: 1_000 }, 12],
    [{ inputTokens: 1_000, audioInputTokens: 1_000 }, 32],
    [{ inputTokens: 1_000, imageInputTokens: 1_000 }, 5],
    [{ inputTokens: 1_000, imageInputTokens: 200, audioInputTokens: 300 }, 0.5 + 0.2 * 5 + 0.3 * 32],
    [{ cachedInputTokens: 1_000, cachedAudioInputTokens: 1_000 }, 0.4],
    [{ cachedInputTokens: 1_000, cachedImageInputTokens: 1_000 }, 0.5],
    [{ outputTokens: 1_000, audioOutputTokens: 1_000 }, 64],
    [{ outputTokens: 1_000, imageOutputTokens: 1_000 }, 30],
    [{ webSearches: 3 }, 30],
  ])('of %j is its own', (part, milliUsd) => {
    expect(costOf({ ...NO_USAGE, ...part }, PRICE)).toBe(Math.round(milliUsd * 1e6) + FEE);
  });

  it('is that of its kin where the vendor does not bill it apart', () => {
    const plain: Price = {
      tiers: [{ fromInputTokens: 0, inputPerMTok: usd(1), outputPerMTok: usd(10) }],
      version: 'test',
    };
    const all: Usage = {
      ...NO_USAGE,
      inputTokens: 900,
      audioInputTokens: 300,
      imageInputTokens: 300,
      cachedInputTokens: 100,
      cachedAudioInputTokens: 50,
      cacheWriteTokens: 100,
      cacheWrite1hTokens: 50,
      outputTokens: 100,
      reasoningTokens: 30,
      audioOutputTokens: 30,
      imageOutputTokens: 30,
      webSearches: 4,
    };
    expect(costOf(all, plain)).toBe(1_100 * 1_000 + 100 * 10_000);
    const withAudio: Price = { ...plain, tiers: [{ ...plain.tiers[0], audioInputPerMTok: usd(8) }] };
    // Sound that was cached costs like sound when nobody says that it costs less.
    expect(costOf({ ...NO_USAGE, cachedInputTokens: 10, cachedAudioInputTokens: 10 }, withAudio)).toBe(80_000);
  });
});

describe('another way of serving', () => {
  const usage = { ...NO_USAGE, inputTokens: 1_000, webSearches: 1 };

  it('multiplies the tokens, not the fees', () => {
    expect(costOf({ ...usage, modes: ['batch'] }, PRICE)).toBe(500_000 + 10_000_000 + FEE);
    expect(costOf({ ...usage, modes: ['batch', 'us'] }, PRICE)).toBe(550_000 + 10_000_000 + FEE);
  });

  it('is rounded once, after the last factor', () => {
    const cheap: Price = {
      tiers: [{ fromInputTokens: 0, inputPerMTok: usd(0.001), outputPerMTok: usd(0.001) }],
      version: 'test',
      modePermille: { batch: 500, us: 1_100 },
    };
    expect(costOf({ ...NO_USAGE, inputTokens: 1, modes: ['batch'] }, cheap)).toBe(1);
    expect(costOf({ ...NO_USAGE, inputTokens: 1, modes: ['batch', 'batch'] }, cheap)).toBe(0);
    expect(costOf({ ...NO_USAGE, inputTokens: 2, modes: ['batch', 'batch'] }, cheap)).toBe(1);
  });

  it('has a price only when that is known', () => {
    const knownCost = (modes: Usage['modes'], price = PRICE) =>
      knownCostOf({ ...NO_USAGE, inputTokens: 1, ...(modes && { modes }) }, price);
    expect(knownCost(undefined)).toBe(1_007);
    expect(knownCost(['batch', 'us'])).toBe(557);
    expect(knownCost(['batch', 'priority'])).toBeUndefined();
    const { modePermille: _none, ...plain } = PRICE;
    expect(knownCost(['flex'], plain)).toBeUndefined();
  });
});

const perMTok = fc.integer({ min: 0, max: 2e11 }) as fc.Arbitrary<NanoUsdPerMTok>;
const tierPrices = fc.record(
  { inputPerMTok: perMTok, outputPerMTok: perMTok, ...Object.fromEntries(EXTRA_PRICES.map((name) => [name, perMTok])) },
  { requiredKeys: ['inputPerMTok', 'outputPerMTok'] },
);
const prices = fc
  .tuple(
    fc.array(fc.tuple(fc.integer({ min: 1, max: 500_000 }), tierPrices), { maxLength: 3 }),
    tierPrices,
    fc.record({ perRequest: fc.integer({ min: 0, max: 1e9 }).map(nanoUsd) }, { requiredKeys: [] }),
    fc.dictionary(fc.constantFrom<string>(...SERVICE_MODES), fc.integer({ min: 0, max: 5_000 })),
  )
  .map(([longer, first, fees, modePermille]): Price => {
    const starts = new Map(longer);
    const tiers = [...starts].sort(([left], [right]) => left - right);
    return {
      tiers: [
        { fromInputTokens: 0, ...first },
        ...tiers.map(([fromInputTokens, tier]) => ({ fromInputTokens, ...tier })),
      ],
      version: 'test',
      modePermille,
      ...fees,
    };
  });

/** Parts that never exceed the class they are a part of. */
const usages = fc
  .record({
    whole: fc.array(fc.integer({ min: 0, max: 400_000 }), { minLength: 4, maxLength: 4 }),
    shares: fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 8, maxLength: 8 }),
    modes: fc.subarray<ServiceMode>([...SERVICE_MODES]),
  })
  .map(({ whole: [input = 0, cached = 0, written = 0, output = 0], shares, modes }): Usage => {
    const part = (whole: number, index: number) => Math.floor((whole * (shares[index] ?? 0)) / 1_000);
    return {
      source: 'reported',
      inputTokens: input,
      audioInputTokens: part(input, 0),
      imageInputTokens: part(input, 1),
      cachedInputTokens: cached,
      cachedAudioInputTokens: part(cached, 2),
      cachedImageInputTokens: part(cached, 3),
      cacheWriteTokens: written,
      cacheWrite1hTokens: part(written, 4),
      outputTokens: output,
      reasoningTokens: part(output, 5),
      audioOutputTokens: part(output, 6),
      imageOutputTokens: part(output, 7),
      ...(modes.length > 0 && { modes }),
    };
  });

/** The same rule once more, in big integers and without any shortcut. */
function exactCost(usage: Usage, price: Price): bigint {
  const tier = price.tiers.findLast(({ fromInputTokens }) => totalInputTokens(usage) >= fromInputTokens) as PriceTier;
  const { inputPerMTok, outputPerMTok } = tier;
  const rows: readonly (readonly [number | undefined, number | undefined, number])[] = [
    [usage.audioInputTokens, tier.audioInputPerMTok, inputPerMTok],
    [usage.imageInputTokens, tier.imageInputPerMTok, inputPerMTok],
    [
      usage.cachedAudioInputTokens,
      tier.cachedAudioInputPerMTok ?? tier.audioInputPerMTok,
      tier.cachedInputPerMTok ?? inputPerMTok,
    ],
    [
      usage.cachedImageInputTokens,
      tier.cachedImageInputPerMTok ?? tier.imageInputPerMTok,
      tier.cachedInputPerMTok ?? inputPerMTok,
    ],
    [usage.cacheWrite1hTokens, tier.cacheWrite1hPerMTok, tier.cacheWritePerMTok ?? inputPerMTok],
    [usage.reasoningTokens, tier.reasoningPerMTok, outputPerMTok],
    [usage.audioOutputTokens, tier.audioOutputPerMTok, outputPerMTok],
    [usage.imageOutputTokens, tier.imageOutputPerMTok, outputPerMTok],
  ];
  const parts = rows.map(([tokens = 0]) => BigInt(tokens));
  const [audio = 0n, image = 0n, cachedAudio = 0n, cachedImage = 0n, hour = 0n, ...outputs] = parts;
  let scaled = rows.reduce((sum, [tokens = 0, own, kin]) => sum + BigInt(tokens) * BigInt(own ?? kin), 0n);
  scaled += (BigInt(usage.inputTokens) - audio - image) * BigInt(inputPerMTok);
  scaled +=
    (BigInt(usage.cachedInputTokens) - cachedAudio - cachedImage) * BigInt(tier.cachedInputPerMTok ?? inputPerMTok);
  scaled += (BigInt(usage.cacheWriteTokens) - hour) * BigInt(tier.cacheWritePerMTok ?? inputPerMTok);
  scaled += (BigInt(usage.outputTokens) - outputs.reduce((sum, tokens) => sum + tokens, 0n)) * BigInt(outputPerMTok);
  let divisor = 1_000_000n;
  for (const mode of usage.modes ?? []) {
    scaled *= BigInt(price.modePermille?.[mode] ?? 1_000);
    divisor *= 1_000n;
  }
  return (2n * scaled + divisor) / (2n * divisor) + BigInt(price.perRequest ?? 0);
}

describe('for any price and any usage', () => {
  const safe = (usage: Usage, price: Price) => exactCost(usage, price) <= BigInt(Number.MAX_SAFE_INTEGER);

  it('the cost is the exact one, rounded half up once', () => {
    fc.assert(
      fc.property(usages, prices, (usage, price) => {
        fc.pre(safe(usage, price));
        expect(BigInt(costOf(usage, price))).toBe(exactCost(usage, price));
      }),
      { numRuns: 2_000 },
    );
  });

  it('plain text costs what its usage does', () => {
    fc.assert(
      fc.property(usages, prices, ({ inputTokens, outputTokens }, price) => {
        const usage = { ...NO_USAGE, inputTokens, outputTokens };
        fc.pre(safe(usage, price));
        expect(costOfText(inputTokens, outputTokens, price)).toBe(costOf(usage, price));
      }),
    );
  });

  it('the dearest price is never below the cost, whatever the classes are, nor falls with a longer prompt', () => {
    const traits = { hasImages: true, keepsForAnHour: true };
    fc.assert(
      fc.property(usages, prices, fc.integer({ min: 0, max: 10_000 }), (usage, price, more) => {
        const { modes: _modes, audioInputTokens: _sound, cachedAudioInputTokens: _cached, ...sent } = usage;
        fc.pre(safe(sent, price));
        const dearest = dearestPrice(price, traits);
        const { outputTokens } = usage;
        const inputTokens = totalInputTokens(usage);
        const bound = costOf({ ...NO_USAGE, inputTokens, outputTokens }, dearest);
        expect(costOf(sent, price)).toBeLessThanOrEqual(bound);
        expect(costOf({ ...NO_USAGE, inputTokens: inputTokens + more, outputTokens }, dearest)).toBeGreaterThanOrEqual(
          bound,
        );
        expect(dearestPrice(price, traits)).toBe(dearest);
      }),
      { numRuns: 2_000 },
    );
  });

  it('a million costs add up to what big integers say', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (seed) => {
        let state = seed;
        let sum = ZERO_USD;
        let exact = 0n;
        for (let count = 0; count < 1_000_000; count += 1) {
          state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
          const usage = {
            ...NO_USAGE,
            inputTokens: state % 9_973,
            outputTokens: state % 1_009,
            reasoningTokens: state % 101,
          };
          usage.reasoningTokens = Math.min(usage.reasoningTokens, usage.outputTokens);
          const cost = costOf(usage, PRICE);
          sum = addUsd(sum, cost);
          exact += BigInt(cost);
        }
        expect(BigInt(sum)).toBe(exact);
      }),
      { numRuns: 2 },
    );
  });
});
