import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import { HttpFailure } from '../../src/providers/shared/failures/http-failure.ts';
import { serve } from '../support/local-server.ts';
import { fetchOf, transportOf } from '../support/transport.ts';
import { failureOf } from './answers.ts';

function layered(times: number, text = 'text'): Buffer {
  let body = Buffer.from(text);
  for (let time = 0; time < times; time += 1) body = gzipSync(body);
  return body;
}

describe('answers', () => {
  it('outside 2xx become failures with status, headers and body', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(418, { 'retry-after': '7' });
      response.end('short and stout');
    });
    const error = await fetchOf(transportOf())(url).catch((reason: unknown) => reason);
    if (!(error instanceof HttpFailure)) throw new Error('expected an HttpFailure');
    expect([error.status, error.headers.get('retry-after'), error.bodyText]).toEqual([418, '7', 'short and stout']);
  });

  it('with a broken body keep their status', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(500, { 'content-encoding': 'gzip' });
      response.end('not gzip');
    });
    await expect(fetchOf(transportOf())(url)).rejects.toMatchObject({ status: 500, bodyText: '' });
  });

  it.each([
    ['stalls', undefined],
    ['never ends', 50],
  ])('with a body that %s keep their status, headers and what has come of it', async (_what, everyMs) => {
    const closed = Promise.withResolvers<void>();
    const url = await serve((_request, response) => {
      response.writeHead(429, { 'retry-after': '20' }).write('slow down');
      const more = everyMs === undefined ? undefined : setInterval(() => response.write(' '), everyMs);
      response.on('close', () => {
        clearInterval(more);
        closed.resolve();
      });
    });
    const error = await fetchOf(transportOf())(url).catch((reason: unknown) => reason);
    if (!(error instanceof HttpFailure)) throw new Error('expected an HttpFailure');
    expect([error.status, error.headers.get('retry-after')]).toEqual([429, '20']);
    expect(error.bodyText.trimEnd()).toBe('slow down');
    await closed.promise;
  });

  it('do not lead elsewhere', async () => {
    const elsewhere = vi.fn();
    const target = await serve((_request, response) => {
      elsewhere();
      response.end();
    });
    const url = await serve((_request, response) => void response.writeHead(302, { location: target }).end());
    await expect(fetchOf(transportOf())(url)).rejects.toMatchObject({ status: 302 });
    expect(elsewhere).not.toHaveBeenCalled();
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['gzip, gzip', (text: string) => layered(2, text)],
  ])('are decompressed from %s', async (encoding, compress) => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding });
      response.end(compress('{"text":"grün"}'));
    });
    expect(await (await fetchOf(transportOf())(url)).json()).toEqual({ text: 'grün' });
  });

  it.each([
    ['broken gzip', 'gzip', Buffer.from('this is no gzip')],
    ['an unknown encoding', 'rot13', Buffer.from('uryyb')],
    ['more encodings than anybody needs', Array(5).fill('gzip').join(), layered(5)],
    ['cut gzip', 'gzip', gzipSync('x'.repeat(1000)).subarray(0, 20)],
  ])('with %s fail clearly', async (_name, encoding, body) => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding });
      response.end(body);
    });
    const call = async () => (await fetchOf(transportOf())(url)).text();
    expect((await failureOf(call())).code).toBe('malformed_response');
  });

  it('are cut off when they decompress to more than the limit', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync(Buffer.alloc(20_000_000)));
    });
    const call = async () => (await fetchOf(transportOf({ bodyBytesMax: 1_000_000 }))(url)).text();
    const error = await failureOf(call());
    expect(error.code).toBe('malformed_response');
    expect(error.message).toContain('1000000 bytes');
  });

  it.each(['text/event-stream', 'text/plain'])('with an event that never ends are cut off, as %s', async (type) => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': type });
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 'data: x'))) {}
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    const response = await fetchOf(transportOf())(url);
    const reading = async () => {
      for await (const _chunk of response.body ?? []) {
        // Only the end matters.
      }
    };
    expect((await failureOf(reading())).message).toContain('an event of more than');
  });

  it('lose a byte order mark and refuse bytes that are no text', async () => {
    const bodies = [Buffer.from('\ufeff{"a":1}'), Buffer.from([0x22, 0xff, 0xfe, 0x22])];
    const url = await serve((_request, response) => void response.end(bodies.shift()));
    const transport = transportOf();
    expect(await (await fetchOf(transport)(url)).json()).toEqual({ a: 1 });
    expect((await failureOf((await fetchOf(transport)(url)).text())).code).toBe('malformed_response');
  });

  it('that are web pages are refused', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end('<html>Please log in</html>');
    });
    const error = await failureOf(fetchOf(transportOf())(url));
    expect(error).toBeInstanceOf(GatewayError);
    expect(error.code).toBe('malformed_response');
  });

  it('stop the sender when nobody reads, and let it go on when somebody does', async () => {
    const bytesMax = 40_000_000;
    let written = 0;
    const url = await serve((_request, response) => {
      const chunk = Buffer.alloc(50_000, '\n');
      const more = () => {
        while (!response.destroyed && written < bytesMax) {
          written += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    const response = await fetchOf(transportOf())(url);
    // What the system holds for two sockets is below that.
    for (let before = -1; before < written; await sleep(100)) before = written;
    expect(written).toBeLessThan(bytesMax / 2);
    let read = 0;
    for await (const chunk of response.body ?? []) read += chunk.length;
    expect(read).toBe(bytesMax);
  });

  it('are what comes after informational ones', async () => {
    const url = await serve((_request, response) => {
      response.writeProcessing();
      response.writeEarlyHints({ link: '</a>; rel=preload', 'x-which': 'early' });
      response.writeHead(200, { 'x-which': 'late' }).end('all');
    });
    const response = await fetchOf(transportOf())(url);
    expect([response.status, response.headers.get('x-which'), await response.text()]).toEqual([200, 'late', 'all']);
  });
});
