import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NO_USAGE, SERVICE_MODES, type ServiceMode, type Usage, type UsageParts } from '../../../src/core/usage.ts';
import { attemptStart, openTestStore, requestEnd, requestStart, settled } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const count = fc.integer({ min: 1, max: 1_000_000_000 });
const parts: fc.Arbitrary<UsageParts> = fc.record(
  {
    cacheWrite1hTokens: count,
    audioInputTokens: count,
    imageInputTokens: count,
    cachedAudioInputTokens: count,
    cachedImageInputTokens: count,
    audioOutputTokens: count,
    imageOutputTokens: count,
    webSearches: count,
    modes: fc.subarray<ServiceMode>([...SERVICE_MODES], { minLength: 1 }),
  },
  { requiredKeys: [] },
);
const usages = fc
  .record({ parts, inputTokens: count, cacheWriteTokens: count, outputTokens: count })
  .map(({ parts: some, ...counts }): Usage => ({ ...NO_USAGE, source: 'reported', ...counts, ...some }));

it('the books give back every class of tokens that an attempt was settled with, and none that it had not', async () => {
  const { ledger } = await openTestStore(temporaryFolder());
  await fc.assert(
    fc.asyncProperty(usages, async (usage) => {
      const request = requestStart();
      const attempt = attemptStart(request.id);
      await ledger.recordRequest(request);
      await ledger.recordAttempt(attempt);
      await ledger.settleAttempt(attempt.id, settled({ usage }));
      await ledger.endRequest(request.id, requestEnd());
      const booked = (await ledger.recentRequests({ limit: 100 })).find(({ id }) => id === request.id);
      expect(booked?.attempts[0]?.usage).toEqual(usage);
      const answered: Usage[] = [];
      for await (const one of ledger.usages({ fromMs: request.startedAtMs, toMs: Date.now() + 1 })) answered.push(one);
      expect(answered).toContainEqual(usage);
    }),
    { numRuns: 25 },
  );
});
