import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { QuotaClaim } from '../../src/core/quota.ts';
import { compareCalls } from '../support/reconcile/compare-calls.ts';
import { compareCounters } from '../support/reconcile/compare-counters.ts';
import { compareReports } from '../support/reconcile/compare-reports.ts';
import { compareRows } from '../support/reconcile/compare-rows.ts';
import type { Evidence } from '../support/reconcile/evidence.ts';
import { readAudit, startAudit } from '../support/reconcile/quota-audit.ts';
import type { BookedAttempt, BookedRequest } from '../support/reconcile/signalbox-books.ts';
import type { VendorEntry } from '../support/reconcile/vendor-books.ts';
import { attemptStart, change, openTestStore, requestEnd, requestStart, settled } from '../support/store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TOKENS = { inputTokens: 100, cachedInputTokens: 20, cacheWriteTokens: 3, outputTokens: 50, reasoningTokens: 10 };
const PRICE = { input: 1_000_000_000, cachedInput: 1_000_000_000, cacheWrite: 1_000_000_000, output: 2_000_000_000 };
const CALL: VendorEntry = {
  provider: 'first',
  model: 'first/model',
  key: 'simulated-first-main',
  tag: 't1',
  id: 'call_1',
  billed: TOKENS,
  refused: false,
};
/** What the vendor has of one whose connection broke. */
const { billed: _billed, ...CUT_CALL } = CALL;
const REQUEST: BookedRequest = {
  id: 'req_1',
  tag: 't1',
  tenant: 'north',
  cache: 'miss',
  status: 'success',
  endedAtMs: 2,
  coalescedInto: null,
  savedNanoUsd: null,
};
const ATTEMPT: BookedAttempt = {
  id: 'att_1',
  requestId: 'req_1',
  provider: 'first',
  model: 'first/model',
  key: 'main',
  status: 'settled',
  error: null,
  priceVersion: 'config',
  endedAtMs: 2,
  vendorId: 'call_1',
  source: 'reported',
  ...TOKENS,
  costNanoUsd: 223_000,
  reservedNanoUsd: 300_000,
};

type Case = {
  readonly name: string;
  readonly calls?: readonly VendorEntry[];
  readonly request?: Partial<BookedRequest>;
  readonly attempts?: readonly BookedAttempt[];
  readonly told?: Evidence['told'];
  readonly killed?: boolean;
  readonly finds: readonly string[];
};

const cut = (status: string, more: Partial<BookedAttempt> = {}): BookedAttempt => ({
  ...ATTEMPT,
  status,
  source: 'estimated',
  ...more,
});

const CASES: readonly Case[] = [
  { name: 'nothing in books that agree', finds: [] },
  { name: 'a call that nobody booked', attempts: [], finds: ['I1', 'I4', 'I7'] },
  { name: 'a call that was booked twice', attempts: [ATTEMPT, { ...ATTEMPT, id: 'att_2' }], finds: ['I2', 'I4'] },
  { name: 'an attempt that no vendor saw', calls: [], finds: ['I2', 'I4'] },
  {
    name: 'nothing in a pending row of the dead',
    calls: [],
    killed: true,
    attempts: [cut('unknown', { source: 'none', endedAtMs: null, costNanoUsd: null })],
    request: { status: 'failed' },
    finds: [],
  },
  { name: 'a token too many', attempts: [{ ...ATTEMPT, outputTokens: 51, costNanoUsd: 225_000 }], finds: ['I4'] },
  {
    name: 'cached tokens booked as others',
    attempts: [{ ...ATTEMPT, inputTokens: 120, cachedInputTokens: 0 }],
    finds: ['I4'],
  },
  {
    name: 'nothing in an answer that was given up too early, and is booked by estimate',
    attempts: [cut('truncated', { error: 'provider_timeout' })],
    request: { status: 'failed' },
    finds: [],
  },
  { name: 'another key', attempts: [{ ...ATTEMPT, key: 'spare' }], finds: ['I4'] },
  { name: 'a nano-dollar too little', attempts: [{ ...ATTEMPT, costNanoUsd: 222_999 }], finds: ['I20'] },
  {
    name: 'an unknown price that became 0',
    attempts: [{ ...ATTEMPT, model: 'first/other', costNanoUsd: 0, priceVersion: null }],
    calls: [{ ...CALL, model: 'first/other' }],
    finds: ['I14'],
  },
  { name: 'a cost above what was reserved', attempts: [{ ...ATTEMPT, reservedNanoUsd: 222_999 }], finds: ['I10'] },
  { name: 'an attempt that never ended', attempts: [cut('pending', { endedAtMs: null })], finds: ['I18', 'I4', 'I7'] },
  { name: 'a request that never ended', request: { status: null }, finds: ['I18'] },
  {
    name: 'a cut answer that was free',
    calls: [CUT_CALL],
    attempts: [cut('truncated', { costNanoUsd: 0 })],
    request: { status: 'truncated' },
    finds: ['I20', 'I8'],
  },
  {
    name: 'a cut answer without usage',
    calls: [CUT_CALL],
    attempts: [cut('cancelled', { source: 'none' })],
    request: { status: 'cancelled' },
    finds: ['I8'],
  },
  {
    name: 'four attempts',
    calls: [CALL, CALL, CALL, CALL],
    attempts: [1, 2, 3, 4].map((id) => ({ ...ATTEMPT, id: `att_${id}` })),
    finds: ['I6'],
  },
  { name: 'a hit that called a vendor', request: { cache: 'hit' }, finds: ['I15'] },
  {
    name: 'an answer that nobody booked',
    told: [{ tag: 't1', outcome: 'answered', requestId: 'req_9' }],
    finds: ['I1'],
  },
  {
    name: 'an answer that was booked as failed',
    request: { status: 'failed' },
    told: [{ tag: 't1', outcome: 'answered', requestId: 'req_1' }],
    finds: ['I1'],
  },
  {
    name: 'another cost than the caller was told',
    told: [{ tag: 't1', outcome: 'answered', requestId: 'req_1', costNanoUsd: 1 }],
    finds: ['I19'],
  },
  { name: 'a defect within', told: [{ tag: 't1', outcome: 'internal' }], finds: ['F57'] },
];

