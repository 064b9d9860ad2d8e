import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { RequestRecord } from '../../src/core/books.ts';
import { PROVIDER_KINDS, type ProviderKind } from '../../src/core/model.ts';
import type { ScriptedAnswer } from '../../src/demo/vendors/scripted.ts';
import type { FakeUpstream, Step } from '../support/fake-upstream.ts';
import { startClock } from '../support/given-time.ts';
import { type InProcess, startInProcess, startServe } from '../support/serve.ts';
import { startUpstream } from '../support/start-upstream.ts';
import { type Asked, DIALECTS, type StreamDialect, streamRequest } from '../support/streamed-dialects.ts';
import { eventually } from '../support/until.ts';
import { MODEL, type Upstream, WIRES } from './workplace.ts';

const ABORT_MS_MAX = 1_000;
const LONG: ScriptedAnswer = {
  text: 'These are a good many words, so that a client may leave somewhere in the middle of them all.',
  usage: { inputTokens: 9, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 24, reasoningTokens: 0 },
};

type Place = {
  readonly name: string;
  readonly step: (kind: ProviderKind) => Step;
  /** Does the client read content before it goes? */
  readonly readsContent: boolean;
};

const PLACES: readonly Place[] = [
  { name: 'before the headers', step: () => ({ fault: { type: 'stall-before-headers' } }), readsContent: false },
  { name: 'before the first token', step: () => ({ fault: { type: 'stall', afterFrames: 0 } }), readsContent: false },
  { name: 'in the middle', step: () => ({ say: LONG, fault: { type: 'stall', afterFrames: 8 } }), readsContent: true },
  {
    name: 'after the last token, before usage',
    step: (kind) => ({ say: LONG, fault: { type: 'stall', afterFrames: framesBeforeEnd(kind) } }),
    readsContent: true,
  },
];

function framesBeforeEnd(kind: ProviderKind): number {
  const call = {
    type: 'chat',
    model: MODEL,
    stream: true,
    system: '',
    prompt: '',
    transcript: '',
    wantsUsage: true,
  } as const;
  return WIRES[kind].stream(LONG, { ...call, images: [], tools: [], toolResults: [] }).framesBeforeEnd;
}

const table: string[] = [];
afterAll(() => process.stdout.write(`\n${table.join('\n')}\n`));

async function serve(kind: ProviderKind, settings = {}): Promise<{ vendor: FakeUpstream; served: InProcess }> {
  const vendor = await startUpstream(kind);
  return { vendor, served: await startInProcess({ upstreams: [{ id: 'main', kind, upstream: vendor }], settings }) };
}

/** All rows of the books, once every request in them has ended. */
function booksOf({ app }: InProcess, count: number): Promise<readonly RequestRecord[]> {
  return eventually(async () => {
    const log = await app.gateway.requestLog({ limit: 100 });
    expect(log).toHaveLength(count);
    expect(log.every(({ status }) => status !== undefined)).toBe(true);
    return log;
  });
}

/** Leaves as a program does that is killed; resolves with the milliseconds until the provider noticed. */
async function leave(vendor: FakeUpstream, abort: () => void): Promise<number> {
  const elapsedMs = startClock();
  abort();
  await eventually(() => expect(vendor.requests[0]?.outcome).toBe('aborted'));
  return elapsedMs();
}

/** Reads until the words of the answer come through. */
async function readContent(response: Response, words: string): Promise<void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes(words)) return;
  }
  throw new Error(`the stream ended without the words: ${text}`);
}

describe.each(PROVIDER_KINDS)('a client of a %s model that goes', (kind) => {
  it.each(PLACES)(
    '$name ends the call within a second, and what was burnt is booked',
    async ({ name, step, readsContent }) => {
      const waits = await Promise.all(
        DIALECTS.map(async (dialect: StreamDialect) => {
          const { vendor, served } = await serve(kind);
          vendor.script(step(kind));
          const client = new AbortController();
          const asked = streamRequest(served, dialect, { prompt: 'Say it.', signal: client.signal });
          const read = asked.then((response) => readContent(response, name.startsWith('in') ? 'good' : 'all.'));
          read.catch(() => {});
          await vendor.received(0);
          if (readsContent) await read;
          const waitMs = await leave(vendor, () => client.abort());
          expect(waitMs).toBeLessThan(ABORT_MS_MAX);

          const [request] = await booksOf(served, 1);
          expect(request).toMatchObject({
            status: 'cancelled',
            attempts: [{ status: 'cancelled', error: 'cancelled' }],
          });
          const usage = request?.attempts[0]?.usage;
          expect(['partial', 'estimated']).toContain(usage?.source);
          if (readsContent) expect(usage?.outputTokens).toBeGreaterThan(0);
          expect(request?.costNanoUsd).toBeGreaterThan(0);
          expect(vendor.requests).toHaveLength(1);
          return { waitMs, usage };
        }),
      );
      const slowestMs = Math.max(...waits.map(({ waitMs }) => waitMs));
      const usages = waits.map(({ usage }) => `${usage?.source} ${usage?.outputTokens}`);
      table.push(
        `${kind.padEnd(18)}${name.padEnd(36)}upstream closed after ${slowestMs.toFixed(0)} ms; tokens ${usages.join(', ')}`,
      );
    },
  );
});

/** A request over a bare socket, whose reading the test has in hand. */
function rawRequest({ url, token }: Asked, body: string, length = Buffer.byteLength(body)): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  const head = ['POST /v1/chat/completions HTTP/1.1', `host: ${hostname}:${port}`, `authorization: Bearer ${token}`];
  socket.write(
    `${[...head, 'content-type: application/json', `content-length: ${length}`].join('\r\n')}\r\n\r\n${body}`,
  );
  onTestFinished(() => void socket.destroy());
  return socket;
}

