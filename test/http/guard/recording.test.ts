import { expect, it } from 'vitest';
import { Recording, RecordingRoom } from '../../../src/http/guard/recording.ts';

const ANSWER_CHARACTERS_MAX = 8 * 1_048_576;
const LONGEST = 'x'.repeat(ANSWER_CHARACTERS_MAX);

function record(room: RecordingRoom) {
  const kept: (number | undefined)[] = [];
  const recording = new Recording(room, async (answer) => {
    kept.push(answer?.length);
  });
  return { recording, kept };
}

it('of a stream that is too long only that it was answered is kept, whatever follows', async () => {
  const { recording, kept } = record(new RecordingRoom());
  recording.add(LONGEST);
  recording.add('y');
  recording.add('z');
  await recording.complete();
  expect(kept).toEqual([undefined]);
});

it('streams hold no more than 64 Mi characters together, and give them back', async () => {
  const room = new RecordingRoom();
  const held = Array.from({ length: 8 }, () => record(room));
  for (const { recording } of held) recording.add(LONGEST);
  const late = record(room);
  late.recording.add('x');
  await late.recording.complete();
  expect(late.kept).toEqual([undefined]);
  for (const { recording, kept } of held) {
    await recording.complete();
    expect(kept).toEqual([expect.any(Number)]);
    recording.discard();
  }
  const next = record(room);
  next.recording.add(LONGEST);
  await next.recording.complete();
  expect(next.kept).toEqual([expect.any(Number)]);
});
