import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/core/errors.ts';
import { type Talk, talk } from '../../support/raw-http.ts';
import { head, startEcho } from '../guard/echo.ts';
import { END, pause, streaming, text } from './streaming.ts';

async function untilSaid({ received }: Talk, what: string): Promise<void> {
  while (!received().includes(what)) await pause(5);
}

describe('the end of the server', () => {
  it('waits for what finishes in time, and takes nothing new', async () => {
    const { get, http } = await streaming(async function* () {
      yield text('one');
      await pause(300);
      yield END;
    });
    const running = get();
    await pause(100);
    const closing = http.close(5_000);
    await expect(get()).rejects.toThrow(/ECONNREFUSED|socket hang up/);
    const reply = await running;
    expect(reply.text).toContain('[DONE]');
    await closing;
  });

  it('tells who was answered a moment ago that the next request was not begun, and closes what was idle for longer', async () => {
    const { url, http } = await startEcho();
    const bytes = `${head(url, 'Content-Length: 2')}{}`;
    const idle = talk(url, bytes);
    await untilSaid(idle, '{}');
    await pause(200);
    const busy = talk(url, bytes);
    await untilSaid(busy, '{}');
    const closing = http.close(5_000);
    busy.socket.write(bytes);
    await busy.closed;
    expect(busy.received()).toMatch(/^HTTP\/1\.1 200 [\s\S]*HTTP\/1\.1 503 [\s\S]*the request was not begun/);
    await idle.closed;
    await closing;
  });

  it('waits for all that finish in time, also seconds after the first of them', async () => {
    let asked = 0;
    const { get, http } = await streaming(async function* (signal) {
      asked += 1;
      await pause(asked === 1 ? 200 : 2_500);
      signal.throwIfAborted();
      yield text('one');
      yield END;
    });
    const running = [get(), get(), get('/whole')];
    await pause(100);
    await http.close(8_000);
    const said = (await Promise.all(running)).map((reply) => reply.text);
    expect(said).toEqual([expect.stringContaining('[DONE]'), expect.stringContaining('[DONE]'), '{"text":"one"}']);
  });

  it('ends the rest with an error that may be repeated', async () => {
    const { get, http } = await streaming(async function* (signal) {
      yield text('one');
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      yield { type: 'error', error: new GatewayError('cancelled', 'The caller cancelled.') };
    });
    const running = [get(), get(), get()];
    await pause(200);
    await http.close(200);
    for (const { text: said } of await Promise.all(running)) {
      expect(said).toMatch(/data: one\n\ndata: error provider_unavailable Signalbox is shutting down/);
      expect(said).not.toContain('[DONE]');
    }
  });
});