const STREAMED = JSON.stringify({ model: 'auto', stream: true, messages: [{ role: 'user', content: 'Say it.' }] });

describe('a client that goes', () => {
  it('before its request is complete is no request: nobody is asked, nothing is booked', async () => {
    const { vendor, served } = await serve('openai');
    const socket = rawRequest(served, STREAMED.slice(0, 40), 500);
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(vendor.requests).toHaveLength(0);
    expect(await served.app.gateway.requestLog({ limit: 10 })).toHaveLength(0);
  });

  it.each(DIALECTS)('while a whole answer is awaited ends the call within a second (%s)', async (dialect) => {
    const { vendor, served } = await serve('openai');
    vendor.script({ fault: { type: 'stall-before-headers' } });
    const body = {
      chat: { messages: [{ role: 'user', content: 'Say it.' }] },
      messages: { messages: [{ role: 'user', content: 'Say it.' }], max_tokens: 100 },
      responses: { input: 'Say it.' },
    }[dialect];
    const path = { chat: 'chat/completions', messages: 'messages', responses: 'responses' }[dialect];
    const client = new AbortController();
    const asked = fetch(`${served.url}/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${served.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'auto', ...body }),
      signal: client.signal,
    });
    asked.catch(() => {});
    await vendor.received(0);
    expect(await leave(vendor, () => client.abort())).toBeLessThan(ABORT_MS_MAX);
    const [request] = await booksOf(served, 1);
    expect(request).toMatchObject({ status: 'cancelled', attempts: [{ status: 'cancelled' }] });
  });

  it('between two attempts is not asked for again', async () => {
    const { vendor, served } = await serve('openai');
    vendor.script({ say: { failure: 'overloaded', headers: { 'retry-after': '1' } } });
    const client = new AbortController();
    const asked = streamRequest(served, 'chat', { prompt: 'Say it.', signal: client.signal });
    asked.catch(() => {});
    await eventually(() => expect(vendor.requests[0]?.outcome).toBe('answered'));
    client.abort();
    const [request] = await booksOf(served, 1);
    expect(request?.status).toBe('cancelled');
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(vendor.requests).toHaveLength(1);
  });
});

describe('a reader who takes nothing', () => {
  /** Far more than the buffers of two connections hold. */
  const HUGE: ScriptedAnswer = { pieces: Array.from({ length: 4_000 }, (_, index) => `${index} `.padEnd(10_000, 'x')) };

  it('stops the provider as well, and is cut off at the limit', async () => {
    const { vendor, served } = await serve('openai-compatible', { stalledReaderMs: 1_000 });
    vendor.script({ say: HUGE });
    const socket = rawRequest(served, STREAMED);
    socket.pause();
    await vendor.received(0);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(vendor.requests[0]?.outcome).toBe('open');
    await eventually(() => expect(vendor.requests[0]?.outcome).toBe('aborted'));
    const [request] = await booksOf(served, 1);
    expect(request).toMatchObject({ status: 'cancelled', attempts: [{ status: 'cancelled' }] });
    expect(request?.attempts[0]?.usage?.outputTokens).toBeGreaterThan(0);
  });

  it.runIf(process.platform === 'linux')('does not bring his answer into the memory of the service', async () => {
    const READERS = 3;
    const vendor = await startUpstream('openai-compatible', { otherwise: HUGE });
    const upstreams: readonly Upstream[] = [{ id: 'main', kind: 'openai-compatible', upstream: vendor }];
    const served = await startServe({ upstreams, config: { cache: { enabled: false } } });
    // The first stream brings in what every stream needs: the vendor's SDK, pages of the heap.
    const first = rawRequest(served, STREAMED);
    first.resume();
    await eventually(() => expect(vendor.requests[0]?.outcome).toBe('answered'));
    const bytesBefore = residentBytes(served.pid);
    for (let reader = 0; reader < READERS; reader += 1) rawRequest(served, STREAMED).pause();
    await eventually(() => expect(vendor.requests).toHaveLength(READERS + 1));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(vendor.requests.slice(1).map(({ outcome }) => outcome)).toEqual(Array(READERS).fill('open'));
    // Of forty megabytes. What the sockets' buffers took leaves garbage, which an idle process collects by and by.
    const grownBytes = () => residentBytes(served.pid) - bytesBefore;
    await eventually(() => expect(grownBytes() / READERS).toBeLessThan(16_000_000));
    const [before, after] = [bytesBefore, bytesBefore + grownBytes()].map((bytes) => (bytes / 1e6).toFixed(0));
    table.push(`${READERS} readers who take nothing of 40 MB: the service holds ${after} MB, ${before} MB before them`);
  });

  it('gets all of it when he goes on reading', async () => {
    const { vendor, served } = await serve('openai-compatible', { stalledReaderMs: 5_000 });
    vendor.script({ say: HUGE });
    const socket = rawRequest(served, STREAMED);
    socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(vendor.requests[0]?.outcome).toBe('open');
    let bytes = 0;
    let tail = '';
    await new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        tail = (tail + chunk.toString('latin1')).slice(-200);
        if (tail.includes('[DONE]')) resolve();
      });
      socket.resume();
    });
    expect(bytes).toBeGreaterThan(40_000_000);
    const [request] = await booksOf(served, 1);
    expect(request?.status).toBe('success');
  });
});

function residentBytes(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1_024;
}
