import { describe, expect, it } from 'vitest';
import { TextMeter } from '../../src/resilience/attempt-trace.ts';
import { estimateTextTokens } from '../../src/routing/estimate-tokens.ts';

const WORDS = 'The books are kept in whole nano-dollars, and an unknown price stays unknown. ';

describe('the meter of a text that comes in pieces', () => {
  const meterOf = (text: string, pieceChars: number) => {
    const read: number[] = [];
    const meter = new TextMeter({
      inputTokens: 1,
      outputTokens(part) {
        read.push(part.length);
        return estimateTextTokens(part);
      },
    });
    for (let at = 0; at < text.length; at += pieceChars) meter.add(text.slice(at, at + pieceChars));
    return { meter, read };
  };

  it('estimates a usual answer as one, and nothing as 0', () => {
    const text = WORDS.repeat(100);
    const { meter, read } = meterOf(text, 3);
    expect([meter.tokens, read]).toEqual([estimateTextTokens(text), [text.length]]);
    expect(meterOf('', 3).meter).toMatchObject({ tokens: 0, isEmpty: true });
  });

  it('keeps of a long one only its end, and is off by no more than the samples of a whole one', () => {
    const text = WORDS.repeat(10_000);
    const { meter, read } = meterOf(text, 5);
    const whole = estimateTextTokens(text);
    expect(Math.abs(meter.tokens - whole)).toBeLessThan(whole / 50);
    expect(Math.max(...read)).toBeLessThan(20_000);
    expect(meter.isEmpty).toBe(false);
  });
});
