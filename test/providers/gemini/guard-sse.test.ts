import { describe, expect, it } from 'vitest';
import { guardSse } from '../../../src/providers/gemini/guard-sse.ts';

async function through(...chunks: readonly string[]): Promise<string> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(Buffer.from(chunk));
      controller.close();
    },
  });
  return new Response(guardSse(body)).text();
}

describe("the guard of Gemini's stream", () => {
  it('reads every line end, also one that is cut in two', async () => {
    expect(await through('data: {"a":1}\r\n\r\ndata: {"b":2}\r\n\r\n')).toBe('data: {"a":1}\n\ndata: {"b":2}\n\n');
    expect(await through('data: {"a":1}\r', '\n\r', '\ndata: {"b":2}\n\n')).toBe('data: {"a":1}\n\ndata: {"b":2}\n\n');
    expect(await through('data: {"a":1}\r\rdata: {"b":2}\r\r')).toBe('data: {"a":1}\n\ndata: {"b":2}\n\n');
  });

  it('keeps events with other fields before the data, and data of several lines', async () => {
    expect(await through('event: message\nid: 1\ndata: {"a":\ndata: 1}\n\n: ping\n\n')).toBe('data: {"a": 1}\n\n');
  });

  it('takes a whole last event without its blank line, and half a one for a cut', async () => {
    expect(await through('data: {"a":1}')).toBe('data: {"a":1}\n\n');
    expect(await through('data: {"a":1}\n')).toBe('data: {"a":1}\n\n');
    await expect(through('data: {"a":1}\n\ndata: {"b":')).rejects.toMatchObject({ code: 'stream_truncated' });
  });

  it('shows an error that comes as bare JSON after the events', async () => {
    const error = '{\n  "error": {\n    "code": 503,\n    "status": "UNAVAILABLE"\n  }\n}\n';
    const body = { error: { code: 503, status: 'UNAVAILABLE' } };
    await expect(through(`data: {"a":1}\n\n${error}`)).rejects.toMatchObject({ body });
    await expect(through(`[${error}]\n`)).rejects.toMatchObject({ body });
  });

  it('passes over events without data', async () => {
    expect(await through('data:\n\ndata\n\ndata: \n\ndata: {"a":1}\n\ndata:')).toBe('data: {"a":1}\n\n');
  });

  it('ends on an event that is no object, without quoting it', async () => {
    const failure = through('data: {"a": secret\n\n');
    await expect(failure).rejects.toMatchObject({ code: 'malformed_response' });
    await expect(failure).rejects.not.toThrow('secret');
  });
});
