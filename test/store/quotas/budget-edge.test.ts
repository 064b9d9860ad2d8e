import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { QuotaClaim } from '../../../src/core/quota.ts';
import { compareCounters } from '../../support/reconcile/compare-counters.ts';
import { readAudit, startAudit } from '../../support/reconcile/quota-audit.ts';
import { inspect, openTestStore } from '../../support/store.ts';
import { type StoreProcess, startProcess } from '../../support/store-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const PROCESSES = 8;
const LANES = 50;
const SEED = Number(process.env.SIGNALBOX_TEST_SEED ?? 1);
const LIMIT = 1_000_000;
/** Less than this is of no use to an attempt. */
const LEAST = 500;

const BUDGET: QuotaClaim = {
  quota: 'budget edge',
  unit: 'nano_usd',
  key: '',
  limit: LIMIT,
  bucketMs: 0,
  fromMs: 0,
  // A window of a hundred years: what is over is forgotten.
  keptMs: 100 * 365 * 86_400_000,
  amount: 4_000,
  amountMin: LEAST,
  mode: 'hard',
};
/** Wider, so that the two are weighed together and the other one refuses. */
const WIDER: QuotaClaim = { ...BUDGET, quota: 'budget wider', key: 'a', limit: 2 * LIMIT };
const REQUESTS: QuotaClaim = { ...BUDGET, quota: 'limit many requests', unit: 'requests', amount: 1, amountMin: 1 };

async function startSpenders(folder: string, claims: readonly QuotaClaim[]): Promise<readonly StoreProcess[]> {
  const store = await openTestStore(folder);
  startAudit(
    folder,
    claims.map(({ quota, limit }) => ({ quota, limit, rollingMs: 0 })),
  );
  await store.close();
  const startAtMs = String(Date.now() + 3_000);
  const arg = JSON.stringify(claims);
  return Array.from({ length: PROCESSES }, (_, index) =>
    startProcess('spender', folder, arg, String(LANES), String(SEED + index), startAtMs),
  );
}

/** Kills half of the spenders while they spend, and lets the others end. Gives their folder. */
async function killHalf(): Promise<string> {
  const folder = temporaryFolder();
  const spenders = await startSpenders(folder, [BUDGET, REQUESTS]);
  await Promise.all(spenders.map(({ said }) => said('open')));
  const [first] = spenders;
  await expect.poll(() => readAudit(folder)[0]?.peak ?? 0, { interval: 5 }).toBeGreaterThan(LIMIT / 4);
  for (const { child } of spenders.slice(0, PROCESSES / 2)) child.kill('SIGKILL');
  const ends = await Promise.all(spenders.map(({ ended }) => ended));
  expect(ends.slice(PROCESSES / 2)).toEqual(spenders.slice(PROCESSES / 2).map(() => 0));
  // Who had spent all before the blow ended by itself.
  expect(['SIGKILL', 0]).toContain(await first?.ended);
  expect(compareCounters(folder, { drained: false, everyAttemptClaims: 'budget edge' })).toEqual([]);
  return folder;
}

/** Did the dead leave attempts behind? On a slow machine some have expired by now, and were closed by those who live. */
function leftSomething(folder: string): boolean {
  const { reserved, unknown: expired } = heldIn(folder);
  return reserved + expired > 0;
}

