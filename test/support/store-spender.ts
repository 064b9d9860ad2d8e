// Spends shared budgets in many lanes at once until nothing more is allowed, or it is killed:
// store-spender.ts <folder> <claims as JSON> <lanes> <seed> <wall-clock ms at which all begin>
import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { AttemptOutcome } from '../../src/core/books.ts';
import { createAttemptId, createCallId } from '../../src/core/ids.ts';
import { nanoUsd } from '../../src/core/money.ts';
import type { QuotaClaim } from '../../src/core/quota.ts';
import { NO_USAGE } from '../../src/core/usage.ts';
import { SYSTEM_CLOCK } from '../../src/resilience/system-clock.ts';
import { openStore } from '../../src/store/open-store.ts';
import { pick, seededRandom } from './seeded-random.ts';

const [dataDir = '', claimsJson = '[]', lanes = '1', seed = '0', startAtMs = '0'] = process.argv.slice(2);
const claims = JSON.parse(claimsJson) as readonly QuotaClaim[];
const random = seededRandom(Number(seed));
const store = await openStore({
  dataDir,
  cache: { enabled: false, ttlMs: 1_000, maxBytes: 1_000_000 },
  clock: SYSTEM_CLOCK,
  logger: { debug() {}, info() {}, warn() {}, error: (_fields, message) => void writeSync(2, `${message}\n`) },
});
writeSync(1, 'open\n');
await delay(Math.max(0, Number(startAtMs) - Date.now()));
const counts = { admitted: 0, refused: 0 };
await Promise.all(Array.from({ length: Number(lanes) }, spendUntilRefused));
writeSync(1, `spent ${JSON.stringify(counts)}\n`);
await store.close();

/** What others still hold may come back to the budget: only who is refused again and again has met its end. */
async function spendUntilRefused(): Promise<void> {
  for (let refusals = 0; refusals < 3; ) {
    if (await spend()) refusals = 0;
    else {
      refusals += 1;
      await delay(20);
    }
  }
}

async function spend(): Promise<boolean> {
  const id = createAttemptId();
  const nowMs = Date.now();
  const shrink = random();
  const admission = await store.ledger.recordAttempt({
    id,
    requestId: createCallId(),
    startedAtMs: nowMs,
    provider: 'groq',
    model: 'groq/llama',
    key: 'primary',
    expiresAtMs: nowMs + 1_000,
    priceVersion: 'test',
    claims: claims.map((claim) => ({
      ...claim,
      amount: claim.amountMin + Math.floor(shrink * (claim.amount - claim.amountMin)),
    })),
  });
  if (admission.type === 'refused') {
    counts.refused += 1;
    return false;
  }
  counts.admitted += 1;
  await delay(random() * 10);
  const fate = random();
  if (fate < 0.1) await store.ledger.voidAttempt(id);
  else await store.ledger.settleAttempt(id, outcomeWithin(admission.grantedNanoUsd ?? 0));
  return true;
}

/** As much as was granted, or less: no vendor bills more than what was reserved for it. */
function outcomeWithin(grantedNanoUsd: number): AttemptOutcome {
  const status = pick(random, ['settled', 'settled', 'settled', 'truncated', 'cancelled', 'failed_unbilled']);
  const share = pick(random, [0, 0.5, 1, random()]);
  const cost = status === 'failed_unbilled' ? 0 : Math.floor(share * grantedNanoUsd);
  return { status, usage: { ...NO_USAGE, source: 'estimated' }, costNanoUsd: nanoUsd(cost), latencyMs: 1 };
}
