import fc from 'fast-check';
import type { AttemptOutcome, AttemptStart, RequestEnd, RequestStart } from '../../../src/core/books.ts';
import type { Correction } from '../../../src/core/costs.ts';
import { createAttemptId, createCallId } from '../../../src/core/ids.ts';
import { nanoUsd, signedNanoUsd } from '../../../src/core/money.ts';
import { TASKS, TIERS } from '../../../src/core/request.ts';
import { attemptStart, requestStart } from '../../support/store.ts';

export const DAY_MS = 86_400_000;
export const START_MS = Date.UTC(2028, 1, 28);

export type CostsRow = {
  readonly request: RequestStart;
  readonly end: RequestEnd | undefined;
  readonly attempts: readonly { readonly start: AttemptStart; readonly outcome: AttemptOutcome | undefined }[];
  readonly corrections: readonly Correction[];
};

const model = fc.constantFrom(
  'groq/llama',
  'groq/qwen',
  'openai/gpt-5-mini',
  'local/a/b',
) as fc.Arbitrary<'groq/llama'>;
const tokens = fc.integer({ min: 0, max: 2_000_000 });
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

const attemptRow = fc.record({
  model,
  status: fc.constantFrom('settled', 'failed_unbilled', 'truncated', 'cancelled', 'unknown', 'pending'),
  error: optional(fc.constantFrom('provider_error', 'rate_limited')),
  costNanoUsd: optional(fc.integer({ min: 0, max: 9_000_000_000 }).map(nanoUsd)),
  usage: fc.record({
    ...{ inputTokens: tokens, cachedInputTokens: tokens, cacheWriteTokens: tokens, outputTokens: tokens },
    ...{ reasoningTokens: tokens, source: fc.constantFrom('reported', 'estimated') },
  }),
});
const change = fc.integer({ min: -9_000_000, max: 9_000_000 });
const correctionFields = {
  costNanoUsd: optional(change.map(signedNanoUsd)),
  inputTokens: change,
  outputTokens: change,
};
const correctionRow = fc.record(correctionFields);
/** Whatever callers send for a name. */
const metadataName = fc.constantFrom('project', 'odd "name"', "it's", 'ü.x', '$', 'a\\b', '');
export const requestRow = fc.record({
  startedAtMs: fc.integer({ min: START_MS - DAY_MS, max: START_MS + 4 * DAY_MS }),
  tenant: fc.constantFrom('local', 'local', 'local', 'other'),
  client: fc.constantFrom('claude', 'cursor'),
  team: optional(fc.constantFrom('red', 'blue')),
  user: optional(fc.constantFrom('ann', "o'brien")),
  metadata: optional(fc.dictionary(metadataName, fc.constantFrom('alpha', 'beta', ''))),
  tier: optional(fc.constantFrom(...TIERS)),
  task: optional(fc.constantFrom(...TASKS)),
  rule: optional(fc.constantFrom('night', 'cheap')),
  cache: fc.constantFrom('hit', 'miss', 'refresh', 'off', 'coalesced'),
  model: optional(model),
  saved: optional(fc.integer({ min: 0, max: 9_000_000_000 }).map(nanoUsd)),
  ended: fc.boolean(),
  attempts: fc.array(attemptRow, { maxLength: 3 }),
  corrections: fc.array(correctionRow, { maxLength: 2 }),
  looseCorrections: fc.array(fc.record({ model, ...correctionFields }), { maxLength: 1 }),
});

export function toRow(drawn: typeof requestRow extends fc.Arbitrary<infer Value> ? Value : never): CostsRow {
  const { tier, task, rule, tenant, client, startedAtMs, cache, saved, team, user, metadata } = drawn;
  const id = createCallId();
  const attemptIds = drawn.attempts.map(() => createAttemptId());
  const corrected = attemptIds.find((_, index) => drawn.attempts[index]?.status !== 'pending');
  const reason = 'invoice';
  return {
    request: requestStart({
      id,
      startedAtMs,
      tenant,
      client,
      cache,
      ...(tier && { tier }),
      ...(task && { task }),
      ...(rule && { rule }),
      ...(team && { team }),
      ...(user && { user }),
      ...(metadata && { metadata }),
    }),
    corrections: [
      ...drawn.corrections.flatMap(({ costNanoUsd, ...fields }, index) =>
        corrected === undefined
          ? []
          : {
              id: `${corrected} ${index}`,
              of: { attemptId: corrected },
              ...fields,
              ...(costNanoUsd !== undefined && { costNanoUsd }),
              reason,
            },
      ),
      ...drawn.looseCorrections.map(({ model: ref, costNanoUsd, ...fields }, index) => ({
        id: `${id} ${index}`,
        of: { provider: ref.slice(0, ref.indexOf('/')), model: ref, tenant, atMs: startedAtMs },
        ...fields,
        ...(costNanoUsd !== undefined && { costNanoUsd }),
        reason,
      })),
    ],
    end: drawn.ended
      ? {
          status: 'success',
          cache,
          latencyMs: 1,
          ...(drawn.model && { model: drawn.model }),
          ...(saved !== undefined && { savedNanoUsd: saved }),
        }
      : undefined,
    attempts: drawn.attempts.map(({ model: ref, status, error, costNanoUsd, usage }, index) => ({
      start: attemptStart(id, {
        id: attemptIds[index] ?? createAttemptId(),
        provider: ref.slice(0, ref.indexOf('/')),
        model: ref,
        startedAtMs: startedAtMs + index,
        expiresAtMs: Number.MAX_SAFE_INTEGER,
      }),
      outcome:
        status === 'pending'
          ? undefined
          : { status, usage, latencyMs: 1, ...(error && { error }), ...(costNanoUsd !== undefined && { costNanoUsd }) },
    })),
  };
}
