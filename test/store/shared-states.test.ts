import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { loud, openTestStore, recordingLogger } from '../support/store.ts';
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

  it('is said not to be shared while another process holds the lock: once, and when it is over', async () => {
    const folder = temporaryFolder();
    const logger = recordingLogger();
    const { states } = await openTestStore(folder, { logger });
    const other = new Database(join(folder, 'ledger.db'));
    for (const episodes of [1, 2]) {
      other.exec('BEGIN IMMEDIATE');
      const early = [states.update('token-rate', countUp), states.update('token-slots', countUp)];
      await expect.poll(() => loud(logger)).toHaveLength(episodes);
      const late = states.update('token-rate', countUp);
      await new Promise((resolve) => setTimeout(resolve, 150));
      other.exec('COMMIT');
      expect(await Promise.all([...early, late])).toEqual([true, true, true]);
      expect(loud(logger)).toEqual(
        Array(episodes).fill(expect.stringMatching(/^another process holds .* find and close it$/)),
      );
      expect(logger.lines.filter(({ message }) => message === 'what processes share is written again')).toHaveLength(
        episodes,
      );
    }
    other.close();
  });
});
