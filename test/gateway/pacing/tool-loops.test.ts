import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Message } from '../../../src/core/message.ts';
import type { ChatRequest } from '../../../src/core/request.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { chat } from '../../support/gateway.ts';
import { openPaced, PLAINLY_EASY, PROVEN_HARD } from './paced-pair.ts';

const TOOLS = [{ name: 'look', inputSchema: { type: 'object' } }] as const;
const HOUR_MS = 3_600_000;
const PINNED = 'The user turn of this tool loop is in tier';

const says = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] });
const answers = (text: string): Message => ({ role: 'assistant', content: [{ type: 'text', text }] });
/** A call of a tool and its result. */
const step = (id: string): readonly Message[] => [
  { role: 'assistant', content: [{ type: 'tool-call', id, name: 'look', argumentsJson: '{}' }] },
  { role: 'tool', content: [{ type: 'tool-result', toolCallId: id, toolName: 'look', text: 'found it' }] },
];
const steps = (count: number, loop = 'loop') =>
  Array.from({ length: count }, (_, number) => step(`${loop}-${number}`)).flat();
const request = (messages: readonly Message[], more: Partial<ChatRequest> = {}) =>
  chat('', { cache: 'off' }, { messages, tools: TOOLS, ...more });

type Paced = Awaited<ReturnType<typeof openPaced>>;

async function paced(options: Parameters<typeof openPaced>[0] = {}): Promise<Paced> {
  const harness = await openPaced(options);
  onTestFinished(() => harness.close());
  return harness;
}

async function send({ gateway }: Paced, messages: readonly Message[], more: Partial<ChatRequest> = {}) {
  const { plan, model } = await gateway.complete(request(messages, more), { signal: new AbortController().signal });
  return { plan, model };
}

/** Uses the share up, so that the next hard request is held back. */
async function spend(harness: Paced): Promise<void> {
  for (let number = 0; number < 30; number += 1) await send(harness, [says(`${PROVEN_HARD} (${number})`)]);
  for (let number = 0; number < 30; number += 1) {
    if ((await harness.gateway.preview(request([says(PROVEN_HARD)]))).plan.pacing?.side === 'cheap') return;
    await send(harness, [says(PROVEN_HARD)]);
  }
  throw new Error('the share cannot be used up');
}

/** All that is stored of turns: a key and its value each. */
function turnsKept({ store }: Paced) {
  return Array.from({ length: 4_096 }, (_, group) => `turns/${group.toString(16).padStart(3, '0')}`).flatMap((name) =>
    Object.entries(store.states.read(name) ?? {}),
  );
}