it.each(CASES)('finds $name', ({ calls = [CALL], request, attempts = [ATTEMPT], told = [], killed, finds }) => {
  const evidence: Evidence = {
    vendors: calls,
    books: { requests: [{ ...REQUEST, ...request }], attempts },
    told,
    cancelled: new Set(),
    killed: new Set(killed ? ['t1'] : []),
    prices: new Map([['first/model', PRICE]]),
    attemptsMax: 3,
  };
  const found = [...compareCalls(evidence), ...compareRows(evidence)].map(({ invariant }) => invariant);
  expect([...new Set(found)].sort()).toEqual(finds);
});

const CLAIM: QuotaClaim = {
  quota: 'budget all',
  unit: 'nano_usd',
  key: '',
  limit: 10_000,
  bucketMs: 0,
  fromMs: 0,
  keptMs: 1,
  amount: 6_000,
  amountMin: 6_000,
  mode: 'hard',
};

/** One attempt that has settled and one that is under way. */
async function openBooks(): Promise<string> {
  const folder = temporaryFolder();
  const store = await openTestStore(folder);
  startAudit(folder, [{ quota: CLAIM.quota, limit: CLAIM.limit, rollingMs: 0 }]);
  const request = requestStart();
  const first = attemptStart(request.id, { claims: [CLAIM] });
  await store.ledger.recordRequest(request);
  await store.ledger.recordAttempt(first);
  await store.ledger.settleAttempt(first.id, settled());
  await store.ledger.recordAttempt(attemptStart(request.id, { claims: [CLAIM] }));
  await store.ledger.endRequest(request.id, requestEnd());
  await store.close();
  return folder;
}

describe('the counters', () => {
  it.each([
    ['agree with their rows', 'SELECT 1', []],
    ['have lost a reservation', 'UPDATE quota_counters SET reserved = 0', ['I13']],
    ['have counted a settled cost twice', 'UPDATE quota_counters SET settled = settled * 2', ['I13']],
    ['hold something for an attempt that is gone', "DELETE FROM attempts WHERE status = 'pending'", ['I13']],
    ['are gone', 'DELETE FROM quota_counters', ['I13']],
    ['know nothing of an attempt', "UPDATE quota_entries SET quota = 'budget other'", ['I12', 'I13']],
  ])('are found when they %s', async (_name, sql, finds) => {
    const folder = await openBooks();
    change(join(folder, 'ledger.db'), sql);
    const found = compareCounters(folder, { drained: false, everyAttemptClaims: 'budget all' });
    expect([...new Set(found.map(({ invariant }) => invariant))].sort()).toEqual(finds);
  });

  it('are found to hold a reservation after everything has ended', async () => {
    const found = compareCounters(await openBooks(), { drained: true });
    expect(found.map(({ invariant }) => invariant)).toEqual(['I18']);
  });

  it('pass a limit for a moment, and the audit has it', async () => {
    const folder = await openBooks();
    const seen = { quota: 'budget all', limit: 10_000, unweighed: 0 };
    expect(readAudit(folder)).toEqual([{ ...seen, peak: 7_000, breaches: 0 }]);
    for (const change_ of ['+ 3001', '- 3001']) {
      change(join(folder, 'ledger.db'), `UPDATE quota_counters SET reserved = reserved ${change_}`);
    }
    expect(readAudit(folder)).toEqual([{ ...seen, peak: 10_001, breaches: 1 }]);
  });
});

it('finds a report whose parts are not its whole', async () => {
  const folder = await openBooks();
  const tokens = { inputTokens: 123, outputTokens: 50 };
  const money = { costNanoUsd: 1_000, savedByCacheNanoUsd: 0, unpricedRequests: 0 };
  const totals = { requests: 1, attempts: 2, failedAttempts: 0, cacheHits: 0, ...tokens, ...money };
  const whole = { group: 'model', totals, groups: [{ key: 'groq/llama', ...totals }] };
  expect(compareReports(folder, [whole])).toEqual([]);
  const torn = { ...whole, groups: [{ key: 'groq/llama', ...totals, costNanoUsd: 999 }] };
  expect(compareReports(folder, [torn]).map(({ invariant }) => invariant)).toEqual(['I19']);
});
