import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { faultsFrom, load } from '../load.ts';

/** Writes a configuration that can be told from others by its data folder. */
function write(path: string, mark: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, JSON.stringify({ dataDir: `/data/${mark}` }));
}

describe('the configuration', () => {
  it('is sought at --config, SIGNALBOX_CONFIG, the working folder, then the user’s folder', async () => {
    const root = temporaryFolder();
    const cwd = join(root, 'work');
    mkdirSync(cwd);
    write(join(root, 'option.json'), 'option');
    write(join(root, 'variable.json'), 'variable');
    write(join(cwd, 'mcp.config.json'), 'here');
    write(join(root, '.config/signalbox/mcp.config.json'), 'user');
    const found = async (more: { configPath?: string; env?: Record<string, string>; cwd?: string }) =>
      (await loadConfig({ cwd, env: {}, homeDir: root, platform: 'linux', ...more })).dataDir;

    const env = { SIGNALBOX_CONFIG: join(root, 'variable.json') };
    expect(await found({ configPath: '../option.json', env })).toBe('/data/option');
    expect(await found({ configPath: '~/option.json', env })).toBe('/data/option');
    expect(await found({ env })).toBe('/data/variable');
    expect(await found({ env: { SIGNALBOX_CONFIG: '' } })).toBe('/data/here');
    expect(await found({ cwd: root })).toBe('/data/user');
  });

  it('lies where the platform keeps such files', async () => {
    const home = temporaryFolder();
    write(join(home, 'Library/Application Support/signalbox/mcp.config.json'), 'mac');
    write(join(home, 'xdg/signalbox/mcp.config.json'), 'xdg');
    write(join(home, 'AppData/Roaming/signalbox/mcp.config.json'), 'windows');
    const found = async (platform: NodeJS.Platform, env = {}) =>
      (await loadConfig({ cwd: join(home, 'xdg'), env, homeDir: home, platform })).source;
    expect(await found('darwin')).toBe(join(home, 'Library/Application Support/signalbox/mcp.config.json'));
    expect(await found('linux', { XDG_CONFIG_HOME: join(home, 'xdg') })).toBe(
      join(home, 'xdg/signalbox/mcp.config.json'),
    );
    expect(await found('win32')).toBe(join(home, 'AppData/Roaming/signalbox/mcp.config.json'));
    expect(await found('linux')).toBe('environment');
  });

  it('is not sought in a home folder that is none, as services have it', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'nobody'), '');
    const { source } = await loadConfig({ cwd, env: {}, homeDir: join(cwd, 'nobody'), platform: 'linux' });
    expect(source).toBe('environment');
  });

  it('that is named must be there', async () => {
    const cwd = temporaryFolder();
    const loading = (configPath: string) => loadConfig({ cwd, env: {}, homeDir: cwd, configPath });
    expect(await faultsFrom(loading('absent.json'))).toEqual(['The configuration absent.json does not exist.']);
    expect(await faultsFrom(loading('.'))).toEqual([`The configuration ${cwd} is a folder.`]);
    expect(await faultsFrom(loading('/dev/zero'))).toEqual(['The configuration /dev/zero is not a regular file.']);
    expect(await faultsFrom(loadConfig({ cwd, env: { SIGNALBOX_CONFIG: '/nowhere/x' }, homeDir: cwd }))).toEqual([
      'The configuration /nowhere/x does not exist.',
    ]);
  });

  it.skipIf(process.getuid?.() === 0)(
    'that is there but may not be read is not passed over (skipped for root)',
    async () => {
      const cwd = temporaryFolder();
      write(join(cwd, 'mcp.config.json'), 'x');
      chmodSync(join(cwd, 'mcp.config.json'), 0o000);
      expect(await faultsFrom(loadConfig({ cwd, env: {}, homeDir: cwd }))).toEqual([
        'The configuration mcp.config.json may not be read.',
      ]);
    },
  );

  it('outside the working folder is named by its whole path', async () => {
    const root = temporaryFolder();
    const path = join(root, 'other.json');
    writeFileSync(path, '{ "x": 1 }');
    const cwd = temporaryFolder();
    const [line = ''] = await faultsFrom(loadConfig({ cwd, env: {}, homeDir: cwd, configPath: path }));
    expect(line).toMatch(new RegExp(`^${path}:1:3 x: unknown key`));
  });
});

describe('the data folder', () => {
  it('is that of --data-dir, SIGNALBOX_DATA_DIR, the configuration, then the platform', async () => {
    const cwd = temporaryFolder();
    const folder = async (config: object, more = {}) =>
      (await load(config, { cwd, homeDir: '/home/u', platform: 'linux', ...more })).dataDir;
    const env = { SIGNALBOX_DATA_DIR: '~/from-variable' };
    const config = { dataDir: './data' };
    expect(await folder(config, { dataDir: 'given', env })).toBe(join(cwd, 'given'));
    expect(await folder(config, { env })).toBe('/home/u/from-variable');
    expect(await folder(config)).toBe(join(cwd, 'data'));
    expect(await folder({ dataDir: '~/books' })).toBe('/home/u/books');
    expect(await folder({})).toBe('/home/u/.local/share/signalbox');
    const withoutFile = { cwd: temporaryFolder(), homeDir: '/home/u', dataDir: 'given' };
    const { dataDir } = await loadConfig({ ...withoutFile, env: { ...env, OLLAMA_HOST: '127.0.0.1:1' } });
    expect(dataDir).toBe(join(withoutFile.cwd, 'given'));
  });

  it('lies where the platform keeps data', async () => {
    const folder = async (platform: NodeJS.Platform, env = {}) =>
      (await load({}, { homeDir: '/home/u', platform, env })).dataDir;
    expect(await folder('linux', { XDG_DATA_HOME: '/xdg' })).toBe('/xdg/signalbox');
    expect(await folder('linux', { XDG_DATA_HOME: 'relative' })).toBe('/home/u/.local/share/signalbox');
    expect(await folder('darwin')).toBe('/home/u/Library/Application Support/signalbox');
    expect(await folder('win32', { LOCALAPPDATA: 'C:\\Users\\u\\AppData\\Local' })).toContain(
      'C:\\Users\\u\\AppData\\Local',
    );
    expect(await folder('win32')).toBe('/home/u/AppData/Local/signalbox');
  });

  it('of a relative path in the configuration is counted from the file, not from the working folder', async () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'c.json'), '{ "dataDir": "books" }');
    const { dataDir } = await loadConfig({
      cwd: temporaryFolder(),
      env: {},
      homeDir: root,
      configPath: join(root, 'c.json'),
    });
    expect(dataDir).toBe(join(root, 'books'));
  });

  it('without a home says what to set', async () => {
    for (const homeDir of [undefined, '']) {
      expect(await faultsFrom(load({}, { homeDir, platform: 'linux' }))).toEqual([
        'There is no home folder to keep the books in (HOME is not set); set SIGNALBOX_DATA_DIR or pass --data-dir.',
      ]);
      expect(await faultsFrom(load({ dataDir: '~/x' }, { homeDir }))).toEqual([
        'The path ~/x needs a home folder, but none is known (is HOME set?).',
      ]);
      expect((await load({}, { homeDir, env: { SIGNALBOX_DATA_DIR: '/data' } })).dataDir).toBe('/data');
    }
  });
});