describe(`${PROCESSES} processes with ${LANES} attempts at once at the edge of a hard budget (seed ${SEED})`, () => {
  it('pass it at no commit, and leave nothing of it unused', async () => {
    const folder = temporaryFolder();
    const spenders = await startSpenders(folder, [BUDGET, WIDER]);
    expect(await Promise.all(spenders.map(({ ended }) => ended))).toEqual(spenders.map(() => 0));

    const [edge, wider] = readAudit(folder);
    expect(edge).toMatchObject({ quota: 'budget edge', breaches: 0 });
    // It came to the very edge: what was left was of use to nobody.
    expect(edge?.peak).toBeGreaterThan(LIMIT - LEAST);
    expect(edge?.peak).toBeLessThanOrEqual(LIMIT);
    expect(wider).toMatchObject({ quota: 'budget wider', breaches: 0 });
    expect(compareCounters(folder, { drained: true, everyAttemptClaims: 'budget edge' })).toEqual([]);
    const [counter] = inspect<{ settled: number }>(
      join(folder, 'ledger.db'),
      "SELECT settled FROM quota_counters WHERE quota = 'budget edge'",
    );
    expect(counter?.settled).toBeGreaterThan(LIMIT - LEAST);
    const said = spenders.flatMap(({ lines }) => lines.filter((line) => line.startsWith('spent ')));
    expect(said).toHaveLength(PROCESSES);
  });

  it('count requests as exactly as money', async () => {
    const folder = temporaryFolder();
    // Who has a hard budget too waits for the database; a limit of requests alone does not when a slow machine starves it.
    const ample = { ...BUDGET, quota: 'budget ample', limit: 1_000 * LIMIT };
    const spenders = await startSpenders(folder, [{ ...REQUESTS, limit: 800 }, ample]);
    expect(await Promise.all(spenders.map(({ ended }) => ended))).toEqual(spenders.map(() => 0));
    expect(readAudit(folder)).toEqual([
      expect.objectContaining({ quota: 'budget ample', breaches: 0, unweighed: 0 }),
      { quota: 'limit many requests', limit: 800, peak: 800, breaches: 0, unweighed: 0 },
    ]);
    expect(compareCounters(folder, { drained: true })).toEqual([]);
  });

  it('keep to it when half of them are killed, and hold what the dead had reserved', async () => {
    let folder = await killHalf();
    // On a slow machine all may be spent before the blow falls; that says nothing of those who die in the midst.
    for (let round = 0; round < 4 && !leftSomething(folder); round += 1) folder = await killHalf();
    expect(leftSomething(folder)).toBe(true);

    // As soon as their attempts have expired, whoever reads the books closes them.
    const store = await openTestStore(folder);
    const reservedNow = async () => {
      await store.ledger.costs({ fromMs: 0, toMs: 1 });
      return heldIn(folder).reserved;
    };
    await expect.poll(reservedNow).toBe(0);
    // Not all that was reserved: some ends may have waited in a journal of the dead.
    const { settled, unknown } = heldIn(folder);
    expect(unknown).toBeGreaterThan(0);
    expect(settled + unknown).toBeLessThanOrEqual(LIMIT);
    expect(readAudit(folder).map(({ quota, breaches }) => [quota, breaches])).toEqual([
      ['budget edge', 0],
      ['limit many requests', 0],
    ]);
    expect(compareCounters(folder, { drained: true, everyAttemptClaims: 'budget edge' })).toEqual([]);
  });
});

it('an attempt under a hard budget waits for a lock that is held for long, and keeps its process alive', async () => {
  const folder = temporaryFolder();
  await (await openTestStore(folder)).close();
  const holder = startProcess('lock-holder', join(folder, 'ledger.db'), '3000');
  await holder.said('held');
  const spender = startProcess('spender', folder, JSON.stringify([{ ...BUDGET, limit: 10_000 }]), '2', '1', '0');
  expect(await spender.ended).toBe(0);
  expect(holder.lines).toContain('released');
  expect(compareCounters(folder, { drained: true, everyAttemptClaims: 'budget edge' })).toEqual([]);
});

type Held = { readonly settled: number; readonly reserved: number; readonly unknown: number };

function heldIn(folder: string): Held {
  const sql = "SELECT settled, reserved, unknown FROM quota_counters WHERE quota = 'budget edge'";
  const [held] = inspect<Held>(join(folder, 'ledger.db'), sql);
  if (!held) throw new Error('nothing was reserved');
  return held;
}
