import { describe, expect, it } from 'vitest';
import { classifyOllamaFailure } from '../../../src/providers/ollama/classify-ollama-failure.ts';
import { guardNdjson } from '../../../src/providers/ollama/guard-ndjson.ts';
import { HttpFailure } from '../../../src/providers/shared/failures/http-failure.ts';
import { VendorErrorBody } from '../../../src/providers/shared/failures/vendor-error-body.ts';
import { fromErrorValue, fromHttpFailure } from '../../../src/providers/shared/failures/vendor-failure.ts';

function answered(status: number, error: unknown, model: string | undefined = 'llama3.2') {
  const failure = fromHttpFailure(new HttpFailure(status, new Headers(), JSON.stringify({ error })));
  return { message: failure.message, ...classifyOllamaFailure(failure, model) };
}

describe('what Ollama refuses', () => {
  it('because the model is not there names the command that pulls it', () => {
    const verdict = answered(404, "model 'llama3.2' not found");
    expect(verdict.code).toBe('unknown_model');
    expect(verdict.remedy).toContain('ollama pull llama3.2');
    expect(verdict.message).toBe("model 'llama3.2' not found");
    expect(answered(400, 'model "llama3.2" not found, try pulling it first').code).toBe('unknown_model');
  });

  it.each(['404 page not found', '{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}'])(
    'because there is no such page names no command: %s',
    (body) => {
      const failure = fromHttpFailure(new HttpFailure(404, new Headers(), body));
      expect(classifyOllamaFailure(failure, 'llama3.2')?.remedy).toBeUndefined();
    },
  );

  it('because of the window, a capability or the memory', () => {
    expect(answered(400, 'the input length exceeds the context length').code).toBe('context_too_long');
    expect(answered(400, 'registry.ollama.ai/library/x:latest does not support tools').code).toBe('capability_missing');
    expect(answered(400, 'this model is missing data required for image input').code).toBe('capability_missing');
    const memory = answered(500, 'model requires more system memory (9.1 GiB) than is available (6.0 GiB)');
    expect(memory).toMatchObject({ code: 'provider_error', retrySame: 'no' });
  });

  it('because its queue is full or its cloud is away is asked once more', () => {
    const busy = answered(503, 'server busy, please try again. maximum pending requests exceeded');
    expect(busy).toMatchObject({ code: 'provider_overloaded', retrySame: 'once' });
    expect(answered(502, 'bad gateway')).toMatchObject({ code: 'provider_unavailable', retrySame: 'once' });
    expect(answered(499, 'request canceled')).toMatchObject({ code: 'provider_unavailable' });
  });

  it('in the shape of another vendor is still read', () => {
    expect(answered(404, { message: "model 'x' not found", type: 'not_found' }).message).toBe("model 'x' not found");
  });

  it('in the middle of a stream is an error of the provider', () => {
    const failure = fromErrorValue({ error: 'an error was encountered while running the model' });
    expect(classifyOllamaFailure(failure, 'llama3.2')?.code).toBe('provider_error');
  });
});

describe('the guard of its stream', () => {
  async function through(...chunks: readonly (string | Uint8Array)[]): Promise<string> {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
        controller.close();
      },
    });
    return new Response(guardNdjson(body)).text();
  }

  it('passes whole lines, whatever the cuts, in the middle of a character too', async () => {
    const bytes = Buffer.from('{"a":"é"}\r\n\n{"done":true}');
    const cut = bytes.indexOf(0xc3) + 1;
    expect(await through(bytes.subarray(0, cut), bytes.subarray(cut))).toBe('{"a":"é"}\n{"done":true}\n');
  });

  it('calls an end before the line that says done a cut, in the middle of a line or not', async () => {
    await expect(through('{"a":1}\n')).rejects.toMatchObject({ code: 'stream_truncated' });
    await expect(through('{"a":1}\n{"done":tr')).rejects.toMatchObject({ code: 'stream_truncated' });
    await expect(through('')).rejects.toMatchObject({ code: 'stream_truncated' });
  });

  it('ends on a line that is no object and on an error line', async () => {
    await expect(through('{"a":1}\nnonsense\n')).rejects.toMatchObject({ code: 'malformed_response' });
    await expect(through('[1]\n')).rejects.toMatchObject({ code: 'malformed_response' });
    await expect(through('{"a":1}\n{"error":"boom"}\n')).rejects.toBeInstanceOf(VendorErrorBody);
    await expect(through('{"error":{"message":"boom"}}')).rejects.toBeInstanceOf(VendorErrorBody);
  });
});
