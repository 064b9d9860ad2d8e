import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { RequestRecord } from '../../src/core/books.ts';
import { PROVIDER_KINDS, type ProviderKind } from '../../src/core/model.ts';
import type { CacheMode } from '../../src/core/request.ts';
import type { ScriptedAnswer } from '../../src/demo/vendors/scripted.ts';
import { type FakeUpstream, type Step, startFakeUpstream } from '../support/fake-upstream.ts';
import { bytesOf, type Fault, REFRAMINGS } from '../support/faults.ts';
import { openInProcess } from '../support/serve.ts';
import { DIALECTS, readStreamed, type StreamDialect, type StreamedReply } from '../support/streamed-dialects.ts';
import { eventually } from '../support/until.ts';
import { MODEL, WIRES } from './workplace.ts';

const USAGE = { inputTokens: 9, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 24, reasoningTokens: 0 };
/** Long enough for a cut in the middle, with characters of several bytes to be cut in two. */
const LONG: ScriptedAnswer = {
  text: 'Grüße aus Zürich: these are 世界 good 👋 many words, so that a cut falls somewhere in the middle of them all, wherever.',
  usage: USAGE,
};
/** Frames after which every vendor has sent content and is not at its end. */
const MIDDLE = 8;
const HUGE_LINE = 3 * 1024 * 1024;
/** For stalls alone: other faults must not look like one on a busy machine. */
const SHORT_LIMITS = { firstTokenMs: 300, firstTokenSlowMs: 300, idleMs: 300 };

type Case = {
  readonly name: string;
  readonly fault: Fault | ((kind: ProviderKind) => Fault);
  readonly error: string;
};

const EARLY: readonly Case[] = [
  { name: 'reset before headers', fault: { type: 'reset-before-headers' }, error: 'provider_unavailable' },
  { name: 'no headers', fault: { type: 'stall-before-headers' }, error: 'provider_timeout' },
  { name: 'headers, then nothing', fault: { type: 'stall', afterFrames: 0 }, error: 'provider_timeout' },
  { name: 'error event first', fault: errorEvent(0), error: 'provider_overloaded' },
  { name: 'malformed line first', fault: { type: 'malformed-line', afterFrames: 0 }, error: 'malformed_response' },
  { name: 'web page with 200', fault: webPage(), error: 'malformed_response' },
  { name: 'empty body with 200', fault: { type: 'replace', body: '' }, error: 'stream_truncated' },
  { name: 'end after 20 bytes', fault: { type: 'cut', afterBytes: 20 }, error: 'stream_truncated' },
  { name: 'reset after 20 bytes', fault: { type: 'reset', afterBytes: 20 }, error: 'stream_truncated' },
  { name: 'broken gzip', fault: { type: 'broken-gzip', afterFrames: 0 }, error: 'malformed_response' },
  { name: 'endless line first', fault: endlessLine(0), error: 'malformed_response' },
];

const LATE: readonly Case[] = [
  { name: 'no terminal event', fault: { type: 'no-terminal-event' }, error: 'stream_truncated' },
  { name: 'clean end in the middle', fault: (kind) => inTheMiddle(kind, 'cut'), error: 'stream_truncated' },
  { name: 'reset in the middle', fault: (kind) => inTheMiddle(kind, 'reset'), error: 'stream_truncated' },
  { name: 'cut inside a character', fault: insideCharacter, error: 'stream_truncated' },
  { name: 'stall in the middle', fault: { type: 'stall', afterFrames: MIDDLE }, error: 'provider_timeout' },
  { name: 'error event', fault: errorEvent(MIDDLE), error: 'provider_overloaded' },
  { name: 'malformed line', fault: { type: 'malformed-line', afterFrames: MIDDLE }, error: 'malformed_response' },
  { name: 'gzip breaks', fault: { type: 'broken-gzip', afterFrames: MIDDLE }, error: 'malformed_response' },
  { name: 'content-length short', fault: { type: 'short-body', missingBytes: 300 }, error: 'stream_truncated' },
  { name: 'endless line', fault: endlessLine(MIDDLE), error: 'malformed_response' },
];

function errorEvent(afterFrames: number): Fault {
  return { type: 'error-event', afterFrames, failure: { failure: 'overloaded' } };
}

function webPage(): Fault {
  return { type: 'replace', headers: { 'content-type': 'text/html' }, body: '<html>Log in</html>' };
}

