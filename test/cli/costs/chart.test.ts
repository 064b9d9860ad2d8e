import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { renderBar, renderChart } from '../../../src/cli/costs/chart.ts';
import { timeBars, timeUnitOf } from '../../../src/cli/costs/time-bars.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const linesOf = (bars: Parameters<typeof renderChart>[0]) => stripVTControlCharacters(renderChart(bars)).split('\n');

beforeEach(() => vi.stubEnv('COLUMNS', '40'));
afterEach(() => vi.unstubAllEnvs());

describe('the chart of costs', () => {
  it('draws each stretch as high as its share of the dearest, with the first and the last one named', () => {
    const bars = [1, 0, 4, 0.01, 2].map((usd, index) => ({ label: `11-2${index}`, usd }));
    expect(linesOf(bars)).toEqual([
      '$4.00 │        ███',
      '      │        ███',
      '      │        ███     ▄▄▄',
      '      │▂▂▂     ███     ███',
      '      │███     ███ ▁▁▁ ███',
      '   $0 └───────────────────',
      '       11-20         11-24',
    ]);
  });

  it('never is wider than the terminal, whatever it shows, and shows everything that was spent', () => {
    const usd = fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 90_000, noNaN: true }), fc.constant(-3));
    fc.assert(
      fc.property(
        fc.integer({ min: 24, max: 200 }),
        fc.array(usd, { minLength: 1, maxLength: 400 }),
        (columns, all) => {
          vi.stubEnv('COLUMNS', String(columns));
          const lines = linesOf(all.map((value) => ({ label: '11-30', usd: value })));
          for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
          const hasSpent = all.some((value) => value > 0);
          expect(/[▁-█]/.test(lines.join(''))).toBe(hasSpent && lines.length > 1);
          if (all.every((value) => value >= 0)) expect(lines.length > 1).toBe(hasSpent);
        },
      ),
    );
  });

  it('adds up neighbours where the terminal has no room for all', () => {
    const bars = Array.from({ length: 60 }, (_, index) => ({ label: '', usd: index < 3 ? 1 : 0 }));
    expect(linesOf(bars)[0]).toBe('$3.00 │█');
  });

  it('has nothing to draw where nothing was spent', () => {
    expect(renderChart([{ label: 'a', usd: 0 }])).toBe('');
    expect(renderChart([])).toBe('');
  });
});

it.each([
  [0, ''],
  [-1, ''],
  [0.0001, '▏'],
  [0.5, '█████'],
  [0.56, '█████▋'],
  [1, '██████████'],
  [7, '██████████'],
])('a share of %d is %j in ten characters', (share, bar) => {
  expect(renderBar(share, 10)).toBe(bar);
});

describe('the time of a chart', () => {
  const startMs = Date.UTC(2026, 10, 29, 22, 30);

  it('is of hours up to two days, and of days beyond', () => {
    expect(timeUnitOf({ fromMs: startMs, toMs: startMs + 2 * DAY_MS })).toBe('hour');
    expect(timeUnitOf({ fromMs: startMs, toMs: startMs + 2 * DAY_MS + 1 })).toBe('day');
  });

  it('has a bar for every hour that the span touches, also for those without a cost', () => {
    const bars = timeBars('hour', { fromMs: startMs, toMs: startMs + 2 * HOUR_MS }, [
      { key: '2026-11-29T23:00Z', cost_usd: 5 },
    ]);
    expect(bars).toEqual([
      { label: '22:00', usd: 0 },
      { label: '23:00', usd: 5 },
      { label: '00:00', usd: 0 },
    ]);
  });

  it('begins with the first cost when the span has no beginning', () => {
    const groups = [
      { key: '2026-11-27', cost_usd: 1 },
      { key: '2026-11-29', cost_usd: 2 },
    ];
    const bars = timeBars('day', { fromMs: 0, toMs: startMs }, groups);
    expect(bars.map(({ label, usd }) => `${label} ${usd}`)).toEqual(['11-27 1', '11-28 0', '11-29 2']);
    expect(timeBars('day', { fromMs: 0, toMs: startMs }, [])).toHaveLength(1);
    expect(timeBars('day', { fromMs: 1, toMs: startMs }, groups).reduce((sum, { usd }) => sum + usd, 0)).toBe(3);
  });
});
