import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/core/errors.ts';
import { Recording, RecordingRoom } from '../../../src/http/guard/recording.ts';
import { startClock } from '../../support/given-time.ts';
import { talk } from '../../support/raw-http.ts';
import { TOKEN } from '../../support/serve.ts';
import { eventually } from '../../support/until.ts';
import { ENCODER, END, pause, streaming, text } from './streaming.ts';

/** At some megabytes a second, which takes several times as long as a reader may take nothing. */
const SLOWLY_READ_BYTES = 18_000_000;

describe('a stream', () => {
  it('is told part by part, with how it came to be in its headers', async () => {
    const { get } = await streaming(async function* () {
      yield text('one');
      yield text('two');
      await pause(20);
      yield text('three');
      yield END;
    });
    const reply = await get();
    expect(reply.status).toBe(200);
    expect(reply.text).toBe('data: open\n\ndata: one\n\ndata: two\n\ndata: three\n\ndata: [DONE]\n\n');
    expect(reply.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      'x-signalbox-request-id': expect.stringMatching(/^req_/),
      'x-signalbox-model': 'vendor/m%C3%B6del',
      'x-signalbox-tier': 'simple',
      'x-signalbox-cache': 'miss',
      'x-signalbox-attempts': '2',
      'x-signalbox-dropped-parameters': 'seed, topK, audio',
    });
    expect(reply.headers).not.toHaveProperty('x-signalbox-cost-usd');
  });

  it('leaves no timer behind', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const { get } = await streaming(async function* () {
      yield END;
    });
    await get();
    const before = timers();
    for (let count = 0; count < 10; count += 1) await get();
    expect(timers() - before).toBeLessThan(5);
  });

  it('arrives as it is made, not at its end', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { url, request } = await streaming(async function* () {
      yield text('first');
      await gate;
      yield END;
    });
    const { received, socket } = talk(url, request());
    while (!received().includes('data: first')) await pause(5);
    expect(received()).not.toContain('[DONE]');
    release();
    await eventually(() => expect(received()).toContain('[DONE]'));
    socket.destroy();
  });

  it('that may be asked for again ends when it is kept, not before', async () => {
    const gate = Promise.withResolvers<void>();
    let kept: string | undefined;
    const recording = new Recording(new RecordingRoom(), (answer) => {
      kept = answer;
      return gate.promise;
    });
    const parts = async function* () {
      yield text('all');
      yield END;
    };
    const { url, request } = await streaming(parts, {}, ENCODER, recording);
    const { received, socket } = talk(url, request());
    while (kept === undefined) await pause(5);
    await pause(50);
    expect(received()).toContain('data: all');
    expect(received()).not.toContain('[DONE]');
    gate.resolve();
    while (!received().includes('[DONE]')) await pause(5);
    expect(kept).toMatch(/data: open\n\ndata: all\n\ndata: \[DONE\]\n\n$/);
    socket.destroy();
  });

  it('that fails ends with its error, the connection in order, and no sign of success', async () => {
    const { get } = await streaming(async function* () {
      yield text('half');
      yield { type: 'error', error: new GatewayError('stream_truncated', `It ended early, said ${TOKEN}.`) };
    });
    const { text: said } = await get();
    expect(said).toBe('data: open\n\ndata: half\n\ndata: error stream_truncated It ended early, said [secret].\n\n');
  });

  it('whose encoder has a defect ends the same way, and gives no details', async () => {
    let ended = false;
    const { get } = await streaming(
      async function* () {
        try {
          yield text('half');
          yield text('broken');
          yield END;
        } finally {
          ended = true;
        }
      },
      {},
      {
        ...ENCODER,
        part(part) {
          if (part.type === 'text-delta' && part.text === 'broken') throw new TypeError('inner secret');
          return ENCODER.part(part);
        },
      },
    );
    const { text: said } = await get();
    expect(said).toMatch(/^data: open\n\ndata: half\n\ndata: error internal [^\n]*\n\n$/);
    expect(said).not.toContain('inner secret');
    expect(ended).toBe(true);
  });

  it('with nothing to say for a while shows that it lives, and not in the middle of anything', async () => {
    const { get } = await streaming(
      async function* () {
        yield text('one');
        await pause(350);
        yield text('two');
        yield END;
      },
      { keepAliveMs: 100 },
    );
    const { text: said } = await get();
    expect(said.replaceAll(': keep-alive\n\n', '')).toBe('data: open\n\ndata: one\n\ndata: two\n\ndata: [DONE]\n\n');
    expect(said.match(/: keep-alive\n\n/g)?.length).toBeGreaterThanOrEqual(2);
  });
});

