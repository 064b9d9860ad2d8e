import { Readable } from 'node:stream';
import { expect } from 'vitest';
import type { StreamPart } from '../../src/core/completion.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { ScriptedAnswer } from '../../src/demo/vendors/scripted.ts';
import type { WireReply } from '../../src/demo/vendors/vendor-wire.ts';
import type { Transport } from '../../src/providers/shared/transport/transport.ts';
import { WireResponse } from '../../src/providers/shared/transport/wire-response.ts';
import { bytesOf, type Fault, REFRAMINGS, reframed } from '../support/faults.ts';
import { startClock } from '../support/given-time.ts';
import { until } from '../support/until.ts';
import { ask, failureOf, partsOf } from './answers.ts';
import type { Check } from './contract.ts';
import { USAGE } from './contract-answers.ts';
import { type Bench, createProvider, MODEL_NAME, type ProviderHarness } from './harness.ts';

const RICH: ScriptedAnswer = {
  text: 'Grüße 世界 👋 done',
  pieces: ['Grü', 'ße 世', '界 👋', ' done'],
  toolCalls: [{ id: 'call_1', name: 'get_weather', argumentsJson: '{"city":"Zürich"}' }],
  usage: USAGE,
};

export function describeStreams(check: Check, harness: ProviderHarness): void {
  describeCuts(check);
  describeErrorEvents(check, harness);
  describeCancel(check);
  describeFraming(check);
}

/** The error a stream ends with, and the text that came before. */
async function cutStream(bench: Bench) {
  const parts = await partsOf(bench.provider, bench.request(), bench.context());
  const end = parts.at(-1);
  if (end?.type !== 'error') throw new Error('the stream was expected to fail');
  return { error: end.error, text: textOf(parts) };
}

function textOf(parts: readonly StreamPart[]): string {
  return parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');
}

function describeCuts(check: Check): void {
  const text = 'One two three four five.';

  check('never calls a stream without its terminal event complete', async (bench) => {
    bench.upstream.script({ say: { text, usage: USAGE }, fault: { type: 'no-terminal-event' } });
    const cut = await cutStream(bench);
    expect(cut.error).toMatchObject({ code: 'stream_truncated', provider: `my-${bench.kind}` });
    expect(cut.text).toBe(text);
  });

  check('knows a stream cut at any byte from a whole one', async (bench) => {
    const whole = bytesOf(replyOf(bench, RICH));
    // Cut inside characters, lines, events; the very last bytes may be mere line ends.
    const cuts = [1, 20, ...[...Array(24).keys()].map((step) => Math.floor((whole.length * (step + 1)) / 26))];
    for (const afterBytes of cuts) {
      for (const type of ['cut', 'reset'] as const) {
        bench.upstream.script({ say: RICH, fault: { type, afterBytes } });
        const { error, text: received } = await cutStream(bench);
        expect([type, afterBytes, error.code]).toEqual([type, afterBytes, 'stream_truncated']);
        expect(RICH.text?.startsWith(received)).toBe(true);
      }
    }
  });

  check('calls a malformed event what it is', async (bench) => {
    bench.upstream.script({ say: { text }, fault: { type: 'malformed-line', afterFrames: 2 } });
    expect((await cutStream(bench)).error.code).toBe('malformed_response');
  });
}

function describeErrorEvents(check: Check, { failureCodes }: ProviderHarness): void {
  check('keeps the kind of an error in the middle of a stream', async (bench) => {
    for (const [failure, code] of [
      ['overloaded', failureCodes?.overloaded ?? 'provider_overloaded'],
      ['server_error', 'provider_error'],
    ] as const) {
      bench.upstream.script({
        say: { text: 'One two three' },
        fault: { type: 'error-event', afterFrames: 3, failure: { failure } },
      });
      const { error, text } = await cutStream(bench);
      expect(error).toMatchObject({ code, provider: `my-${bench.kind}` });
      expect('One two three'.startsWith(text)).toBe(true);
    }
  });
}

