import { expect, test } from 'vitest';
import { NO_QUOTA_USE, type QuotaClaim, type QuotaUse } from '../../../src/core/quota.ts';
import { describeRefusals, endsMayFree } from '../../../src/gateway/money/refusal-text.ts';

const CLAIM: QuotaClaim = {
  ...{ quota: 'budget daily', key: '', unit: 'nano_usd', mode: 'hard', limit: 1_000, amount: 800, amountMin: 800 },
  ...{ bucketMs: 0, fromMs: 0, keptMs: 86_400_000 },
};
const TOKENS = { quota: 'limit few input_tokens', unit: 'input_tokens' } as const;
const RUNNING = { quota: 'limit few concurrency', unit: 'concurrency' } as const;

test.each<[string, Partial<QuotaUse>, Partial<QuotaClaim>, mayFree: boolean]>([
  ['all but the claim is under way', { settled: 200, reserved: 800 }, {}, true],
  ['more than that is spent', { settled: 201, reserved: 799 }, {}, false],
  ['more than that is held for who never told', { unknown: 201, reserved: 799 }, {}, false],
  ['a person added what is missing', { settled: 201, reserved: 800, extended: 1 }, {}, true],
  [
    'a soft one is spent, and its price unknown',
    { settled: 1_000, reserved: 9 },
    { amountMin: 0, mode: 'soft' },
    false,
  ],
  ['tokens are under way, which end as about as many', { reserved: 800 }, TOKENS, false],
  ['requests run', { reserved: 1_000 }, RUNNING, true],
])('what is under way may make room or not: %s', (_what, use, claim, mayFree) => {
  const refusal = { claim: { ...CLAIM, ...claim }, use: { ...NO_QUOTA_USE, ...use } };
  expect(endsMayFree(refusal)).toBe(mayFree);
  const text = describeRefusals([refusal], 0);
  expect(text.includes('when what is under way ends')).toBe(mayFree && refusal.claim.unit === 'nano_usd');
});
