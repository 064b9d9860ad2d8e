import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SYSTEM_CLOCK } from '../../../src/resilience/system-clock.ts';
import { attemptStart, bookCall, inspect, openTestStore, requestStart } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { eventually } from '../../support/until.ts';

const DAY_MS = 86_400_000;

it('the note of an attempt that was taken back goes after a week, though no process ever died', async () => {
  const folder = temporaryFolder();
  const notes = () => inspect(join(folder, 'ledger.db'), 'SELECT * FROM loose_ends').length;
  const openAfter = (days: number) => {
    const nowMs = Date.now() + days * DAY_MS;
    return openTestStore(folder, { clock: { ...SYSTEM_CLOCK, nowMs: () => nowMs } });
  };
  const store = await openAfter(0);
  for (let index = 0; index < 1_200; index += 1) {
    const { id, ...attempt } = attemptStart(requestStart().id);
    void store.ledger.recordAttempt({ ...attempt, id });
    void store.ledger.voidAttempt(id);
  }
  await bookCall(store);
  await store.close();
  expect(notes()).toBe(1_200);
  const earlier = await openAfter(6);
  await earlier.countersMended();
  await bookCall(earlier);
  await earlier.close();
  expect(notes()).toBe(1_200);
  await openAfter(8);
  await eventually(() => expect(notes()).toBe(0));
});