function describeCancel(check: Check): void {
  check('ends at once when cancelled in the middle, and closes the connection', async (bench) => {
    const count = bench.upstream.requests.length;
    bench.upstream.script({ say: { text: 'One two three four' }, fault: { type: 'stall', afterFrames: 4 } });
    const cancel = new AbortController();
    let elapsedMs: (() => number) | undefined;
    const parts = await partsOf(bench.provider, bench.request(), bench.context({ signal: cancel.signal }), (part) => {
      if (part.type !== 'text-delta' || elapsedMs) return;
      elapsedMs = startClock();
      cancel.abort();
    });
    expect(parts.at(-1)).toMatchObject({ type: 'error', error: { code: 'cancelled' } });
    expect(elapsedMs?.()).toBeLessThan(250);
    const request = await bench.upstream.received(count);
    expect(await until(() => request.outcome === 'aborted')).toBeLessThan(1_000);
  });

  check('closes the connection when the reader leaves', async (bench) => {
    const count = bench.upstream.requests.length;
    bench.upstream.script({ say: { text: 'One two three four' }, fault: { type: 'stall', afterFrames: 4 } });
    for await (const part of bench.provider.stream?.(bench.request(), bench.context()) ?? []) {
      if (part.type === 'text-delta') break;
    }
    const request = await bench.upstream.received(count);
    expect(await until(() => request.outcome === 'aborted')).toBeLessThan(1_000);
  });

  check('gives the reason when a timer of ours ends the call', async (bench) => {
    const cancel = new AbortController();
    bench.upstream.script({ fault: { type: 'stall', afterFrames: 0 } });
    const call = failureOf(ask(bench.provider, 'streamed', bench.request(), bench.context({ signal: cancel.signal })));
    await bench.upstream.received(bench.upstream.requests.length);
    const reason = new GatewayError('provider_timeout', 'No first token within 30 s.');
    cancel.abort(reason);
    expect(await call).toBe(reason);
  });
}

function describeFraming(check: Check): void {
  check('reads the same from every split of the bytes', async (bench) => {
    const expected = await replayed(bench, bytesOf(replyOf(bench, RICH)), []);
    expect(textOf(expected)).toBe(RICH.text);
    const bytes = bytesOf(replyOf(bench, RICH));
    for (let at = 1; at < bytes.length; at++) expect(await replayed(bench, bytes, [at])).toEqual(expected);
    const everywhere = [...Array(bytes.length).keys()].slice(1);
    expect(await replayed(bench, bytes, everywhere)).toEqual(expected);
  });

  check('reads the same with other line ends, comments and a byte order mark', async (bench) => {
    const { frames } = replyOf(bench, RICH);
    const expected = await replayed(bench, Buffer.from(frames.join('')), []);
    for (const name of REFRAMINGS) {
      const variant = Buffer.from(frames.map((frame, index) => reframed(frame, index === 0, name)).join(''));
      for (const cuts of [[], [2, 5, 40]]) {
        expect({ name, parts: await replayed(bench, variant, cuts) }).toEqual({ name, parts: expected });
      }
    }
  });

  check('reads the same in every framing and split from a real connection', async (bench) => {
    const faults: Fault[] = REFRAMINGS.map((as) => ({ type: 'reframed', as }));
    const length = bytesOf(replyOf(bench, RICH)).length;
    for (let at = 1; at < length; at += Math.ceil(length / 40)) faults.push({ type: 'split', afterBytes: at });
    for (const fault of faults) {
      bench.upstream.script({ say: RICH, fault });
      const parts = await partsOf(bench.provider, bench.request(), bench.context());
      expect([fault, textOf(parts), parts.at(-1)?.type]).toEqual([fault, RICH.text, 'finish']);
    }
  });

  check('reads one byte at a time from a real connection', async (bench) => {
    bench.upstream.script({ say: RICH, fault: { type: 'byte-by-byte' } });
    const parts = await partsOf(bench.provider, bench.request(), bench.context());
    expect(textOf(parts)).toBe(RICH.text);
  });
}

/** What the wire makes of an answer, for taking its bytes apart. */
function replyOf({ wire }: Bench, answer: ScriptedAnswer): WireReply {
  return wire.stream(answer, {
    type: 'chat',
    model: MODEL_NAME,
    stream: true,
    system: '',
    prompt: 'Hi',
    transcript: 'Hi',
    images: [],
    tools: [],
    toolResults: [],
    wantsUsage: true,
  });
}

/** Reads given bytes in given pieces: sockets would join what is written apart. */
async function replayed(bench: Bench, bytes: Buffer, cuts: readonly number[]): Promise<readonly StreamPart[]> {
  const pieces = [0, ...cuts].map((start, index) => bytes.subarray(start, cuts[index] ?? bytes.length));
  const headers = new Headers(replyOf(bench, RICH).headers);
  const transport: Transport = {
    async send({ address }, _signals, watch) {
      watch.onSent();
      watch.onHeaders(headers);
      const raw = Readable.from(pieces);
      return new WireResponse(address.href, 200, { raw, headers, host: 'replay', bytesMax: 1e9, watch });
    },
    close: async () => {},
  };
  const provider = await createProvider(bench.kind, { baseUrl: bench.upstream.baseUrl }, transport);
  const parts = await partsOf(provider, bench.request(), bench.context());
  // Where the vendor has no ids, each reading makes up its own.
  return parts.map((part) => (part.type === 'tool-call' && part.id !== 'call_1' ? { ...part, id: 'made up' } : part));
}
