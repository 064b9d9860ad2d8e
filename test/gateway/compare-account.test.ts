import { expect, it } from 'vitest';
import type { AccountLine } from '../../src/core/account.ts';
import type { CostRow } from '../../src/core/costs.ts';
import { signedNanoUsd } from '../../src/core/money.ts';
import { compareAccount, toUsedRow } from '../../src/gateway/compare-account.ts';

const DAY_MS = 86_400_000;
const NOON_MS = Date.parse('2026-11-20T12:00:00Z');

type RowFacts = Pick<CostRow, 'record' | 'id' | 'attemptId' | 'costNanoUsd' | 'inputTokens' | 'outputTokens'> &
  Partial<CostRow>;

/** The columns that a comparison reads; the others are of no account. */
function row(more: Partial<RowFacts> & { readonly id: string }): CostRow {
  const facts: RowFacts = {
    record: 'attempt',
    attemptId: more.id as CostRow['attemptId'],
    provider: 'vendor',
    model: 'vendor/small',
    status: 'settled',
    startedAtMs: NOON_MS,
    providerRequestId: `call_${more.id}`,
    inputTokens: 100,
    outputTokens: 20,
    costNanoUsd: signedNanoUsd(1_000),
    ...more,
  };
  return facts as CostRow;
}

function line(requestId: string | undefined, more: Partial<AccountLine> = {}): AccountLine {
  const named = requestId !== undefined && { requestId };
  return { model: 'small', inputTokens: 100, outputTokens: 20, costNanoUsd: signedNanoUsd(1_000), ...named, ...more };
}

function compare(lines: readonly AccountLine[], rows: readonly CostRow[], more: object = {}) {
  const used = rows.flatMap((one) => toUsedRow(one, { provider: 'vendor' }) ?? []);
  return compareAccount(lines, used, {
    provider: 'vendor',
    toleranceNanoUsd: 0,
    atMs: NOON_MS,
    span: { fromMs: NOON_MS - DAY_MS, toMs: NOON_MS + DAY_MS },
    isTimeUnknown: false,
    ...more,
  });
}

/** What `--book` adds, as rows of the next comparison. */
function booked(comparison: ReturnType<typeof compare>): readonly CostRow[] {
  return comparison.differences.flatMap(({ correction }) => {
    if (!correction) return [];
    const { id, of, costNanoUsd = null, inputTokens, outputTokens } = correction;
    const figures = { record: 'correction' as const, id, status: null, costNanoUsd, inputTokens, outputTokens };
    if ('attemptId' in of) {
      const attempt = { attemptId: of.attemptId, providerRequestId: `call_${of.attemptId}` };
      // Booked long after: it counts when the attempt was made.
      return row({ ...figures, ...attempt, startedAtMs: NOON_MS + 40 * DAY_MS });
    }
    return row({ ...figures, attemptId: null, providerRequestId: null, model: of.model, startedAtMs: of.atMs });
  });
}

const kinds = ({ differences }: ReturnType<typeof compare>) => differences.map(({ kind }) => kind);

it('finds nothing where every call agrees to the nano-dollar', () => {
  const compared = compare([line('call_a'), line('call_b')], [row({ id: 'b' }), row({ id: 'a' })]);
  expect(compared).toMatchObject({ by: 'request', lines: 2, equal: 2, differences: [] });
  expect(compared.theirs).toEqual(compared.ours);
});

it.each([
  ['a nano-dollar more', [line('call_a', { costNanoUsd: signedNanoUsd(1_001) })], ['differs']],
  ['a token less', [line('call_a', { inputTokens: 99 })], ['differs']],
  ['a call that nobody booked', [line('call_a'), line('call_z')], ['not_booked']],
  ['lines of one call that come to too much', [line('call_a'), line('call_a')], ['differs']],
  ['nothing of what a line does not say', [{ model: 'small', requestId: 'call_a', outputTokens: 20 }], []],
])('finds %s', (_name, lines, finds) => {
  expect(kinds(compare(lines, [row({ id: 'a' })]))).toEqual(finds);
});

it('finds calls that were booked and not billed, and books nothing for them', () => {
  const compared = compare([line('call_a')], [row({ id: 'a' }), row({ id: 'b' })]);
  expect(compared.differences).toMatchObject([{ kind: 'not_billed', requestId: 'call_b' }]);
  expect(booked(compared)).toEqual([]);
});

it('leaves out what was free, what is under way, other providers and other times', () => {
  const others = [
    row({ id: 'b', costNanoUsd: signedNanoUsd(0), inputTokens: 0, outputTokens: 0 }),
    row({ id: 'c', status: 'pending' }),
    row({ id: 'd', provider: 'other', model: 'other/small' }),
    row({ id: 'e', startedAtMs: NOON_MS + DAY_MS }),
    row({ id: 'f', status: 'failed_unbilled', costNanoUsd: signedNanoUsd(0) }),
  ];
  expect(compare([line('call_a')], [row({ id: 'a' }), ...others]).differences).toEqual([]);
});

