import { describe, expect, it } from 'vitest';
import { HandOver } from '../../src/gateway/hand-over.ts';

const iteratorOf = <Part>({ parts }: { readonly parts: AsyncIterable<Part> }) => parts[Symbol.asyncIterator]();

describe('a hand-over', () => {
  it('gives a part to the reader that waits for it, in order, and ends once', async () => {
    const handOver = new HandOver<number>(() => undefined);
    const iterator = iteratorOf(handOver);
    const [first, second] = [iterator.next(), iterator.next()];
    expect(handOver.put(1)).toBeUndefined();
    expect(handOver.put(2)).toBeUndefined();
    expect([await first, await second]).toMatchObject([{ value: 1 }, { value: 2 }]);
    const beyond = iterator.next();
    handOver.end(3);
    expect(await beyond).toEqual({ value: 3, done: false });
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
  });

  it('ends with any number of parts, in order, in a time that grows with them', async () => {
    const handOver = new HandOver<number>(() => undefined);
    handOver.put(0);
    handOver.end(
      300_000,
      Array.from({ length: 299_999 }, (_, index) => index + 1),
    );
    let next = 0;
    for await (const part of handOver.parts) {
      if (part !== next) expect.fail(`${part} instead of ${next}`);
      next += 1;
    }
    expect(next).toBe(300_001);
  });

  it('makes the writer wait when the reader does not come, and wakes it when there is room', async () => {
    const handOver = new HandOver<number>(() => undefined);
    let count = 0;
    let room: Promise<void> | undefined;
    while (room === undefined) {
      count += 1;
      room = handOver.put(count);
    }
    expect(count).toBeLessThanOrEqual(8);
    let woken = false;
    room.then(() => {
      woken = true;
    });
    const iterator = iteratorOf(handOver);
    await iterator.next();
    expect(woken).toBe(false);
    for (let taken = 1; taken < count; taken += 1) expect((await iterator.next()).value).toBe(taken + 1);
    expect(woken).toBe(true);
  });

  it('gives nothing more to a reader that left', async () => {
    const handOver = new HandOver<number>(() => undefined);
    handOver.put(1);
    const iterator = iteratorOf(handOver);
    await iterator.return?.();
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
  });

  it('that is over takes no more, and lets no writer wait', async () => {
    for (const close of ['end', 'cut', 'return'] as const) {
      const handOver = new HandOver<number>(() => undefined);
      let room: Promise<void> | undefined;
      while (room === undefined) room = handOver.put(1);
      if (close === 'return') await iteratorOf(handOver).return?.();
      else handOver[close](2);
      await expect(room).rejects.toThrow('over');
      expect(() => handOver.put(3)).toThrow('over');
    }
  });

  it('that is cut gives the last part at once; one that ends gives the others first', async () => {
    for (const [close, expected] of [
      ['cut', [9]],
      ['end', [1, 2, 9]],
    ] as const) {
      const handOver = new HandOver<number>(() => undefined);
      handOver.put(1);
      handOver.put(2);
      handOver[close](9);
      handOver.end(10);
      const all: number[] = [];
      for await (const part of handOver.parts) all.push(part);
      expect(all).toEqual(expected);
    }
  });

  it('says when the reader leaves early, once, and not after the end', async () => {
    let left = 0;
    const count = () => {
      left += 1;
    };
    const early = new HandOver<number>(count);
    const iterator = iteratorOf(early);
    const waiting = iterator.next();
    await iterator.return?.();
    await iterator.return?.();
    expect(await waiting).toEqual({ value: undefined, done: true });
    const late = new HandOver<number>(count);
    late.end(1);
    await iteratorOf(late).return?.();
    expect(left).toBe(1);
  });
});
