import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLIENTS, type Machine } from '../../src/cli/clients/clients.ts';
import { findLaunch, withOptions } from '../../src/cli/clients/launch.ts';
import { ref } from '../config/load.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { launcher } from './run-signalbox.ts';

const LAUNCH = { command: 'node', args: [] };

const filesOn = (machine: Partial<Machine> & Pick<Machine, 'platform'>) =>
  Object.fromEntries(
    CLIENTS.map(({ name, configFiles }) => [
      name,
      configFiles({ homeDir: '/home/me', env: {}, ...machine }).map((file) => file.replaceAll('\\', '/')),
    ]),
  );

describe('the files of the clients', () => {
  it('lie where each platform keeps them', () => {
    expect(filesOn({ platform: 'linux' })).toEqual({
      'Claude Desktop': ['/home/me/.config/Claude/claude_desktop_config.json'],
      'Claude Code': ['/home/me/.claude.json'],
      'VS Code': ['/home/me/.config/Code/User/mcp.json'],
      Cursor: ['/home/me/.cursor/mcp.json'],
    });
    expect(filesOn({ platform: 'darwin' })).toMatchObject({
      'Claude Desktop': ['/home/me/Library/Application Support/Claude/claude_desktop_config.json'],
      'VS Code': ['/home/me/Library/Application Support/Code/User/mcp.json'],
    });
    expect(filesOn({ platform: 'win32' })).toMatchObject({
      'Claude Desktop': ['/home/me/AppData/Roaming/Claude/claude_desktop_config.json'],
      'VS Code': ['/home/me/AppData/Roaming/Code/User/mcp.json'],
    });
  });

  it('follow the variables that move them', () => {
    const env = { XDG_CONFIG_HOME: '/etc/me', CLAUDE_CONFIG_DIR: '/etc/claude', APPDATA: '/appdata' };
    expect(filesOn({ platform: 'linux', env })).toMatchObject({
      'Claude Code': ['/etc/claude/.claude.json'],
      'VS Code': ['/etc/me/Code/User/mcp.json'],
    });
    expect(filesOn({ platform: 'win32', env })).toMatchObject({ 'VS Code': ['/appdata/Code/User/mcp.json'] });
  });

  it('include those of a Claude Desktop from the Store', () => {
    const local = temporaryFolder();
    const packaged = ['Claude-Data/claude_abc', 'Packages/Claude_abc/LocalCache/Roaming/Claude'];
    for (const folder of packaged) mkdirSync(join(local, folder), { recursive: true });
    const [, ...files] = filesOn({ platform: 'win32', env: { LOCALAPPDATA: local } })['Claude Desktop'] ?? [];
    const at = local.replaceAll('\\', '/');
    expect(files.toSorted()).toEqual(packaged.map((folder) => `${at}/${folder}/claude_desktop_config.json`));
  });
});

describe('the snippet of a client', () => {
  const launch = { command: '/opt/my node/bin/node', args: ['/srv/signalbox.cjs', "it's here"] };

  it('quotes for the shell what needs it', () => {
    const claudeCode = CLIENTS.find(({ name }) => name === 'Claude Code');
    expect(claudeCode?.snippet(launch, [])).toMatchObject({
      goes: 'shell',
      text: "claude mcp add --scope user signalbox -- '/opt/my node/bin/node' /srv/signalbox.cjs 'it'\\''s here'",
    });
  });

  it.each(CLIENTS.filter(({ name }) => name !== 'Claude Code').map((client) => [client.name, client] as const))(
    'for %s is JSON that holds the launch and a place for each key',
    (_name, client) => {
      const { text } = client.snippet(launch, ['A_KEY', 'B_KEY']);
      const { mcpServers, servers } = JSON.parse(text);
      const { command, args, env } = (mcpServers ?? servers).signalbox;
      expect({ command, args, keys: Object.keys(env) }).toEqual({ ...launch, keys: ['A_KEY', 'B_KEY'] });
    },
  );
});

it('is pasted with what is not filled in left out: a key that is not there stops no start', () => {
  const desktop = CLIENTS.find(({ name }) => name === 'Claude Desktop');
  const { text } = desktop?.snippet(LAUNCH, ['A_KEY']) ?? { text: '' };
  expect(JSON.parse(text).mcpServers.signalbox.env).toEqual({ A_KEY: '' });
});

it('takes each key from where its client can have it: asked for by VS Code, from the environment of Cursor', () => {
  const [vsCode, cursor] = ['VS Code', 'Cursor'].map((wanted) => {
    const { text = '' } = CLIENTS.find(({ name }) => name === wanted)?.snippet(LAUNCH, ['A_KEY']) ?? {};
    return JSON.parse(text);
  });
  expect(vsCode.inputs).toMatchObject([{ type: 'promptString', id: 'A_KEY', password: true }]);
  expect(vsCode.servers.signalbox.env).toEqual({ A_KEY: ref('input:A_KEY') });
  expect(cursor.mcpServers.signalbox.env).toEqual({ A_KEY: ref('env:A_KEY') });
});

it.each(CLIENTS)('has no place for keys where a provider needs none: $name', ({ snippet }) => {
  expect(snippet(LAUNCH, []).text).not.toMatch(/"env"|"inputs"/);
});

it('starts a clone by absolute paths', () => {
  expect(findLaunch()).toEqual({ command: process.execPath, args: [launcher] });
});

it.each([
  '/home/me/project/node_modules/signalbox/bin/signalbox.cjs',
  '/usr/local/lib/node_modules/signalbox/bin/signalbox.cjs',
])('starts an installed package where it lies: %s', (installed) => {
  expect(findLaunch(installed)).toEqual({ command: process.execPath, args: [installed] });
});

it.each(['/home/me/.npm/_npx/0a1b2c', '/home/me/.cache/pnpm/dlx/0a1b2c', '/tmp/bunx-1000-signalbox@latest'])(
  'fetches a package by its name that was unpacked for one run: %s',
  (folder) => {
    expect(findLaunch(`${folder}/node_modules/signalbox/bin/signalbox.cjs`, 'linux')).toEqual({
      command: 'npx',
      args: ['-y', 'signalbox'],
    });
  },
);

it('fetches it through the shell on Windows, where npx is no program', () => {
  const cached = 'C:\\Users\\me\\AppData\\Local\\npm-cache\\_npx\\0a1b2c\\node_modules\\signalbox\\bin\\signalbox.cjs';
  expect(findLaunch(cached, 'win32')).toEqual({ command: 'cmd', args: ['/c', 'npx', '-y', 'signalbox'] });
});

it('leads to the same configuration and books from every folder', () => {
  const launch = { command: 'node', args: ['signalbox.cjs'] };
  const { args } = withOptions(launch, { config: '~/one.json', dataDir: 'my books' }, '/home/me');
  const config = resolve('/home/me', 'one.json');
  expect(args).toEqual(['signalbox.cjs', '--config', config, '--data-dir', resolve('my books')]);
});
