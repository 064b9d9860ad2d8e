import { expect, it } from 'vitest';
import { nanoUsd, ZERO_USD } from '../../src/core/money.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { STATUSES, TOTALS } from '../support/scripted-data.ts';
import { createScriptedGateway } from '../support/scripted-gateway.ts';
import { runScripted } from './run-scripted.ts';

const { gateway: SCRIPTED } = createScriptedGateway();
const ALL = { rowsMax: Number.POSITIVE_INFINITY };
/** A model's context has to have room for it, beside all else: at four characters a token. */
const CHARACTERS_MAX = 40_000;

const budget = (index: number) => ({
  name: 'users',
  key: `user ${index}`,
  limitNanoUsd: nanoUsd(1_000_000_000),
  settledNanoUsd: nanoUsd(500_000_000),
  reservedNanoUsd: ZERO_USD,
  unknownNanoUsd: ZERO_USD,
  unpricedAttempts: 0,
  share: 0.5,
});

/** 500 groups and 500 budgets. */
const spender: Gateway = {
  ...SCRIPTED,
  costReport: async (query) => ({
    ...(await SCRIPTED.costReport(query)),
    groups: Array.from({ length: 500 }, (_, index) => ({ ...TOTALS, key: `group ${index}` })),
    budgets: Array.from({ length: 500 }, (_, index) => budget(index)),
  }),
};

it('cost_report lists 50 groups and 50 budgets, and says how many there are besides', async () => {
  const { structured, text } = await runScripted('cost_report', { group_by: 'client' }, { gateway: spender });
  expect(structured).toMatchObject({ groups_omitted: 450, budgets_omitted: 450, totals: { requests: 12 } });
  expect(structured.groups).toHaveLength(50);
  expect(structured.groups).toMatchObject([{ key: 'group 0' }, { key: 'group 1' }, ...Array(48).fill({})]);
  expect(structured.budgets).toHaveLength(50);
  expect(text).toContain('\n  and 450 more, in the sum but not listed\nbudget users of user 0:');
  expect(text).toMatch(/\nand 450 budgets more, less used$/);
  expect(text.length).toBeLessThan(CHARACTERS_MAX);
  expect(JSON.stringify(structured).length).toBeLessThan(CHARACTERS_MAX);
});

it.each(['day', 'hour'])('cost_report lists the latest of 500 groups by %s', async (group_by) => {
  const { structured } = await runScripted('cost_report', { group_by }, { gateway: spender });
  expect((structured.groups as { key: string }[]).map(({ key }) => key)).toEqual(
    Array.from({ length: 50 }, (_, index) => `group ${450 + index}`),
  );
});

it('cost_report lists all for the shell', async () => {
  const { structured } = await runScripted('cost_report', { group_by: 'client' }, { gateway: spender, ...ALL });
  expect(structured.groups).toHaveLength(500);
  expect(structured.budgets).toHaveLength(500);
  expect(structured).not.toHaveProperty('groups_omitted');
  expect(structured).not.toHaveProperty('budgets_omitted');
});

it('provider_status lists 50 of 100 providers, those in trouble first, and says so', async () => {
  const [first] = STATUSES;
  const gateway: Gateway = {
    ...SCRIPTED,
    providerStatus: async () =>
      Array.from({ length: 100 }, (_, index) => ({
        ...(first as (typeof STATUSES)[number]),
        id: `provider-${index}`,
        status: index === 99 ? 'down' : index === 98 ? 'degraded' : 'healthy',
      })),
  };
  const { structured, text } = await runScripted('provider_status', {}, { gateway });
  expect(structured.omitted).toBe(50);
  expect(structured.providers).toMatchObject([
    { id: 'provider-99' },
    { id: 'provider-98' },
    ...Array.from({ length: 48 }, (_, index) => ({ id: `provider-${index}` })),
  ]);
  expect(text).toMatch(/\n50 more, in no greater trouble; ask with provider for one of them\.$/);
  expect((await runScripted('provider_status', {}, { gateway, ...ALL })).structured.providers).toHaveLength(100);
});
