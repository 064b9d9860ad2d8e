import { describe, expect, it } from 'vitest';
import { failure, partsOf } from '../../support/gateway.ts';
import { answer, refusal } from '../../support/scripted-provider.ts';
import { until } from '../../support/until.ts';
import { cut, HANG, openLadder } from './ladder.ts';

const QUESTION = 'Name the capital of France.';

/** The text of all parts. */
function textOf(parts: Awaited<ReturnType<typeof partsOf>>): string {
  return parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');
}

describe('a streamed request whose answer is checked', () => {
  it('opens with the answer that is given, and nothing of the doubted one is ever seen', async () => {
    const { stream, books } = await openLadder({ cheap: () => cut('half an') });
    const opened = await stream(QUESTION);
    expect(opened).toMatchObject({ model: 'strong/c', attemptsCount: 2, verification: { outcome: 'escalated' } });
    const parts = await partsOf(opened);
    expect(textOf(parts)).toBe('from strong');
    expect(parts.at(-1)).toMatchObject({ type: 'end', answer: { verification: { outcome: 'escalated' } } });
    expect(await books()).toMatchObject([
      { status: 'success', model: 'strong/c', verification: { outcome: 'escalated' } },
    ]);
  });

  it('that holds comes whole, after one attempt', async () => {
    const { stream } = await openLadder({ cheap: () => answer('Paris') });
    const opened = await stream(QUESTION);
    expect(opened).toMatchObject({ model: 'cheap/a', attemptsCount: 1, verification: { outcome: 'passed' } });
    expect(textOf(await partsOf(opened))).toBe('Paris');
  });

  it('is answered from the cache like any other', async () => {
    const { stream, ask } = await openLadder({ cheap: () => cut('half an') });
    await ask(QUESTION);
    const opened = await stream(QUESTION);
    expect(opened).toMatchObject({ cache: 'hit', model: 'strong/c' });
    expect(textOf(await partsOf(opened))).toBe('from strong');
  });

  it('fails before it opens when nobody answers', async () => {
    const { stream } = await openLadder({ cheap: () => refusal('invalid_request', 'no', { status: 400 }) });
    expect((await failure(stream(QUESTION))).code).toBe('invalid_request');
  });

  it('ends with the caller in each phase', async () => {
    for (const script of [
      { cheap: () => HANG },
      { verify: { peer: true }, cheap: () => answer('41'), peer: () => HANG },
      { cheap: () => cut('half an'), strong: () => HANG },
    ]) {
      const { stream, cheap, second, strong, books, close } = await openLadder(script);
      const caller = new AbortController();
      const asked = failure(stream(QUESTION, {}, { signal: caller.signal }));
      await until(
        () =>
          cheap.calls.length > 0 &&
          (second.calls.length > 0 || !('peer' in script)) &&
          (strong.calls.length > 0 || !('strong' in script)),
      );
      caller.abort();
      expect((await asked).code).toBe('cancelled');
      expect((await books())[0]?.status).toBe('cancelled');
      await close();
    }
  });
});
