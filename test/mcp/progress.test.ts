import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createProgressReporter, type ProgressNotice } from '../../src/mcp/progress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const WAITING = { phase: 'waiting', model: 'openai/gpt-5-mini', outputTokens: 0 } as const;

it('tells the first state at once and the latest one every 10 s, changed or not', () => {
  const sent: ProgressNotice[] = [];
  const reporter = createProgressReporter((notice) => sent.push(notice));
  reporter.report(WAITING);
  expect(sent).toEqual([{ progress: 1, message: 'openai/gpt-5-mini: waiting, 0 tokens' }]);
  for (let outputTokens = 1; outputTokens <= 500; outputTokens += 1) {
    reporter.report({ ...WAITING, phase: 'receiving', outputTokens });
  }
  vi.advanceTimersByTime(9_999);
  expect(sent).toHaveLength(1);
  vi.advanceTimersByTime(10_001);
  expect(sent.slice(1)).toEqual([
    { progress: 2, message: 'openai/gpt-5-mini: receiving, 500 tokens' },
    { progress: 3, message: 'openai/gpt-5-mini: receiving, 500 tokens' },
  ]);
});

it('says that it still chooses when no model is known after a moment', () => {
  const sent: ProgressNotice[] = [];
  const reporter = createProgressReporter((notice) => sent.push(notice));
  vi.advanceTimersByTime(250);
  expect(sent).toEqual([{ progress: 1, message: 'choosing a model' }]);
  reporter.report(WAITING);
  expect(sent).toHaveLength(1);
  vi.advanceTimersByTime(10_000);
  expect(sent[1]).toEqual({ progress: 2, message: 'openai/gpt-5-mini: waiting, 0 tokens' });
});

it('tells nothing once stopped, and leaves no timer behind', () => {
  const sent: ProgressNotice[] = [];
  const reporter = createProgressReporter((notice) => sent.push(notice));
  reporter.report(WAITING);
  reporter.stop();
  const silent = createProgressReporter((notice) => sent.push(notice));
  silent.stop();
  silent.report(WAITING);
  vi.advanceTimersByTime(60_000);
  expect(sent).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});
