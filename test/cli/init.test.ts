import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KNOWN_PROVIDERS } from '../../src/cli/init/choices.ts';
import { renderConfig } from '../../src/cli/init/render-config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { STRATEGIES } from '../../src/core/request.ts';
import { OLLAMA_WIRE } from '../../src/demo/vendors/ollama.ts';
import { ref } from '../config/load.ts';
import { CANARY } from '../e2e/workplace.ts';
import { startFakeUpstream } from '../support/fake-upstream.ts';
import { fillDisk, mountOver, mountSmallDisk } from '../support/small-disk.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { signalbox } from './run-signalbox.ts';

const FILE = 'mcp.config.json';

describe('signalbox init --yes', () => {
  it('writes what it finds, by reference only, and check accepts it', async () => {
    const cwd = temporaryFolder();
    const env = { OPENAI_API_KEY: CANARY, GOOGLE_API_KEY: CANARY };
    const { code, stdout, stderr } = await signalbox(['init', '--yes'], { cwd, env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const text = readFileSync(join(cwd, FILE), 'utf8');
    expect(text).not.toContain(CANARY);
    expect(text).toContain(`"apiKey": "${ref('OPENAI_API_KEY')}"`);
    expect(text).toContain(`"apiKey": "${ref('GOOGLE_API_KEY')}"`);
    expect(text).toContain('// "groq": {');
    const [, schema = ''] = /"\$schema": "(\..+\/mcp\.config\.schema\.json)"/.exec(text) ?? [];
    expect(existsSync(join(cwd, schema))).toBe(true);
    expect(stdout).toMatch(/^ {2}openai: ready$/m);
    const check = await signalbox(['check', '--json'], { cwd, env });
    expect(check.code).toBe(0);
    expect(JSON.parse(check.stdout)).toMatchObject({
      source: join(cwd, FILE),
      providers: [
        { id: 'openai', status: 'configured' },
        { id: 'gemini', status: 'configured' },
      ],
      warnings: [],
    });
  });

  it('keeps the address that the environment gives a provider', async () => {
    const cwd = temporaryFolder();
    const env = { OPENAI_API_KEY: CANARY, OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' };
    await signalbox(['init', '--yes'], { cwd, env });
    const { stdout } = await signalbox(['check', '--json'], { cwd, env: { OPENAI_API_KEY: CANARY } });
    expect(JSON.parse(stdout)).toMatchObject({ providers: [{ id: 'openai', base_url: 'http://127.0.0.1:9/v1' }] });
  });

  it('writes nothing where the environment holds what no configuration may say, such as a password', async () => {
    const cwd = temporaryFolder();
    const env = { OPENAI_API_KEY: 'x', OPENAI_BASE_URL: 'https://me:secret@api.example.com/v1' };
    const { code, stdout, stderr } = await signalbox(['init', '--yes'], { cwd, env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('OPENAI_BASE_URL: must not hold a user name or password');
    expect(existsSync(join(cwd, FILE))).toBe(false);
  });

  it('finds an Ollama that answers', async () => {
    const ollama = await startFakeUpstream(OLLAMA_WIRE, { models: ['llama3.2'] });
    try {
      const cwd = temporaryFolder();
      const env = { OLLAMA_HOST: ollama.origin };
      await signalbox(['init', '--yes'], { cwd, env });
      const { stdout } = await signalbox(['check', '--json'], { cwd });
      expect(JSON.parse(stdout)).toMatchObject({
        providers: [{ id: 'ollama', status: 'configured', base_url: ollama.origin }],
        tiers: { trivial: ['ollama/llama3.2'] },
      });
    } finally {
      await ollama.close();
    }
  });

  it('notes an Ollama that does not answer at the address that OLLAMA_HOST gives it', async () => {
    const cwd = temporaryFolder();
    await signalbox(['init', '--yes'], { cwd, env: { OLLAMA_HOST: '127.0.0.1:9' } });
    expect(readFileSync(join(cwd, FILE), 'utf8')).toContain(
      '// "ollama": { "kind": "ollama", "baseUrl": "http://127.0.0.1:9" },',
    );
  });

  it('prepares every hosted provider when it finds none, and says which variable each needs', async () => {
    const cwd = temporaryFolder();
    const { code, stdout } = await signalbox(['init', '--yes'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}anthropic: set ANTHROPIC_API_KEY to use it$/m);
    expect((await signalbox(['check'], { cwd })).code).toBe(0);
  });

  it('replaces nothing unless told to', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, FILE), '{}');
    const refused = await signalbox(['init', '--yes'], { cwd });
    expect(refused).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('Use --force to replace it'),
    });
    expect(readFileSync(join(cwd, FILE), 'utf8')).toBe('{}');
    expect((await signalbox(['init', '--yes', '--force'], { cwd })).code).toBe(0);
    expect(readFileSync(join(cwd, FILE), 'utf8')).toContain('"providers"');
  });

  it('writes to the place of --config, and shows clients started with it', async () => {
    const cwd = temporaryFolder();
    const file = join(cwd, 'deep/er/settings.json');
    const { stdout } = await signalbox(['init', '--yes', '--config', 'deep/er/settings.json'], { cwd });
    expect(existsSync(file)).toBe(true);
    expect(stdout).toContain(JSON.stringify(file));
    expect(stdout).toMatch(/^claude mcp add --scope user signalbox -- /m);
  });

  it('writes to where every command looks when a variable names the place', async () => {
    const cwd = temporaryFolder();
    const env = { SIGNALBOX_CONFIG: '~/mine.json', HOME: join(cwd, 'me'), USERPROFILE: join(cwd, 'me') };
    expect((await signalbox(['init', '--yes'], { cwd, env })).code).toBe(0);
    expect(existsSync(join(cwd, 'me', 'mine.json'))).toBe(true);
    expect((await signalbox(['check'], { cwd, env })).code).toBe(0);
  });

  it('leaves nothing behind on a full disk', async ({ skip }) => {
    const cwd = temporaryFolder();
    if (!mountSmallDisk(cwd)) skip('a small disk can be mounted by the superuser only');
    fillDisk(join(cwd, 'ballast'));
    const { code, stderr } = await signalbox(['init', '--yes'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('cannot be written (ENOSPC)');
    expect(existsSync(join(cwd, FILE))).toBe(false);
  });

  it('leaves the configuration as it was when there is no room for another', async ({ skip }) => {
    const cwd = temporaryFolder();
    if (!mountSmallDisk(cwd)) skip('a small disk can be mounted by the superuser only');
    writeFileSync(join(cwd, FILE), '{}');
    fillDisk(join(cwd, 'ballast'));
    const { code, stderr } = await signalbox(['init', '--yes', '--force'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('cannot be written (ENOSPC)');
    expect(readFileSync(join(cwd, FILE), 'utf8')).toBe('{}');
    expect(readdirSync(cwd).sort()).toEqual(['ballast', FILE]);
  });

  it('writes over a file that is mounted by itself, as into a container', async ({ skip }) => {
    const cwd = temporaryFolder();
    const [given, file] = [join(temporaryFolder(), 'given.json'), join(cwd, FILE)];
    writeFileSync(given, `{} // ${'long '.repeat(5_000)}`);
    writeFileSync(file, '');
    if (!mountOver(given, file)) skip('a file can be mounted by the superuser only');
    expect(await signalbox(['init', '--yes', '--force'], { cwd })).toMatchObject({ code: 0, stderr: '' });
    expect((await signalbox(['check'], { cwd })).code).toBe(0);
    expect(readFileSync(given, 'utf8')).toBe(readFileSync(file, 'utf8'));
    expect(readFileSync(given, 'utf8')).toContain('"providers"');
    expect(readdirSync(cwd)).toEqual([FILE]);
  });

  it.skipIf(process.platform === 'win32')(
    'replaces what a link leads to, for the same owner and readers (skipped on Windows)',
    async () => {
      const cwd = temporaryFolder();
      const mine = join(cwd, 'mine.json');
      writeFileSync(mine, '{}');
      chmodSync(mine, 0o662);
      // Anybody else; only the superuser gives away what is his.
      if (process.getuid?.() === 0) chownSync(mine, 12_345, 12_345);
      const { uid, gid } = statSync(mine);
      symlinkSync('mine.json', join(cwd, FILE));
      expect((await signalbox(['init', '--yes', '--force'], { cwd })).code).toBe(0);
      expect(lstatSync(join(cwd, FILE)).isSymbolicLink()).toBe(true);
      expect(readFileSync(mine, 'utf8')).toContain('"providers"');
      expect(statSync(mine)).toMatchObject({ uid, gid });
      expect(statSync(mine).mode & 0o777).toBe(0o662);
      expect(readdirSync(cwd).sort()).toEqual([FILE, 'mine.json']);
    },
  );

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'says that the place cannot be written (skipped for root and on Windows)',
    async () => {
      const cwd = temporaryFolder();
      mkdirSync(join(cwd, 'closed'));
      chmodSync(join(cwd, 'closed'), 0o500);
      const { code, stderr } = await signalbox(['init', '--yes', '--config', 'closed/x.json'], { cwd });
      expect(code).toBe(2);
      expect(stderr).toContain('cannot be written (EACCES)');
    },
  );

  it('writes to the home folder where it is named by ~, as every command reads it', async () => {
    const cwd = temporaryFolder();
    const env = { HOME: join(cwd, 'me'), USERPROFILE: join(cwd, 'me') };
    const { stdout } = await signalbox(['init', '--yes', '--config=~/one.json'], { cwd, env });
    expect(stdout).toContain(`Written: ${join(cwd, 'me', 'one.json')}`);
    expect((await signalbox(['check', '--config=~/one.json'], { cwd, env })).code).toBe(0);
  });

  it('says so when a file stands where the folder must be', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'taken'), '');
    const { code, stderr } = await signalbox(['init', '--yes', '--config', 'taken/x.json'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/cannot be written \((ENOTDIR|EEXIST)\)/);
  });
});

it('writes a valid configuration for every choice', async () => {
  const cwd = temporaryFolder();
  const file = join(cwd, FILE);
  for (const strategy of STRATEGIES) {
    for (let bits = 1; bits < 2 ** KNOWN_PROVIDERS.length; bits += 1) {
      const known = KNOWN_PROVIDERS.map((one) => ({
        ...one,
        isFound: false,
        ...(one.kind === 'ollama' && { baseUrl: 'http://127.0.0.1:9' }),
      }));
      const providers = known.filter((_, index) => bits & (2 ** index));
      const others = known.filter((one) => !providers.includes(one));
      writeFileSync(file, renderConfig({ providers, others, strategy }, undefined));
      const loaded = await loadConfig({ configPath: file, env: {}, cwd, homeDir: cwd });
      expect(loaded.providers.map(({ id }) => id)).toEqual(providers.map(({ id }) => id));
      expect(loaded.routing.strategy).toBe(strategy);
    }
  }
});