it('looks, where the time of an account is only guessed, no further than its own calls', () => {
  const rows = ['a', 'b', 'c', 'd'].map((id, index) => row({ id, startedAtMs: NOON_MS + index }));
  const compared = compare([line('call_b'), line('call_d')], rows, { isTimeUnknown: true });
  expect(compared.differences).toMatchObject([{ kind: 'not_billed', requestId: 'call_c' }]);
});

it('takes costs as equal within the tolerance', () => {
  const lines = [line('call_a', { costNanoUsd: signedNanoUsd(1_400) })];
  expect(kinds(compare(lines, [row({ id: 'a' })], { toleranceNanoUsd: 400 }))).toEqual([]);
  expect(kinds(compare(lines, [row({ id: 'a' })], { toleranceNanoUsd: 399 }))).toEqual(['differs']);
});

it('takes an unknown cost for no cost at all, and learns it', () => {
  const rows = [row({ id: 'a', costNanoUsd: null, status: 'unknown' })];
  const compared = compare([line('call_a')], rows);
  expect(compared.differences).toMatchObject([{ kind: 'differs', correction: { costNanoUsd: 1_000, inputTokens: 0 } }]);
  expect(compare([line('call_a')], [...rows, ...booked(compared)]).differences).toEqual([]);
  // Free of charge is a cost as well.
  const free = compare([line('call_a', { costNanoUsd: signedNanoUsd(0) })], rows);
  expect(free.differences).toMatchObject([{ correction: { costNanoUsd: 0 } }]);
});

it('sums models by day where lines name no calls, and finds the model under its dated name', () => {
  const rows = [row({ id: 'a' }), row({ id: 'b' }), row({ id: 'c', startedAtMs: NOON_MS + DAY_MS / 2 })];
  const day = { model: 'small-2026-10-01', atMs: Date.parse('2026-11-20T00:00:00Z') };
  const lines = [
    line(undefined, { ...day, inputTokens: 200, outputTokens: 40, costNanoUsd: signedNanoUsd(2_000) }),
    line(undefined, { ...day, atMs: day.atMs + DAY_MS, costNanoUsd: signedNanoUsd(990) }),
  ];
  const compared = compare(lines, rows);
  expect(compared).toMatchObject({ by: 'model and day', equal: 1 });
  expect(compared.differences).toMatchObject([
    { kind: 'differs', model: 'vendor/small', day: '2026-11-21', correction: { costNanoUsd: -10 } },
  ]);
});

it('sums models altogether where lines name no times either', () => {
  const compared = compare([line(undefined, { inputTokens: 200 })], [row({ id: 'a' }), row({ id: 'b' })]);
  expect(compared).toMatchObject({
    by: 'model',
    differences: [{ model: 'vendor/small', correction: { costNanoUsd: -1_000 } }],
  });
});

it('refuses an account of which only some lines name a call', () => {
  expect(() => compare([line('call_a'), line(undefined)], [])).toThrow('Only 1 of 2 lines name the request.');
});

it.each([
  [
    'calls',
    [line('call_a', { costNanoUsd: signedNanoUsd(1_500), outputTokens: 25 }), line('call_z', { atMs: NOON_MS })],
  ],
  ['sums', [line(undefined, { costNanoUsd: signedNanoUsd(7), inputTokens: 1 }), line(undefined, { model: 'large' })]],
])('agrees with the books once they are corrected, by %s, and again when the account changes', (_name, lines) => {
  const rows = [row({ id: 'a' })];
  const first = compare(lines, rows);
  expect(first.differences).toHaveLength(2);
  const corrected = [...rows, ...booked(first)];
  const second = compare(lines, corrected);
  expect(second.differences).toEqual([]);
  expect(second.theirs).toEqual(second.ours);

  // The same difference has the same correction, which the books take once.
  expect(booked(compare(lines, rows)).map(({ id }) => id)).toEqual(booked(first).map(({ id }) => id));

  const raised = lines.map((one) => ({ ...one, costNanoUsd: signedNanoUsd((one.costNanoUsd ?? 0) + 3) }));
  const third = compare(raised, corrected);
  expect(third.differences).toHaveLength(2);
  expect(compare(raised, [...corrected, ...booked(third)]).differences).toEqual([]);
});

it('an account without times may name hundreds of thousands of calls', () => {
  const ids = Array.from({ length: 300_000 }, (_, number) => String(number));
  const rows = ids.map((id) => row({ id }));
  const lines = ids.map((id) => line(`call_${id}`));
  expect(compare(lines, rows, { isTimeUnknown: true })).toMatchObject({ equal: ids.length, differences: [] });
});