function endlessLine(afterFrames: number): Fault {
  return { type: 'extra-frame', afterFrames, frame: `data: {"x":"${'x'.repeat(HUGE_LINE)}` };
}

function wireBytes(kind: ProviderKind, answer: ScriptedAnswer): Buffer {
  const call = {
    type: 'chat',
    model: MODEL,
    stream: true,
    system: '',
    prompt: '',
    transcript: '',
    wantsUsage: true,
  } as const;
  return bytesOf(WIRES[kind].stream(answer, { ...call, images: [], tools: [], toolResults: [] }));
}

function inTheMiddle(kind: ProviderKind, type: 'cut' | 'reset'): Fault {
  return { type, afterBytes: Math.floor(wireBytes(kind, LONG).length * 0.6) };
}

/** Behind the first of the four bytes of the waving hand. */
function insideCharacter(kind: ProviderKind): Fault {
  return { type: 'cut', afterBytes: wireBytes(kind, LONG).indexOf(0xf0) + 1 };
}

const TIERS: Readonly<Record<StreamDialect, string>> = { chat: 'trivial', messages: 'simple', responses: 'medium' };
const table: string[] = [];
let healthy: FakeUpstream;

beforeAll(async () => {
  healthy = await startFakeUpstream(WIRES['openai-compatible'], { models: [MODEL] });
});
afterAll(async () => {
  await healthy.close();
  process.stdout.write(`\n${table.join('\n')}\n`);
});

/** For each dialect a tier whose first model is a faulty provider of its own: what one learns does not help the next. */
async function openMatrix(kind: ProviderKind, limits: object = {}) {
  const faulty = await Promise.all(
    DIALECTS.map(() => startFakeUpstream(WIRES[kind], { models: [MODEL], otherwise: LONG })),
  );
  const upstreams = faulty.map((upstream, index) => ({ id: `faulty-${DIALECTS[index]}`, kind, upstream }));
  const tiers = Object.fromEntries(
    DIALECTS.map((dialect) => [TIERS[dialect], [`faulty-${dialect}/${MODEL}`, `healthy/${MODEL}`]]),
  );
  const served = await openInProcess({
    upstreams: [...upstreams, { id: 'healthy', kind: 'openai-compatible', upstream: healthy }],
    config: { limits, routing: { tiers } },
  });
  onTestFinished(async () => {
    await served.close();
    await Promise.all(faulty.map((upstream) => upstream.close()));
  });
  return {
    faultyOf: (dialect: StreamDialect) => faulty[DIALECTS.indexOf(dialect)] as FakeUpstream,
    ask: (dialect: StreamDialect, prompt: string, cache: CacheMode = 'use'): Promise<StreamedReply> =>
      readStreamed(served, dialect, { prompt, model: `tier:${TIERS[dialect]}`, cache }),
    /** The row of the request, which is written just behind its answer. */
    booked: ({ headers }: StreamedReply): Promise<RequestRecord> =>
      eventually(async () => {
        const log = await served.app.gateway.requestLog({ limit: 100 });
        const found = log.find(({ id }) => id === headers.get('x-signalbox-request-id'));
        if (found?.status === undefined) throw new Error('the request is not in the books');
        return found;
      }),
  };
}

