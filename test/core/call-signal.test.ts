import { expect, it } from 'vitest';
import { CallAbort, type CallSignal } from '../../src/core/call-signal.ts';

it('tells every listener once, with the first reason, and none that has left', () => {
  const ending = new CallAbort();
  const heard: string[] = [];
  const leaves = () => heard.push('gone');
  ending.addEventListener('abort', () => heard.push(`one ${ending.reason}`));
  ending.addEventListener('abort', leaves);
  ending.addEventListener('abort', () => heard.push('two'));
  ending.removeEventListener('abort', leaves);
  expect(ending.aborted).toBe(false);
  ending.abort('first');
  ending.abort('second');
  expect(heard).toEqual(['one first', 'two']);
});

it('tells nobody who comes late, as an AbortSignal does', () => {
  const [own, platform] = [new CallAbort(), new AbortController()];
  own.abort('over');
  platform.abort('over');
  const heard: string[] = [];
  for (const signal of [own, platform.signal] satisfies CallSignal[]) {
    signal.addEventListener('abort', () => heard.push('late'));
    expect([signal.aborted, signal.reason]).toEqual([true, 'over']);
  }
  expect(heard).toEqual([]);
});
