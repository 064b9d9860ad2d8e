import fs, { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { watchConfig } from '../../../src/config/file/watch-config.ts';

async function watched(
  prepare: (folder: string) => string,
  onFault: (error: unknown) => void = (error) => expect.unreachable(String(error)),
) {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-watch-'));
  const path = prepare(folder);
  let changes = 0;
  const watch = await watchConfig(path, {
    onChange: () => {
      changes += 1;
    },
    onFault,
  });
  onTestFinished(async () => {
    await watch.close();
    rmSync(folder, { recursive: true, force: true });
  });
  /** How many times the change was told within a second. */
  const told = async (change: () => void | Promise<void>) => {
    const before = changes;
    await change();
    await delay(1_000);
    return changes - before;
  };
  return { folder, path, told, count: () => changes };
}

const plain = (folder: string) => {
  const path = join(folder, 'mcp.config.json');
  writeFileSync(path, '{}');
  return path;
};

it('a file that is written is told once, however many steps the writing has', async () => {
  const { path, told, count } = await watched(plain);
  const steps = async () => {
    for (const text of ['', '{', '{ "log"', '{ "log": {} }']) {
      writeFileSync(path, text);
      await delay(20);
    }
  };
  expect(await told(steps)).toBe(1);
  // Nor by the look that comes after it.
  await delay(1_500);
  expect(count()).toBe(1);
  expect(await told(steps)).toBe(1);
});

it('a file that is written to again and again is told all the same', async () => {
  const { path, count } = await watched(plain);
  let text = '{}';
  const writeAndCount = () => {
    text += ' ';
    writeFileSync(path, text);
    return count();
  };
  await expect.poll(writeAndCount, { interval: 50 }).toBeGreaterThan(1);
});

it('a file that another one takes the place of is told, again and again', async () => {
  const { folder, path, told } = await watched(plain);
  const replace = () => {
    const fresh = join(folder, '.mcp.config.json.swp');
    writeFileSync(fresh, '{ }');
    renameSync(fresh, path);
  };
  expect(await told(replace)).toBe(1);
  expect(await told(replace)).toBe(1);
  expect(await told(() => writeFileSync(path, '{}'))).toBe(1);
});

it('a file that is deleted and written anew is told', async () => {
  const { path, told } = await watched(plain);
  expect(await told(() => rmSync(path))).toBe(1);
  expect(await told(() => writeFileSync(path, '{ }'))).toBe(1);
});

it('other files of the folder are nobody’s business', async () => {
  const { folder, told } = await watched(plain);
  expect(await told(() => writeFileSync(join(folder, 'notes.txt'), 'x'))).toBe(0);
});

it('a mounted configuration is told when its link is swapped, as Kubernetes does it', async () => {
  const version = (folder: string, name: string) => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'mcp.config.json'), `{ "name": "${name}" }`);
  };
  const { folder, told } = await watched((at) => {
    version(at, '..one');
    symlinkSync('..one', join(at, '..data'));
    symlinkSync('..data/mcp.config.json', join(at, 'mcp.config.json'));
    return join(at, 'mcp.config.json');
  });
  const swap = () => {
    version(folder, '..two');
    symlinkSync('..two', join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  expect(await told(swap)).toBeGreaterThanOrEqual(1);
});

const SCENES: readonly (readonly [string, (folder: string) => void, (folder: string) => void])[] = [
  [
    'a link in the middle of the way is swapped',
    (folder) => {
      for (const name of ['one', 'two']) mkdirSync(join(folder, name));
      for (const name of ['one', 'two']) writeFileSync(join(folder, name, 'mcp.config.json'), '{}');
      symlinkSync('one', join(folder, 'current'));
      symlinkSync('current/mcp.config.json', join(folder, 'mcp.config.json'));
    },
    (folder) => swapLink('two', join(folder, 'current')),
  ],
  [
    'the file that a link in its place leads to beside it is written',
    (folder) => {
      writeFileSync(join(folder, 'real.json'), '{}');
      symlinkSync('real.json', join(folder, 'mcp.config.json'));
    },
    (folder) => {
      const fresh = join(folder, 'fresh.json');
      writeFileSync(fresh, '{ }');
      renameSync(fresh, join(folder, 'real.json'));
    },
  ],
  [
    'a link that led nowhere leads to a file',
    (folder) => symlinkSync('later.json', join(folder, 'mcp.config.json')),
    (folder) => writeFileSync(join(folder, 'later.json'), '{}'),
  ],
];

function swapLink(target: string, link: string): void {
  symlinkSync(target, `${link}.new`);
  renameSync(`${link}.new`, link);
}

it.each(SCENES)('it is told when %s', async (_what, prepare, change) => {
  const { folder, told, count } = await watched((at) => {
    prepare(at);
    return join(at, 'mcp.config.json');
  });
  // The first look is not the only one.
  await delay(1_200);
  await told(() => change(folder));
  await expect.poll(count).toBe(1);
});

/** Until the test ends, the system watches in another way. */
function watchBy(other: (...given: Parameters<typeof fs.watch>) => fs.FSWatcher): void {
  const { watch } = fs;
  const use = (one: unknown) => {
    fs.watch = one as typeof watch;
    syncBuiltinESMExports();
  };
  onTestFinished(() => use(watch));
  use(other);
}

it('a change is told where the system has no watchers left, and so is that', async () => {
  watchBy(() => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  });
  const faults: unknown[] = [];
  const { path, count } = await watched(plain, (error) => faults.push(error));
  expect(faults).toMatchObject([{ code: 'ENOSPC' }]);
  writeFileSync(path, '{ }');
  await expect.poll(count).toBe(1);
});

it('a change is told where the system does not say which file it was', async () => {
  const { watch } = fs;
  const nameless = (path: string, options: fs.WatchOptions, listener: (event: string, name: null) => void) =>
    watch(path, options, (event) => listener(event, null));
  watchBy(nameless as unknown as Parameters<typeof watchBy>[0]);
  const { folder, path, count } = await watched(plain);
  writeFileSync(join(folder, 'notes.txt'), 'x');
  writeFileSync(path, '{ }');
  await expect.poll(count).toBe(1);
});

it('nothing is told after the end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-watch-'));
  const path = plain(folder);
  const told = vi.fn();
  const watch = await watchConfig(path, { onChange: told, onFault: told });
  writeFileSync(path, '{ }');
  await delay(50);
  await watch.close();
  writeFileSync(path, '{}');
  await delay(400);
  expect(told).not.toHaveBeenCalled();
  rmSync(folder, { recursive: true, force: true });
});
