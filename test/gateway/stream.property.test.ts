import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Completion } from '../../src/core/completion.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { Clock } from '../../src/core/ports.ts';
import type { AnswerPart } from '../../src/gateway/gateway.ts';
import { chat, model, openGateway, partsOf } from '../support/gateway.ts';
import { createScriptedProvider, type Step, USAGE } from '../support/scripted-provider.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const piece: fc.Arbitrary<readonly Step[]> = fc.oneof(
  text.map((value) => [{ type: 'text-delta', text: value } as const]),
  text.map((value) => [{ type: 'reasoning-delta', text: value } as const]),
  text.map((value) => [
    { type: 'reasoning-delta', text: value, vendorState: { kind: 'openai-compatible', value: 'state' } } as const,
  ]),
  fc
    .tuple(fc.uuid(), fc.array(fc.string({ maxLength: 5 }), { maxLength: 4 }))
    .map(([id, deltas]): readonly Step[] => [
      ...deltas.map((argumentsText) => ({ type: 'tool-call-delta', id, name: 'look', argumentsText }) as const),
      { type: 'tool-call', id, name: 'look', argumentsJson: deltas.join('') },
    ]),
  fc.nat(1_000).map((outputTokens) => [{ type: 'usage', usage: { ...USAGE, outputTokens } } as const]),
  fc.constant([{ type: 'ping' } as const]),
);

const ending: fc.Arbitrary<readonly Step[]> = fc.constantFrom<(readonly Step[])[]>(
  [{ type: 'finish', finishReason: { unified: 'stop', raw: 'end' }, model: 'm', providerRequestId: 'r-1' }],
  [{ type: 'finish', finishReason: { unified: 'length', raw: 'cut' }, model: 'm' }],
  [{ type: 'error', error: new GatewayError('provider_overloaded', 'busy', { status: 529 }) }],
  [{ type: 'error', error: new GatewayError('content_filtered', 'no', { status: 400 }) }],
  [],
);

const script: fc.Arbitrary<readonly Step[]> = fc
  .tuple(fc.array(piece, { maxLength: 20 }), ending)
  .map(([pieces, end]) => [{ type: 'sent' }, ...pieces.flat(), ...end]);

/** The parts put together again, as a client does. */
function collected(parts: readonly AnswerPart[]): Completion['content'] {
  const content: Completion['content'][number][] = [];
  for (const part of parts) {
    const last = content.at(-1);
    if (part.type === 'tool-call') content.push(part);
    else if (part.type === 'text-delta') {
      if (last?.type === 'text') content[content.length - 1] = { type: 'text', text: last.text + part.text };
      else content.push({ type: 'text', text: part.text });
    } else if (part.type === 'reasoning-delta') {
      const { type: _type, text: more, ...state } = part;
      if (last?.type === 'reasoning' && !last.vendorState)
        content[content.length - 1] = { ...last, ...state, text: last.text + more };
      else content.push({ type: 'reasoning', text: more, ...state });
    }
  }
  return content;
}

/** Stands still between preview and call; retries do not wait, and no limit is ever reached. */
const CLOCK: Clock = {
  nowMs: () => 1_800_000_000_000,
  monotonicMs: () => performance.now(),
  sleep: (delayMs) => (delayMs > 8_000 ? new Promise<void>(() => {}) : Promise.resolve()),
  wakeAfter: () => () => {},
};

type Outcome = { readonly ok: boolean; readonly answer?: object; readonly plan: object };

describe('whatever a provider sends', () => {
  it('a stream put together is the whole answer, and the decision is the previewed one', async () => {
    await fc.assert(
      fc.asyncProperty(script, fc.array(script, { maxLength: 1 }), async (steps, [other = steps]) => {
        const outcomes: Outcome[] = [];
        for (const mode of ['complete', 'stream'] as const) {
          const first = createScriptedProvider('first', () => steps);
          const second = createScriptedProvider('second', () => other);
          const harness = await openGateway({
            providers: [first, second],
            models: [model('first/a'), model('second/b')],
            limits: { attemptsMax: 2 },
            clock: CLOCK,
          });
          const request = chat('hello', { cache: 'off' });
          const { plan } = await harness.gateway.preview(request);
          const { signal } = new AbortController();
          try {
            if (mode === 'complete') {
              const { completion, model: ref, plan: taken } = await harness.gateway.complete(request, { signal });
              expect(taken).toEqual(plan);
              outcomes.push({ ok: true, answer: { completion, ref }, plan });
            } else {
              const stream = await harness.gateway.stream(request, { signal });
              expect(stream.plan).toEqual(plan);
              const parts = await partsOf(stream);
              expect(parts.slice(0, -1).every(({ type }) => type !== 'end' && type !== 'error')).toBe(true);
              const last = parts.at(-1);
              if (last?.type === 'end') {
                expect(collected(parts)).toEqual(last.answer.completion.content);
                outcomes.push({ ok: true, answer: { completion: last.answer.completion, ref: stream.model }, plan });
              } else outcomes.push({ ok: false, plan });
            }
          } catch (error) {
            if (!(error instanceof GatewayError)) throw error;
            outcomes.push({ ok: false, plan });
          } finally {
            const rows = await harness.books();
            expect(rows.map(({ status }) => status === 'success')).toEqual([outcomes.at(-1)?.ok]);
            expect(rows.flatMap(({ attempts }) => attempts).filter(({ status }) => status === 'pending')).toEqual([]);
            expect(harness.events).toHaveLength(1);
            await harness.close();
          }
        }
        const [whole, streamed] = outcomes;
        if (streamed?.ok) expect(streamed).toEqual(whole);
        // A whole answer may come from a fallback that a stream, once begun, no longer takes.
        else if (whole?.ok) expect(whole.answer).toMatchObject({ ref: 'second/b' });
      }),
      { numRuns: 60 },
    );
  });
});
