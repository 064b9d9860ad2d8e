import { afterEach, expect, it } from 'vitest';
import { model, openGateway } from '../support/gateway.ts';
import { answer, createScriptedProvider, USAGE } from '../support/scripted-provider.ts';

let open: Awaited<ReturnType<typeof openGateway>> | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function gatewayOf() {
  const provider = createScriptedProvider('p', () => answer('ok', { ...USAGE, inputTokens: 1, outputTokens: 1 }));
  const { price: _unknown, ...unpriced } = model('p/unpriced');
  open = await openGateway({ providers: [provider], models: [model('p/priced'), unpriced, dear] });
  return open;
}

const tier = { fromInputTokens: 0, inputPerMTok: 3_000_000_000, outputPerMTok: 7_000_000_000 };
const dear = model('p/dear', { price: { tiers: [tier as never], version: 'test' } });
const ALL = { tenant: 'local', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER } as const;

it('prices the same answers on the baseline, to the nano-dollar', async () => {
  const { ask, gateway } = await gatewayOf();
  for (let index = 0; index < 3; index += 1) await ask(`number ${index}`, { model: 'p/priced' });
  const { totals, baseline } = await gateway.costReport({ ...ALL, baseline: 'p/dear' });
  expect(totals.costNanoUsd).toBe(9_000);
  expect(baseline).toEqual({ model: 'p/dear', costNanoUsd: 30_000, savedUsd: 0.000021 });
});

it('leaves out of the comparison what has no known price, since its cost is in neither sum', async () => {
  const { ask, gateway } = await gatewayOf();
  await ask('priced', { model: 'p/priced' });
  await ask('unpriced', { model: 'p/unpriced' });
  const { totals, baseline } = await gateway.costReport({ ...ALL, baseline: 'p/priced' });
  expect(totals.unpricedRequests).toBe(1);
  expect(baseline).toMatchObject({ costNanoUsd: totals.costNanoUsd, savedUsd: 0 });
});

it('may cost less than what was spent', async () => {
  const { ask, gateway } = await gatewayOf();
  for (let index = 0; index < 3; index += 1) await ask(`number ${index}`, { model: 'p/dear' });
  const { baseline } = await gateway.costReport({ ...ALL, baseline: 'p/priced' });
  expect(baseline?.savedUsd).toBe(-0.000021);
});
