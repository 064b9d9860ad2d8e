import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { keepCurrent } from '../../src/cli/serve/keep-current.ts';
import type { ServeConfig } from '../../src/cli/serve/load-serve-config.ts';
import { eventually } from '../support/until.ts';

const nothing = () => undefined;
const LOADED = { config: { warnings: [] }, settings: {}, secrets: [] } as unknown as ServeConfig;

/** A watch on a file of its own; `loads` counts how often the configuration was read, each time for 50 ms. */
async function watching(isFile: boolean, isChanged = true) {
  const folder = mkdtempSync(join(tmpdir(), 'keep-current-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'mcp.config.json');
  writeFileSync(path, '{}');
  const told: string[] = [];
  const counts = { loads: 0, atOnce: 0, atOnceMost: 0 };
  const watch = await keepCurrent({
    service: {
      logger: {
        debug: nothing,
        info: (_fields: unknown, message: string) => told.push(message),
        warn: nothing,
        error: nothing,
      },
      reload: async () => (isChanged ? [] : undefined),
      countRefusedReload: nothing,
    },
    load: async () => {
      counts.loads += 1;
      counts.atOnce += 1;
      counts.atOnceMost = Math.max(counts.atOnceMost, counts.atOnce);
      await new Promise((resolve) => setTimeout(resolve, 50));
      counts.atOnce -= 1;
      return LOADED;
    },
    onApplied: nothing,
    path: isFile ? path : undefined,
  });
  return { counts, told, watch };
}

it('a file is read once more when its watch stands, since it may have changed before', async () => {
  const { counts, watch } = await watching(true);
  await eventually(() => expect(counts.loads).toBe(1));
  await watch.close();
});

it('says that nothing has changed to who asked by SIGHUP, and not for every look at the file', async () => {
  const { counts, told, watch } = await watching(true, false);
  await eventually(() => expect(counts).toMatchObject({ loads: 1, atOnce: 0 }));
  expect(told).toEqual([]);
  process.emit('SIGHUP');
  await eventually(() => expect(told).toEqual(['the configuration is as it was']));
  await watch.close();
});

it('what is asked for while a reload runs is one more reload after it, and none after the end', async () => {
  const listenersBefore = process.listenerCount('SIGHUP');
  const { counts, watch } = await watching(false);
  expect(counts.loads).toBe(0);
  for (let count = 0; count < 3; count += 1) process.emit('SIGHUP');
  await eventually(() => expect(counts).toMatchObject({ loads: 2, atOnce: 0 }));
  expect(counts.atOnceMost).toBe(1);
  process.emit('SIGHUP');
  process.emit('SIGHUP');
  await watch.close();
  expect(counts.atOnce).toBe(0);
  expect(process.listenerCount('SIGHUP')).toBe(listenersBefore);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(counts).toMatchObject({ loads: 3, atOnce: 0 });
});
