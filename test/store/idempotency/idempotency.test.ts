import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nanoUsd } from '../../../src/core/money.ts';
import { SYSTEM_CLOCK } from '../../../src/resilience/system-clock.ts';
import type { DatabaseFile } from '../../../src/store/file/database-file.ts';
import { applyOperation } from '../../../src/store/ledger/apply-operation.ts';
import type { LedgerOperation } from '../../../src/store/ledger/ledger-operation.ts';
import { attemptStart, openLedgerFile, requestEnd, requestStart, settled } from '../../support/store.ts';

it('an attempt that was taken back stays so when a journal repeats its beginning', async () => {
  const file = await openLedgerFile();
  const attempt = attemptStart(requestStart().id);
  for (const type of ['record-attempt', 'void-attempt', 'record-attempt', 'record-attempt'] as const)
    applyOperation(file, type === 'void-attempt' ? { type, id: attempt.id } : { type, attempt }, SYSTEM_CLOCK);
  expect(file.prepare('SELECT id FROM attempts').all()).toEqual([]);
});

type Books = { readonly requests: unknown[]; readonly attempts: unknown[] };

/** What one process does to one request with some attempts, in the order it does it. */
const history = fc
  .array(fc.constantFrom('settled', 'voided', 'left pending'), { maxLength: 3 })
  .chain((attempts) => fc.record({ attempts: fc.constant(attempts), ended: fc.boolean(), atOnce: fc.boolean() }))
  .map(({ attempts, ended, atOnce }): readonly LedgerOperation[] => {
    const request = requestStart();
    if (atOnce) return [{ type: 'record-request', request, end: requestEnd() }];
    const operations: LedgerOperation[] = [{ type: 'record-request', request }];
    for (const [index, fate] of attempts.entries()) {
      const attempt = attemptStart(request.id);
      operations.push({ type: 'record-attempt', attempt });
      const outcome = settled({ costNanoUsd: nanoUsd(index * 1_000 + 1) });
      if (fate === 'settled') operations.push({ type: 'settle-attempt', id: attempt.id, outcome });
      if (fate === 'voided') operations.push({ type: 'void-attempt', id: attempt.id });
    }
    if (ended) operations.push({ type: 'end-request', id: request.id, end: requestEnd() });
    return operations;
  });

it('operations that come twice, late or in any order give the same books', async () => {
  const inOrder = await openLedgerFile();
  const shuffled = await openLedgerFile();
  await fc.assert(
    fc.asyncProperty(
      fc.array(history, { minLength: 1, maxLength: 4 }),
      fc.infiniteStream(fc.nat()),
      async (histories, random) => {
        const operations = histories.flat();
        for (const operation of operations) applyOperation(inOrder, operation, SYSTEM_CLOCK);
        const expected = booksOf(inOrder);
        for (const operation of operations) applyOperation(inOrder, operation, SYSTEM_CLOCK);
        expect(booksOf(inOrder)).toEqual(expected);

        const twice = [...operations, ...operations].map((operation) => ({ operation, at: random.next().value }));
        for (const { operation } of twice.toSorted((left, right) => left.at - right.at)) {
          applyOperation(shuffled, operation, SYSTEM_CLOCK);
        }
        expect(booksOf(shuffled)).toEqual(expected);
      },
    ),
    { numRuns: 150 },
  );
});

it('the first settlement stays, whatever comes after it', async () => {
  const file = await openLedgerFile();
  const attempt = attemptStart(requestStart().id);
  applyOperation(file, { type: 'record-attempt', attempt }, SYSTEM_CLOCK);
  applyOperation(file, { type: 'settle-attempt', id: attempt.id, outcome: settled() }, SYSTEM_CLOCK);
  const expected = booksOf(file);
  const dearer = settled({ costNanoUsd: nanoUsd(9), status: 'truncated' });
  applyOperation(file, { type: 'settle-attempt', id: attempt.id, outcome: dearer }, SYSTEM_CLOCK);
  applyOperation(file, { type: 'void-attempt', id: attempt.id }, SYSTEM_CLOCK);
  expect(booksOf(file)).toEqual(expected);
});

function booksOf(file: DatabaseFile): Books {
  return {
    requests: file.prepare('SELECT * FROM requests ORDER BY id').all(),
    attempts: file.prepare('SELECT * FROM attempts ORDER BY id').all(),
  };
}
