import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import type { Clock } from '../../src/core/ports.ts';
import type { ChatRequest, RoutingHints } from '../../src/core/request.ts';
import { STRATEGIES, TASKS, TIERS } from '../../src/core/request.ts';
import { SYSTEM_CLOCK } from '../../src/resilience/system-clock.ts';
import { chat, failure, model, openGateway } from '../support/gateway.ts';
import { answer, createScriptedProvider, refusal } from '../support/scripted-provider.ts';

const MODELS = [
  model('one/small', { contextTokens: 4_000, quality: 0.3, priority: 2 }),
  model('one/large', { quality: 0.9, capabilities: ['tools', 'vision'] }),
  model('two/cheap', { quality: 0.5, priority: 1, capabilities: ['tools'] }),
  model('two/seeing', { capabilities: ['vision'] }),
];

const hints: fc.Arbitrary<Partial<RoutingHints>> = fc.record(
  {
    model: fc.constantFrom('one/small', 'two/cheap', 'large', 'two/unheard-of', 'nobody/x', 'auto'),
    provider: fc.constantFrom('one', 'two', 'three'),
    tier: fc.constantFrom(...TIERS),
    task: fc.constantFrom(...TASKS),
    strategy: fc.constantFrom(...STRATEGIES),
    fallback: fc.boolean(),
    cache: fc.constantFrom('use', 'refresh', 'off'),
  },
  { requiredKeys: [] },
);

const request: fc.Arbitrary<ChatRequest> = fc
  .record({
    prompt: fc.oneof(
      fc.lorem({ maxCount: 60 }),
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.constant('word '.repeat(6_000)),
    ),
    hints,
    withTool: fc.boolean(),
    maxOutputTokens: fc.option(fc.integer({ min: 1, max: 5_000 }), { nil: undefined }),
  })
  .map(({ prompt, hints, withTool, maxOutputTokens }) =>
    chat(prompt, hints, {
      ...(withTool && { tools: [{ name: 'look', inputSchema: { type: 'object' } }] }),
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    }),
  );

/** One provider answers, the other fails often enough to get breakers and rests into play. */
async function liveGateway() {
  let calls = 0;
  const one = createScriptedProvider('one', () => {
    calls += 1;
    if (calls % 3 === 0) return refusal('rate_limited', 'slow down', { status: 429, retryAfterMs: 40 });
    return calls % 2 === 0 ? refusal('provider_error', 'boom') : answer('ok');
  });
  const two = createScriptedProvider('two', () => answer('ok'));
  // The wall clock stands still between a preview and its call, and moves on before the next pair.
  let wallMs = 1_800_000_000_000;
  const clock: Clock = { ...SYSTEM_CLOCK, nowMs: () => wallMs, sleep: async () => undefined };
  const harness = await openGateway({ providers: [one, two], models: MODELS, clock });
  const passTime = (spanMs: number) => {
    wallMs += spanMs;
  };
  return { ...harness, passTime };
}

describe('route_preview', () => {
  it('is the live decision, whatever is asked and however the providers fare', async () => {
    const { gateway, close, passTime } = await liveGateway();
    const signal = new AbortController().signal;
    await fc.assert(
      fc.asyncProperty(request, fc.nat({ max: 60 }), async (asked, spanMs) => {
        passTime(spanMs);
        const previewed = await gateway.preview(asked).catch((error: GatewayError) => error);
        if (previewed instanceof GatewayError) {
          const live = await failure(gateway.complete(asked, { signal }));
          expect({ code: live.code, message: live.message, hint: live.hint }).toEqual({
            code: previewed.code,
            message: previewed.message,
            hint: previewed.hint,
          });
          return;
        }
        const first = previewed.plan.candidates[0]?.model.ref;
        const live = await gateway.complete(asked, { signal }).catch((error: GatewayError) => error);
        if (live instanceof GatewayError) {
          // Only what can fail upstream, or nothing callable, may fail after a preview that worked.
          expect(first === undefined || live.attempts.length > 0 || live.code === 'all_cooling').toBe(true);
          if (live.attempts[0]) expect(live.attempts[0].model).toBe(first);
          return;
        }
        expect(live.cache === 'hit').toBe(previewed.cached);
        const firstAsked = live.attempts[0]?.model ?? live.model;
        expect(firstAsked).toBe(first);
        expect(live.plan.candidates.map(({ model, reason }) => [model.ref, reason])).toEqual(
          previewed.plan.candidates.map(({ model, reason }) => [model.ref, reason]),
        );
        expect([live.plan.tier, live.plan.strategy, live.plan.reason]).toEqual([
          previewed.plan.tier,
          previewed.plan.strategy,
          previewed.plan.reason,
        ]);
      }),
      { numRuns: 300 },
    );
    await close();
  });

  it('calls nobody and books nothing', async () => {
    const only = createScriptedProvider('only', () => answer('ok'));
    const harness = await openGateway({ providers: [only], models: [model('only/m')] });
    expect((await harness.gateway.preview(chat('hello'))).cached).toBe(false);
    expect(only.calls).toHaveLength(0);
    expect(await harness.books()).toEqual([]);
    await harness.ask('hello');
    expect((await harness.gateway.preview(chat('hello'))).cached).toBe(true);
    await harness.close();
  });
});
