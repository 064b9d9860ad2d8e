import { describe, expect, it } from 'vitest';
import { chat } from '../../support/gateway.ts';
import { answer, refusal } from '../../support/scripted-provider.ts';
import { cut, openLadder } from './ladder.ts';

/** The plan of this request. */
async function planOf(ladder: Parameters<typeof openLadder>[0], ...asked: Parameters<typeof chat>) {
  const { gateway } = await openLadder(ladder);
  return (await gateway.preview(chat(...asked))).plan;
}

describe('no answer is checked', () => {
  it.each([
    ['a model', { model: 'cheap/a' }],
    ['a provider', { provider: 'cheap' }],
    ['a tier', { tier: 'medium' }],
  ] as const)('of who named %s', async (_what, hints) => {
    const { ask } = await openLadder({ cheap: () => cut('half an') });
    const given = await ask('Name the capital of France.', hints);
    expect(given.model).toBe('cheap/a');
    expect(given.verification).toBeUndefined();
  });

  it.each([
    ['with tools', { tools: [{ name: 'look', inputSchema: { type: 'object' } }] }],
    ['for several answers', { choices: 2 }],
  ] as const)('to a request %s', async (_what, more) => {
    expect((await planOf({}, 'Hello', {}, more)).verify).toBeUndefined();
  });

  it.each([
    ['another task', { tasks: ['reasoning'] }, { task: 'code' }],
    ['no task, which is general', { tasks: ['reasoning'] }, {}],
    ['another tier', { tiers: ['expert'] }, {}],
  ] as const)('of %s', async (_what, verify, hints) => {
    expect((await planOf({ verify }, 'Hello', hints)).verify).toBeUndefined();
  });

  it('where no tier has models above those asked first', async () => {
    const low = ['cheap/a', 'second/b'] as const;
    const tiers = { trivial: low, simple: low, medium: low, complex: low, expert: low };
    expect((await planOf({ table: { tiers } }, 'Hello')).verify).toBeUndefined();
  });
});

describe('a plan with a check', () => {
  it('names who is asked when the answer is doubted, and says so in its reason', async () => {
    const plan = await planOf({ verify: { tasks: ['reasoning'], peer: true } }, 'Hello', { task: 'reasoning' });
    expect(plan.candidates.map(({ model }) => model.ref)).toEqual(['cheap/a', 'second/b']);
    expect(plan.verify?.stronger.map(({ model }) => model.ref)).toEqual(['strong/c', 'spare/d']);
    expect(plan.verify?.peer?.model.ref).toBe('second/b');
    expect(plan.reason).toMatch(/written, beside second\/b; when its answer is doubted, strong\/c is asked\.$/);
  });

  it('keeps those who stand in for a tier without models, behind the lower tier that is asked first', async () => {
    const tiers = { trivial: ['cheap/a'], simple: [], medium: [], complex: [], expert: ['strong/c'] } as const;
    const question =
      'Prove that the square root of 2 is irrational, and derive a bound for its rational approximations.';
    const plan = await planOf({ table: { tiers }, verify: { first: 'trivial' } }, question);
    expect(['medium', 'complex']).toContain(plan.tier);
    expect(plan.candidates.map(({ model }) => model.ref)).toEqual(['cheap/a', 'strong/c']);
  });

  it('goes down the list of a task that has its own', async () => {
    const tasks = { code: ['second/b', 'cheap/a', 'strong/c'] } as const;
    const plan = await planOf({ table: { tasks } }, 'Hello', { task: 'code' });
    expect(plan.candidates[0]?.model.ref).toBe('second/b');
    expect(plan.verify?.stronger.map(({ model }) => model.ref)).toEqual(['cheap/a', 'strong/c']);
  });

  it('asks a lower tier first, goes up to the chosen one, and falls back on it', async () => {
    const low = ['cheap/a'] as const;
    const high = ['second/b'] as const;
    const tiers = { trivial: high, simple: low, medium: high, complex: high, expert: ['strong/c'] } as const;
    const prompt = 'Write a detailed analysis comparing React and Vue.js for enterprise applications';
    const ladder = { verify: { first: 'simple' }, table: { tiers } } as const;
    const plan = await planOf(ladder, prompt);
    expect(plan.tier).not.toBe('simple');
    expect(plan.candidates.map(({ model }) => model.ref).slice(0, 2)).toEqual(['cheap/a', 'second/b']);
    expect(plan.verify?.stronger[0]?.model.ref).toBe(plan.tier === 'expert' ? 'strong/c' : 'second/b');
    expect(plan.reason).toContain('tier simple is asked first');
    const { ask } = await openLadder({
      ...ladder,
      cheap: () => refusal('rate_limited', 'slow down', { status: 429, retryAfterMs: 60_000 }),
      peer: () => answer('from the chosen tier'),
    });
    expect(await ask(prompt)).toMatchObject({ model: 'second/b', verification: { outcome: 'passed' } });
  });

  it('is the same with the tier asked first when that has nobody who can take the request', async () => {
    const tiers = { trivial: [], simple: [], medium: [], complex: ['cheap/a'], expert: ['strong/c'] } as const;
    const long = 'word '.repeat(2_000);
    const plan = await planOf({ verify: { first: 'simple' }, table: { tiers } }, long);
    expect(plan.verify).toBeUndefined();
    expect(plan.reason).not.toContain('asked first');
  });

  it('says why a named peer cannot be asked', async () => {
    const plan = await planOf({ verify: { peer: 'nobody/x' } }, 'Hello');
    expect(plan.rejected.map(({ model }) => model)).toEqual(['nobody/x']);
    expect(plan.verify).not.toHaveProperty('peer');
  });
});