describe.each(PROVIDER_KINDS)('a stream of a %s provider', (kind) => {
  /** Runs in all dialects at once; the row says what each client saw and how it is booked. */
  async function inEveryDialect(
    name: string,
    run: (dialect: StreamDialect) => Promise<{ readonly seen: string; readonly booked: string }>,
  ): Promise<void> {
    const cells = await Promise.all(DIALECTS.map(run));
    const seen = DIALECTS.map((dialect, index) => `${dialect} ${cells[index]?.seen}`).join(', ');
    const booked = [...new Set(cells.map((cell) => cell.booked))].join(' / ');
    table.push(`${kind.padEnd(18)}${name.padEnd(26)}${seen}; booked ${booked}`);
  }

  function openFor({ error }: Case) {
    return openMatrix(kind, error === 'provider_timeout' ? SHORT_LIMITS : {});
  }

  function stepOf({ fault }: Case): Required<Step> & { readonly say: ScriptedAnswer } {
    return { say: LONG, fault: typeof fault === 'function' ? fault(kind) : fault };
  }

  it.each(EARLY)('that fails by $name before its first content is replaced, and nobody sees it', async (fault) => {
    const matrix = await openFor(fault);
    await inEveryDialect(fault.name, async (dialect) => {
      const step = stepOf(fault);
      matrix.faultyOf(dialect).script(step, step);
      const reply = await matrix.ask(dialect, `${kind} ${fault.name} ${dialect}`);
      expect({ ...reply, events: reply.errors }).toMatchObject({
        status: 200,
        text: 'Hello there.',
        errors: [],
        endsWithItsEnd: true,
      });
      expect(reply.successes).toBeGreaterThan(0);
      expect(reply.headers.get('x-signalbox-model')).toBe(`healthy/${MODEL}`);
      const { status, attempts } = await matrix.booked(reply);
      const failed = attempts.filter(({ provider }) => provider !== 'healthy');
      expect(status).toBe('success');
      expect(failed.map(({ error }) => error)).toEqual(failed.map(() => fault.error));
      expect(failed).toHaveLength(matrix.faultyOf(dialect).requests.length);
      return { seen: 'whole', booked: `${failed.length} × ${fault.error}, then success` };
    });
  });

  it.each(LATE)(
    'that fails by $name after its first content ends with an error, is not cached and is booked as cut',
    async (fault) => {
      const matrix = await openFor(fault);
      await inEveryDialect(fault.name, async (dialect) => {
        const { say, ...step } = stepOf(fault);
        // Frame by frame, or a failure would swallow the content that came with it.
        matrix.faultyOf(dialect).script({ ...step, say: { ...say, pace: { firstMs: 0, frameMs: 1 } } });
        const prompt = `${kind} ${fault.name} ${dialect}`;
        const reply = await matrix.ask(dialect, prompt);
        expect(reply).toMatchObject({ status: 200, successes: 0, endsWithItsEnd: true });
        expect(reply.errors).toHaveLength(1);
        expect(reply.text).not.toBe('');
        expect(LONG.text?.startsWith(reply.text)).toBe(true);

        const { status, attempts, costNanoUsd } = await matrix.booked(reply);
        expect([status, attempts.length]).toEqual(['truncated', 1]);
        expect(attempts[0]).toMatchObject({ status: 'truncated', error: fault.error });
        expect(['partial', 'estimated']).toContain(attempts[0]?.usage?.source);
        expect(attempts[0]?.usage?.outputTokens).toBeGreaterThan(0);
        expect(costNanoUsd).toBeGreaterThan(0);

        const again = await matrix.ask(dialect, prompt);
        expect(again.headers.get('x-signalbox-cache')).toBe('miss');
        expect(again.successes).toBeGreaterThan(0);
        const { source, outputTokens } = attempts[0]?.usage ?? {};
        return { seen: reply.errors.join(), booked: `truncated, ${outputTokens} tokens ${source}` };
      });
    },
  );

  it('reads the same however its bytes are split and framed', async () => {
    const matrix = await openMatrix(kind);
    const bytes = wireBytes(kind, LONG).length;
    const faults: readonly Fault[] = [
      { type: 'byte-by-byte' },
      ...REFRAMINGS.map((as): Fault => ({ type: 'reframed', as })),
      ...[1, 2, 5, ...Array.from({ length: 9 }, (_, step) => Math.floor((bytes * (step + 1)) / 10))].map(
        (afterBytes): Fault => ({ type: 'split', afterBytes }),
      ),
      { type: 'split', afterBytes: wireBytes(kind, LONG).indexOf(0xf0) + 2 },
    ];
    await inEveryDialect('any split, any framing', async (dialect) => {
      const plain = await matrix.ask(dialect, 'Say it.', 'off');
      expect(plain.text).toBe(LONG.text);
      for (const fault of faults) {
        matrix.faultyOf(dialect).script({ say: LONG, fault });
        const reply = await matrix.ask(dialect, 'Say it.', 'off');
        expect({ fault, ...comparable(reply) }).toEqual({ fault, ...comparable(plain) });
      }
      return { seen: 'the same', booked: `success, ${faults.length} times` };
    });
  });
});

/** Everything but ids, times and how the text was cut into pieces. */
function comparable({ status, text, successes, errors, events }: StreamedReply) {
  const others = events.filter((event) => !JSON.stringify(event).includes('delta"'));
  const known = JSON.stringify(others)
    .replaceAll(/[0-9a-f]{32}/g, 'ID')
    .replaceAll(/"(created|created_at|completed_at|sequence_number)":\d+/g, '"$1":0');
  return { status, text, successes, errors, known };
}
