import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Completion } from '../../../src/core/completion.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import { nanoUsd } from '../../../src/core/money.ts';
import type { Clock } from '../../../src/core/ports.ts';
import type { ProviderRequest } from '../../../src/core/provider.ts';
import { NO_USAGE } from '../../../src/core/usage.ts';
import { SYSTEM_CLOCK } from '../../../src/resilience/system-clock.ts';
import { chat } from '../../support/gateway.ts';
import { refusal, type Step } from '../../support/scripted-provider.ts';
import { openLadder } from './ladder.ts';

type Behaviour = 'right' | 'wrong' | 'json' | 'cut' | 'declines' | 'busy' | 'limited' | 'refused' | 'broken';
const behaviour = fc.constantFrom<Behaviour>(
  'right',
  'wrong',
  'json',
  'cut',
  'declines',
  'busy',
  'limited',
  'refused',
  'broken',
);

/** Every model bills all it was allowed to write: the worst case for a cost limit. */
function stepsOf(kind: Behaviour, request: ProviderRequest): readonly Step[] {
  const usage = {
    ...NO_USAGE,
    inputTokens: 5,
    outputTokens: request.maxOutputTokens ?? 4_000,
    source: 'reported',
  } as const;
  const ends = (text: string, unified: Completion['finishReason']['unified']): readonly Step[] => [
    { type: 'sent' },
    ...(text === '' ? [] : [{ type: 'text-delta', text } as const]),
    { type: 'usage', usage },
    { type: 'finish', finishReason: { unified, raw: unified }, model: 'scripted' },
  ];
  switch (kind) {
    case 'right':
      return ends('The answer is 42.', 'stop');
    case 'wrong':
      return ends('The answer is 41.', 'stop');
    case 'json':
      return ends('{"answer":42}', 'stop');
    case 'cut':
      return ends('The ans', 'length');
    case 'declines':
      return ends('', 'refusal');
    case 'busy':
      return refusal('provider_overloaded', 'busy', { status: 503 });
    case 'limited':
      return refusal('rate_limited', 'slow down', { status: 429, retryAfterMs: 5 });
    case 'refused':
      return refusal('invalid_request', 'no', { status: 400 });
    case 'broken':
      return [{ type: 'sent' }, { type: 'text-delta', text: 'The' }];
    default:
      return kind satisfies never;
  }
}

const SCHEMA = { type: 'object', properties: { answer: { type: 'number' } }, required: ['answer'] };

const scene = fc.record({
  scripts: fc.record({
    cheap: fc.array(behaviour, { minLength: 1, maxLength: 3 }),
    peer: fc.array(behaviour, { minLength: 1, maxLength: 2 }),
    strong: fc.array(behaviour, { minLength: 1, maxLength: 2 }),
    spare: fc.array(behaviour, { minLength: 1, maxLength: 2 }),
  }),
  peer: fc.boolean(),
  threshold: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  attemptsMax: fc.integer({ min: 1, max: 5 }),
  costMax: fc.option(fc.integer({ min: 50_000, max: 100_000_000 }).map(nanoUsd), { nil: undefined }),
  maxOutputTokens: fc.option(fc.integer({ min: 20, max: 4_000 }), { nil: undefined }),
  wantsJson: fc.boolean(),
  streamed: fc.boolean(),
});

describe('whatever the models do, a request whose answer is checked', () => {
  it('keeps its limits, ends once, and is booked to the nano-dollar', async () => {
    // Waits are not waited for; the wall clock goes on by itself, so that rests end.
    const clock: Clock = { ...SYSTEM_CLOCK, sleep: async () => undefined };
    let number = 0;
    await fc.assert(
      fc.asyncProperty(scene, async ({ scripts, peer, threshold, attemptsMax, costMax, maxOutputTokens, ...rest }) => {
        const of = (kinds: readonly Behaviour[]) => (call: number, request: ProviderRequest) =>
          stepsOf(kinds[Math.min(call, kinds.length) - 1] ?? 'right', request);
        const ladder = await openLadder({
          cheap: of(scripts.cheap),
          peer: of(scripts.peer),
          strong: of(scripts.strong),
          spare: of(scripts.spare),
          verify: { peer, ...(threshold !== undefined && { threshold }) },
          more: { limits: { attemptsMax }, clock },
        });
        number += 1;
        const asked = chat(`What is 6 times 7? (${number})`, costMax === undefined ? {} : { costMax }, {
          ...(maxOutputTokens !== undefined && { maxOutputTokens }),
          ...(rest.wantsJson && { responseFormat: { type: 'json-schema', name: 'answer', schema: SCHEMA } as const }),
        });
        const signal = new AbortController().signal;
        const ended = await (rest.streamed
          ? endOfStream(ladder, asked)
          : ladder.gateway.complete(asked, { signal })
        ).catch((error: unknown) => {
          if (error instanceof GatewayError && error.code !== 'internal') return error;
          throw error;
        });
        const [booked, ...others] = await ladder.books();
        await ladder.close();
        expect(others).toEqual([]);
        const sent = ended.attempts.filter(({ status }) => status !== 'not_sent');
        expect(sent.length).toBeLessThanOrEqual(attemptsMax);
        expect(ladder.events).toHaveLength(1);
        const told = sent.map(({ model, role, status, costNanoUsd }) => [model, role, status, costNanoUsd]);
        const inBooks = (booked?.attempts ?? []).map(({ model, role, status, costNanoUsd }) => [
          model,
          role,
          status,
          costNanoUsd,
        ]);
        expect(inBooks.map(String).sort()).toEqual(told.map(String).sort());
        expect(booked?.status).toBe(
          ended instanceof GatewayError ? (ended.code === 'stream_truncated' ? 'truncated' : 'failed') : 'success',
        );
        if (costMax !== undefined) expect(booked?.costNanoUsd ?? 0).toBeLessThanOrEqual(costMax);
        if (ended instanceof GatewayError) return;
        expect(ended.costNanoUsd).toBe(booked?.costNanoUsd);
        expect(booked?.verification).toEqual(ended.verification);
        const { outcome, first } = ended.verification ?? {};
        expect(outcome).toBeDefined();
        expect(ended.model === first).toBe(outcome !== 'escalated');
        expect(outcome === 'kept').toBe(ended.verification?.keptBecause !== undefined);
        if (rest.wantsJson && ended.completion.finishReason.unified === 'stop')
          expect(ended.data).toEqual({ answer: 42 });
        expect(ladder.outcomes.map(({ verification }) => verification)).toEqual([ended.verification]);
      }),
      { numRuns: 120 },
    );
  });
});

async function endOfStream({ gateway }: Awaited<ReturnType<typeof openLadder>>, asked: ReturnType<typeof chat>) {
  const { parts } = await gateway.stream(asked, { signal: new AbortController().signal });
  for await (const part of parts) {
    if (part.type === 'error') throw part.error;
    if (part.type === 'end') return part.answer;
  }
  throw new RangeError('the stream just stopped');
}
