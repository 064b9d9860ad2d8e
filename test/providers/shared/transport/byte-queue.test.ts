import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { ByteQueue } from '../../../../src/providers/shared/transport/byte-queue.ts';

const KIBIBYTE = 1024;

function queueOf() {
  const onDrain = vi.fn();
  const onLeave = vi.fn();
  return { queue: new ByteQueue(onDrain, onLeave), onDrain, onLeave };
}

async function readAll(queue: ByteQueue): Promise<string> {
  let text = '';
  for await (const chunk of queue) text += Buffer.from(chunk).toString('latin1');
  return text;
}

it('what is pushed is read, whoever is first', async () => {
  const step = fc.oneof(fc.string({ minLength: 1, maxLength: 9, unit: 'binary-ascii' }), fc.constant('read' as const));
  await fc.assert(
    fc.asyncProperty(fc.array(step), async (steps) => {
      const { queue, onLeave } = queueOf();
      const pushed = steps.filter((text) => text !== 'read').join('');
      const reading = steps.includes('read') ? readAll(queue) : undefined;
      for (const text of steps) {
        if (text === 'read') await Promise.resolve();
        else queue.push(Buffer.from(text, 'latin1'));
      }
      queue.end();
      expect(await (reading ?? readAll(queue))).toBe(pushed);
      expect(onLeave).not.toHaveBeenCalled();
    }),
  );
});

it('a full queue says so, and says once that there is room again', async () => {
  const { queue, onDrain } = queueOf();
  expect(queue.push(Buffer.alloc(63 * KIBIBYTE))).toBe(true);
  expect(queue.push(Buffer.alloc(63 * KIBIBYTE))).toBe(false);
  await queue.next();
  expect(onDrain).toHaveBeenCalledOnce();
});

it('all that waits is read as one, so that a chunk for each byte costs no more than one for all', async () => {
  const { queue } = queueOf();
  const bytes = Buffer.from('every byte alone');
  for (const byte of bytes) queue.push(Uint8Array.of(byte));
  queue.end();
  expect(await queue.next()).toEqual({ done: false, value: bytes });
  expect(await queue.next()).toMatchObject({ done: true });
});

it('a failure drops what waits and reaches the reader once, before it asks or while it waits', async () => {
  const early = queueOf();
  early.queue.push(Buffer.from('lost'));
  early.queue.destroy(new Error('cut'));
  await expect(early.queue.next()).rejects.toThrow('cut');
  const late = queueOf();
  const waiting = late.queue.next();
  late.queue.destroy(new Error('cut'));
  await expect(waiting).rejects.toThrow('cut');
  for (const { queue, onLeave } of [early, late]) {
    expect(await queue.next()).toEqual({ done: true, value: undefined });
    expect(onLeave).toHaveBeenCalledOnce();
  }
});

it('let go of without a reason, it calls the answer cut', async () => {
  const { queue } = queueOf();
  queue.destroy();
  await expect(queue.next()).rejects.toMatchObject({ code: 'stream_truncated' });
});

it('a reader that leaves ends it once, and what still comes is dropped', async () => {
  const { queue, onLeave } = queueOf();
  queue.push(Buffer.from('a'));
  for await (const _chunk of queue) break;
  expect(queue.push(Buffer.from('b'))).toBe(true);
  queue.destroy(new Error('late'));
  expect(await queue.next()).toEqual({ done: true, value: undefined });
  expect(onLeave.mock.calls).toEqual([[undefined]]);
});

it('a reader that leaves after the end leaves nothing behind to be ended', async () => {
  const { queue, onLeave } = queueOf();
  queue.push(Buffer.from('a'));
  queue.end();
  for await (const _chunk of queue) break;
  expect(onLeave).not.toHaveBeenCalled();
});
