import type { MatchLogic, ModelPrice } from '@pydantic/genai-prices';
import { describe, expect, it } from 'vitest';
import { findVendorEntry, PRICE_DATA_VERSION, type PriceData } from '../../src/catalog/vendor-prices.ts';
import { nanoUsdFromUsd, priceFromUsdPerMTok } from '../../src/core/money.ts';

const usd = priceFromUsdPerMTok;
const SOUND = { input_mtok: 1, output_mtok: 2 };

/** What is said of a model by data that has this one row. */
function entryOf(row: {
  readonly prices?: ModelPrice;
  readonly window?: number;
  readonly match?: MatchLogic;
  readonly name?: string;
}) {
  const { prices = SOUND, window, match = { equals: 'nova' }, name = 'nova' } = row;
  const found = {
    model: { id: 'nova', match, prices, ...(window && { context_window: window }) },
    model_price: prices,
  };
  const data = { calcPrice: () => found } as unknown as PriceData;
  return findVendorEntry(data, 'vendor', { name, atMs: 0 });
}

describe('a price of the data', () => {
  it.each<[string, ModelPrice]>([
    ['is below nothing', { ...SOUND, input_mtok: -1 }],
    ['is no number', { ...SOUND, output_mtok: Number.NaN }],
    ['has no end', { ...SOUND, output_mtok: Number.POSITIVE_INFINITY }],
    ['is below nothing for long prompts', { ...SOUND, input_mtok: { base: 1, tiers: [{ start: 9, price: -1 }] } }],
    ['is no number for short prompts', { ...SOUND, input_mtok: { base: Number.NaN, tiers: [] } }],
    ['is below nothing for what was cached', { ...SOUND, cache_read_mtok: -0.1 }],
    ['is below nothing for a request', { ...SOUND, requests_kcount: -1 }],
    ['lacks what comes out', { input_mtok: 1, cache_read_mtok: 0.1 }],
    ['lacks what goes in', { output_mtok: 1 }],
    ['is empty', {}],
  ])('that %s is none, and the window is known all the same', (_what, prices) => {
    expect(entryOf({ prices, window: 9_000 })).toEqual({ contextTokens: 9_000 });
  });

  it('has nothing out where a model only embeds', () => {
    expect(entryOf({ prices: { input_mtok: 1 } })?.price?.tiers[0]).toEqual({
      fromInputTokens: 0,
      inputPerMTok: usd(1),
      outputPerMTok: 0,
    });
  });

  it('has a tier from each length at which one of its parts changes, and fees for one instead of a thousand', () => {
    const prices = {
      input_mtok: { base: 1, tiers: [{ start: 200, price: 3 }] },
      output_mtok: {
        base: 2,
        tiers: [
          { start: 100, price: 4 },
          { start: 200, price: 5 },
        ],
      },
      requests_kcount: 5,
      web_searches_kcount: 10,
    };
    const tier = (fromInputTokens: number, input: number, output: number) => ({
      fromInputTokens,
      inputPerMTok: usd(input),
      outputPerMTok: usd(output),
    });
    expect(entryOf({ prices })?.price).toEqual({
      tiers: [tier(0, 1, 2), tier(101, 1, 4), tier(201, 3, 5)],
      version: PRICE_DATA_VERSION,
      perRequest: nanoUsdFromUsd(0.005),
      perWebSearch: nanoUsdFromUsd(0.01),
    });
  });
});

it('a window of the data that is none is not taken', () => {
  expect(entryOf({ window: -1 })).not.toHaveProperty('contextTokens');
});

describe('a row of the data', () => {
  const NAMES = ['nova', 'Nova-2026-01-02', 'nova-2', 'super-nova'];
  it.each<[string, MatchLogic, readonly string[]]>([
    ['of one name', { equals: 'NOVA' }, ['nova', 'Nova-2026-01-02']],
    ['of a beginning', { starts_with: 'nova-' }, ['nova', 'Nova-2026-01-02']],
    ['of a part', { contains: 'nova' }, ['nova', 'Nova-2026-01-02']],
    ['of an end', { ends_with: 'nova' }, ['nova', 'Nova-2026-01-02']],
    ['of a pattern', { regex: '^nova-[0-9]{4}' }, ['Nova-2026-01-02']],
    ['of several', { or: [{ equals: 'super-nova' }, { equals: 'nova' }] }, ['nova', 'Nova-2026-01-02', 'super-nova']],
    ['of all at once', { and: [{ starts_with: 'nova' }, { regex: 'x' }] }, ['nova', 'Nova-2026-01-02']],
  ])('%s is of a model and of its dated names, of no newer one', (_what, match, known) => {
    expect(NAMES.filter((name) => entryOf({ match, name }) !== undefined)).toEqual(known);
  });
});
