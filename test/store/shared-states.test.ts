import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openTestStore } from '../support/store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const countUp = (stored: { readonly [key: string]: unknown } | undefined) => ({
  count: typeof stored?.count === 'number' ? stored.count + 1 : 1,
});

describe('what processes share', () => {
  it('is nothing at first, and then what was written last', async () => {
    const { states } = await openTestStore(temporaryFolder());
    expect(states.read('pacing')).toBeUndefined();
    expect(await states.update('pacing', countUp)).toBe(true);
    expect(await states.update('pacing', countUp)).toBe(true);
    expect(states.read('pacing')).toEqual({ count: 2 });
    expect(states.read('learning')).toBeUndefined();
  });

  it('loses no change of two who write at the same time, and each sees the other', async () => {
    const folder = temporaryFolder();
    const stores = [await openTestStore(folder), await openTestStore(folder)];
    await Promise.all(Array.from({ length: 100 }, (_, at) => stores[at % 2]?.states.update('pacing', countUp)));
    for (const { states } of stores) expect(states.read('pacing')).toEqual({ count: 100 });
  });

  it('survives a restart', async () => {
    const folder = temporaryFolder();
    const before = await openTestStore(folder);
    await before.states.update('pacing', countUp);
    await before.close();
    const after = await openTestStore(folder);
    expect(after.states.read('pacing')).toEqual({ count: 1 });
  });

  it('begins anew where somebody damaged it', async () => {
    const folder = temporaryFolder();
    const { states } = await openTestStore(folder);
    await states.update('pacing', countUp);
    const byHand = new Database(join(folder, 'ledger.db'));
    byHand.exec("UPDATE shared_states SET version = version + 1, state = '{broken'");
    byHand.close();
    expect(states.read('pacing')).toBeUndefined();
    await states.update('pacing', countUp);
    expect(states.read('pacing')).toEqual({ count: 1 });
  });
});