describe('a reader', () => {
  it('who is slow holds the provider back, and gets everything in the end', async () => {
    const count = 20_000;
    let pulled = 0;
    const { url, request } = await streaming(async function* () {
      for (; pulled < count; pulled += 1) yield text(`${String(pulled).padStart(8, '0')}${'x'.repeat(1_000)}`);
      yield END;
    });
    const { received, socket } = talk(url, request());
    while (!received().includes('data: open')) await pause(5);
    socket.pause();
    let before = -1;
    // What the two sockets hold is taken at once; then it stands still.
    while (before !== pulled) {
      before = pulled;
      await pause(200);
    }
    expect(pulled).toBeLessThan(count);
    socket.resume();
    while (!received().includes('[DONE]')) await pause(20);
    expect(received().match(/data: \d{8}x/g)).toHaveLength(count);
    socket.destroy();
  });

  it('who takes nothing is cut off, of a stream and of a whole answer', async () => {
    let reason: unknown;
    let ended = false;
    const { url, request, http } = await streaming(
      async function* (signal) {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
        });
        try {
          for (;;) yield text('x'.repeat(10_000));
        } finally {
          ended = true;
        }
      },
      { stalledReaderMs: 1_000 },
    );
    const stream = talk(url, request());
    const whole = talk(url, request('/large'));
    for (const { socket } of [stream, whole]) socket.pause();
    while (!ended) await pause(20);
    expect(reason).toBeInstanceOf(GatewayError);
    expect(reason).toMatchObject({ code: 'cancelled' });
    const elapsedMs = startClock();
    // Nobody holds the end of the server up: the whole answer's connection is gone as well.
    await pause(1_500);
    await http.close(10_000);
    expect(elapsedMs()).toBeLessThan(8_000);
    for (const { socket } of [stream, whole]) socket.destroy();
  });

  it.each(['/large', '/stream'])('who is slow but goes on reading is not cut off: %s', async (path) => {
    let reason: unknown;
    const { url, request } = await streaming(
      async function* (signal) {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
        });
        for (let piece = 0; piece < 5_000; piece += 1) yield text('x'.repeat(10_000));
        yield END;
      },
      { stalledReaderMs: 1_000 },
    );
    const { socket } = talk(url, request(path));
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      socket.pause();
      setTimeout(() => socket.resume(), bytes < SLOWLY_READ_BYTES ? 10 : 0);
    });
    await expect.poll(() => bytes).toBeGreaterThan(50_000_000);
    expect(reason).toBeUndefined();
    socket.destroy();
  });

  it('who waits for an answer is not stuck at another that is ready behind it', async () => {
    const { url, request } = await streaming(
      async function* () {
        await pause(4_000);
        yield END;
      },
      { stalledReaderMs: 1_000 },
    );
    const { received, socket } = talk(url, request() + request('/large'));
    while (!received().includes('[DONE]') && !socket.closed) await pause(20);
    expect(received()).toContain('[DONE]');
    socket.destroy();
  });

  it('who goes ends the call within a second', async () => {
    let isAborted = false;
    const { url, request } = await streaming(async function* (signal) {
      yield text('one');
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      isAborted = true;
      yield { type: 'error', error: new GatewayError('cancelled', 'gone') };
    });
    const { received, socket } = talk(url, request());
    while (!received().includes('data: one')) await pause(5);
    const elapsedMs = startClock();
    socket.destroy();
    while (!isAborted) await pause(5);
    expect(elapsedMs()).toBeLessThan(1_000);
  });
});
