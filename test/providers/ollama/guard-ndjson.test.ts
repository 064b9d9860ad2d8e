import { expect, it } from 'vitest';
import { guardNdjson } from '../../../src/providers/ollama/guard-ndjson.ts';

it('lines before a cut are all read, although they came in one piece with it', async () => {
  const lines = ['{"a":1}\n', '{"a":2}\n', '{"a":3}\n'];
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(Buffer.from(`${lines.join('')}{"a":`));
      controller.close();
    },
  });
  const read: string[] = [];
  const reading = async () => {
    for await (const line of guardNdjson(body)) read.push(Buffer.from(line).toString());
  };
  await expect(reading()).rejects.toMatchObject({ code: 'stream_truncated' });
  expect(read).toEqual(lines);
});
