import { describe, expect, it } from 'vitest';
import { extractFeatures } from '../../../src/routing/complexity/extract-features.ts';
import { readSite, writeSite } from '../../../src/routing/learning/site-file.ts';
import { learn, newSite, type SiteModel, siteShift, trustOf } from '../../../src/routing/learning/site-model.ts';

const PLANTS = ['roses', 'tulips', 'ferns', 'herbs', 'moss', 'ivy', 'lilies', 'cacti', 'orchids', 'bamboo'];
const garden = (plant: string) => `In the garden, how do ${plant} grow near a wall?`;
const harbour = (thing: string) => `In the harbour, how are ${thing} shipped near a wall?`;
const DAY_MS = 86_400_000;
const START_MS = 1_800_000_000_000;

const features = (prompt: string) => extractFeatures(prompt);
const shiftOf = (site: SiteModel, prompt: string) => siteShift(site, features(prompt));

function teach(site: SiteModel, prompt: string, failure: number, nowMs = START_MS): SiteModel {
  return learn(site, { features: features(prompt), failure, weight: 1, source: 'verification' }, nowMs);
}

/** The cheap model fails in the harbour. */
function taught(rounds = 3): SiteModel {
  let site = newSite();
  for (let round = 0; round < rounds; round += 1) {
    for (const plant of PLANTS) site = teach(teach(site, garden(plant), 0), harbour(plant), 1);
  }
  return site;
}

describe('a site that has learnt nothing', () => {
  it('scores as the shipped model does', () => {
    expect(shiftOf(newSite(), garden('roses'))).toBe(0);
  });

  it.each([
    ['a failure that is no number', { failure: Number.NaN, weight: 1 }],
    ['a failure out of range', { failure: 2, weight: 1 }],
    ['no weight', { failure: 1, weight: 0 }],
    ['a weight that is no number', { failure: 1, weight: Number.NaN }],
  ])('learns nothing from %s', (_what, { failure, weight }) => {
    const site = newSite();
    expect(learn(site, { features: features('x'), failure, weight, source: 'feedback' }, 0)).toBe(site);
  });
});

describe('a site that was taught', () => {
  it('moves prompts like those that failed up, and like those that went well down', () => {
    const site = taught();
    expect(shiftOf(site, harbour('boats'))).toBeGreaterThan(0);
    expect(shiftOf(site, garden('trees'))).toBeLessThan(0);
    expect(trustOf(site)).toBeGreaterThan(0.5);
  });

  it('leaves the site before as it was', () => {
    const before = taught(1);
    const copy = structuredClone(before);
    teach(before, harbour('boats'), 0);
    expect(before).toEqual(copy);
  });

  it('learns less from an answer that only had the wrong form', () => {
    const by = (source: 'verification' | 'fallback') =>
      learn(newSite(), { features: features(harbour('boats')), failure: 1, weight: 1, source }, START_MS);
    const [checked, unfit] = [by('verification'), by('fallback')].map((site) =>
      Math.abs(shiftOf(site, harbour('ships'))),
    );
    expect(unfit).toBeGreaterThan(0);
    expect(unfit).toBeLessThan(checked as number);
  });

  it('does not move everything when only failures are reported', () => {
    let site = newSite();
    for (let round = 0; round < 10; round += 1) for (const plant of PLANTS) site = teach(site, harbour(plant), 1);
    expect(Math.abs(shiftOf(site, 'Who wrote Hamlet?'))).toBeLessThan(shiftOf(site, harbour('boats')) + 0.2);
    expect(Math.abs(shiftOf(site, 'Who wrote Hamlet?'))).toBeLessThan(0.5);
  });

  it('loses trust when its predictions turn out wrong, and follows in the end', () => {
    let site = taught();
    const before = trustOf(site);
    for (const plant of PLANTS) site = teach(teach(site, garden(plant), 1), harbour(plant), 0);
    expect(trustOf(site)).toBeLessThan(before);
    for (let round = 0; round < 12; round += 1) {
      for (const plant of PLANTS) site = teach(teach(site, garden(plant), 1), harbour(plant), 0);
    }
    expect(shiftOf(site, harbour('boats'))).toBeLessThan(shiftOf(site, garden('trees')));
  });

  it('forgets with time, and not when the clock goes back', () => {
    const site = taught();
    const later = teach(site, 'Who wrote Hamlet?', 0, START_MS + 600 * DAY_MS);
    const earlier = teach(site, 'Who wrote Hamlet?', 0, START_MS - 600 * DAY_MS);
    expect(Math.abs(shiftOf(later, harbour('boats')))).toBeLessThan(Math.abs(shiftOf(site, harbour('boats'))) / 10);
    expect(shiftOf(earlier, harbour('boats'))).toBeGreaterThan(shiftOf(site, harbour('boats')) / 2);
  });

  it('stays finite whatever it reads', () => {
    let site = taught();
    for (const prompt of ['', '港はどこですか', 'tide '.repeat(20_000), '\u0000\uD800']) {
      for (let round = 0; round < 50; round += 1) site = teach(site, prompt, round % 2, Number.MAX_SAFE_INTEGER);
      expect(shiftOf(site, prompt)).toSatisfy(Number.isFinite);
    }
  });
});

describe('the stored form of a site', () => {
  it('comes back as it was, through JSON, in at most 64 KB', () => {
    const site = taught();
    const text = JSON.stringify(writeSite(site));
    expect(readSite(JSON.parse(text))).toEqual(site);
    expect(text.length).toBeLessThanOrEqual(64 * 1024);
  });

  it.each([
    ['nothing', () => undefined],
    ['another version', (stored: object) => ({ ...stored, version: 999 })],
    ['weights of another size', (stored: object) => ({ ...stored, means: 'AAAA' })],
    ['weights that are no numbers', (stored: object) => ({ ...stored, precisions: undefined })],
    ['no line', (stored: object) => ({ ...stored, line: null })],
    ['a time that no calendar has', (stored: object) => ({ ...stored, learntAtMs: 1e300 })],
    ['a count that is text', (stored: object) => ({ ...stored, labels: '7' })],
  ])('is the shipped model when it is damaged: %s', (_what, damage) => {
    const stored = damage(writeSite(taught(1)));
    expect(readSite(stored as Parameters<typeof readSite>[0])).toEqual(newSite());
  });
});