describe('a tool loop', () => {
  it('keeps the tier of its user turn in every step, whatever others spend meanwhile', async () => {
    const harness = await paced();
    const first = await send(harness, [says(PROVEN_HARD)]);
    expect(first).toMatchObject({ model: 'strong/large', plan: { pacing: { side: 'strong' } } });
    for (let count = 1; count <= 4; count += 1) {
      await spend(harness);
      const { plan, model } = await send(harness, [says(PROVEN_HARD), ...steps(count)]);
      expect(model).toBe('strong/large');
      expect(plan).toMatchObject({ tier: first.plan.tier, isPinned: true });
      expect(plan.reason).toContain(`${PINNED} ${first.plan.tier}`);
    }
  });

  it('stays held back as well, and its steps are no part of the share', async () => {
    const harness = await paced({ table: { costTarget: { type: 'share', shareMax: 0.2 } } });
    await spend(harness);
    const { plan: held } = await send(harness, [says(PROVEN_HARD)]);
    expect(held).toMatchObject({ tier: 'medium', pacing: { side: 'cheap' } });
    await harness.books();
    const seen = harness.store.states.read('pacing/share 0.2')?.seen;
    for (let count = 1; count <= 8; count += 1) {
      expect((await send(harness, [says(PROVEN_HARD), ...steps(count)])).model).toBe('cheap/small');
    }
    await harness.books();
    expect(harness.store.states.read('pacing/share 0.2')?.seen).toBe(seen);
  });

  it('is not the loop of another conversation that began with the same words', async () => {
    const harness = await paced();
    const loops = new Map<string, string | undefined>();
    for (let number = 0; number < 12; number += 1) {
      const { plan } = await send(harness, [says(PROVEN_HARD)]);
      loops.set(`loop-${number}`, plan.tier);
      await send(harness, [says(PROVEN_HARD), ...steps(1, `loop-${number}`)]);
    }
    expect(new Set(loops.values()).size).toBe(2);
    for (const [loop, tier] of loops) {
      expect((await send(harness, [says(PROVEN_HARD), ...steps(2, loop)])).plan).toMatchObject({
        tier,
        isPinned: true,
      });
    }
  });

  it('goes on in another process, and after a restart', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-loops-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    const [one, other] = [await openPaced({ dataDir }), await paced({ dataDir })];
    const first = await send(one, [says(PROVEN_HARD)]);
    await spend(other);
    expect((await send(other, [says(PROVEN_HARD), ...steps(1)])).plan).toMatchObject({
      tier: first.plan.tier,
      isPinned: true,
    });
    await one.close();
    const restarted = await paced({ dataDir });
    expect((await send(restarted, [says(PROVEN_HARD), ...steps(2)])).model).toBe('strong/large');
  });

  it('is the same one when the client speaks for the user beside the results', async () => {
    const harness = await paced();
    const first = await send(harness, [says(PROVEN_HARD)]);
    const reminded = [says(PROVEN_HARD), ...steps(1), says('Reminder: the list of files has changed.')];
    expect((await send(harness, reminded)).plan).toMatchObject({ tier: first.plan.tier, isPinned: true });
    expect((await send(harness, [...reminded, ...step('another')])).plan).toMatchObject({ isPinned: true });
  });

  it('ends with the next user turn, which is decided by itself', async () => {
    const harness = await paced({ table: { costTarget: { type: 'share', shareMax: 0.5 } } });
    await send(harness, [says(PROVEN_HARD)]);
    const done = [says(PROVEN_HARD), ...steps(1), answers('It is done.')];
    const next = await send(harness, [...done, says(PLAINLY_EASY)]);
    expect(next.plan.isPinned).toBeUndefined();
    expect(next.plan.pacing).toBeDefined();
    // The same words again are another turn.
    expect((await send(harness, [...done, says(PROVEN_HARD), ...steps(1)])).plan.isPinned).toBeUndefined();
  });

  it('of another tenant is another one', async () => {
    const harness = await paced();
    await send(harness, [says(PROVEN_HARD)]);
    const caller = { tenant: 'another', client: 'test' };
    expect((await send(harness, [says(PROVEN_HARD), ...steps(1)], { caller })).plan.isPinned).toBeUndefined();
  });

  it('is pinned by no preview', async () => {
    const harness = await paced();
    await harness.gateway.preview(request([says(PROVEN_HARD)]));
    const begun = request([says(PROVEN_HARD), ...steps(1)]);
    expect((await harness.gateway.preview(begun)).plan.isPinned).toBeUndefined();
    const first = await send(harness, [says(PROVEN_HARD)]);
    expect((await harness.gateway.preview(begun)).plan).toMatchObject({ isPinned: true, tier: first.plan.tier });
  });

  it('is pinned where the site learns, whatever it learns meanwhile', async () => {
    let shift = 0;
    const harness = await paced({ hasTarget: false, site: () => ({ labels: 1, shift: () => shift }) });
    const first = await send(harness, [says(PLAINLY_EASY)]);
    shift = 5;
    const { plan } = await send(harness, [says(PLAINLY_EASY), ...steps(1)]);
    expect(plan).toMatchObject({ isPinned: true, tier: first.plan.tier });
    expect((await send(harness, [says(`${PLAINLY_EASY} Again.`)])).plan.tier).toBe('expert');
  });

  it('without either comes to the same tier in each step by itself, reminders or not, and leaves nothing behind', async () => {
    const harness = await paced({ hasTarget: false });
    const { plan: first } = await send(harness, [says(PLAINLY_EASY)]);
    for (const after of [
      steps(1),
      [...steps(2), says(PROVEN_HARD)],
      [...steps(2), says('Go on.'), ...steps(1, 'more')],
    ]) {
      const { plan } = await send(harness, [says(PLAINLY_EASY), ...after]);
      expect(plan).toMatchObject({ tier: first.tier, evidence: first.evidence });
      expect(plan.isPinned).toBeUndefined();
    }
    await harness.books();
    expect(turnsKept(harness)).toEqual([]);
  });

  it('whose caller names a tier is left to its caller', async () => {
    const harness = await paced();
    await send(harness, [says(PROVEN_HARD)]);
    const routing = { cache: 'off', tier: 'simple' } as const;
    const { plan, model } = await send(harness, [says(PROVEN_HARD), ...steps(1)], { routing });
    expect([model, plan.isPinned]).toEqual(['cheap/small', undefined]);
  });

  it('is forgotten an hour after its last step, and not before', async () => {
    const clock = createFakeClock();
    const harness = await paced({ clock });
    await send(harness, [says(PROVEN_HARD)]);
    for (let count = 1; count <= 3; count += 1) {
      await clock.advance(HOUR_MS / 2);
      expect((await send(harness, [says(PROVEN_HARD), ...steps(count)])).plan.isPinned).toBe(true);
    }
    await clock.advance(HOUR_MS);
    expect((await send(harness, [says(PROVEN_HARD), ...steps(4)])).plan.isPinned).toBeUndefined();
  });

  it('leaves no text behind, and no more than a bounded number of turns', async () => {
    const harness = await paced();
    for (let number = 0; number < 300; number += 1) await send(harness, [says(`${PLAINLY_EASY} (${number})`)]);
    await harness.books();
    const kept = turnsKept(harness);
    expect(kept).toHaveLength(300);
    for (const [key, value] of kept) {
      expect(key).toMatch(/^[0-9a-f]{32}$/);
      expect(value).toEqual([expect.stringMatching(/^[a-z]+$/), expect.any(Number)]);
    }
  });
});
