import { chmodSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { faultsOf, load, ref } from '../load.ts';

const openai = (apiKey: string) => ({ providers: { openai: { kind: 'openai', apiKey } } });
const keyOf = async (...parameters: Parameters<typeof load>) =>
  (await load(...parameters)).providers[0]?.keys[0]?.value;

describe('a reference', () => {
  it('to a variable is resolved, alone and inside a longer text', async () => {
    const config = await load(
      {
        providers: {
          near: {
            kind: 'openai-compatible',
            baseUrl: `http://${ref('HOST')}:${ref('PORT')}/v1`,
            apiKey: ref('KEY'),
            headers: { 'x-team': `team ${ref('TEAM')}` },
          },
        },
        routing: { tiers: { simple: [`near/${ref('MODEL')}`] } },
      },
      { env: { HOST: 'gpu.example', PORT: '9000', KEY: ' sk-1 ', TEAM: 'red', MODEL: 'qwen' } },
    );
    expect(config.providers[0]).toEqual({
      id: 'near',
      kind: 'openai-compatible',
      baseUrl: 'http://gpu.example:9000/v1',
      headers: { 'x-team': 'team red' },
      keys: [{ name: 'default', value: 'sk-1', weight: 1 }],
      status: 'configured',
    });
    expect(config.routing.tiers.simple).toEqual(['near/qwen']);
  });

  it('to a file gives its contents without the line end, relative to the configuration', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'openai.key'), 'sk-from-file\n');
    const environment = { cwd, homeDir: cwd, env: { KEYS: cwd } };
    for (const text of [
      'file:openai.key',
      'file:./openai.key',
      `file:${cwd}/openai.key`,
      `file://${cwd}/openai.key`,
      'file:~/openai.key',
      `file:${ref('KEYS')}/openai.key`,
    ]) {
      expect(await keyOf(openai(text), environment), text).toBe('sk-from-file');
    }
  });

  it.each([
    ['', 0],
    [', also on a share whose clock is ahead', 0.4],
  ])(
    'to a file that is just being written gives what comes: who writes it empties it first%s',
    async (_where, aheadSeconds) => {
      const cwd = temporaryFolder();
      const path = join(cwd, 'openai.key');
      writeFileSync(path, '');
      const written = Date.now() / 1_000 + aheadSeconds;
      utimesSync(path, written, written);
      const found = keyOf(openai('file:openai.key'), { cwd });
      setTimeout(() => writeFileSync(path, 'sk-rotated\n'), 50);
      expect(await found).toBe('sk-rotated');
    },
  );

  it('in the value of a variable is not followed', async () => {
    expect(await keyOf(openai(ref('KEY')), { env: { KEY: 'file:/etc/hostname' } })).toBe('file:/etc/hostname');
    expect(await keyOf(openai(ref('KEY')), { env: { KEY: ref('OTHER'), OTHER: 'x' } })).toBe(ref('OTHER'));
  });
});

describe('a missing key', () => {
  it('leaves its provider unconfigured, with one warning of one line that names the variable', async () => {
    const config = await load({
      providers: {
        openai: { kind: 'openai', apiKey: ref('OPENAI_API_KEY') },
        ollama: { kind: 'ollama', baseUrl: 'http://127.0.0.1:1' },
      },
    });
    expect(config.providers.map(({ status }) => status)).toEqual(['unconfigured', 'configured']);
    expect(config.providers[0]?.keys).toEqual([]);
    expect(config.warnings).toEqual([
      'mcp.config.json:1:50 providers.openai is not used: the variable OPENAI_API_KEY is not set.',
    ]);
  });

  it('is also one whose variable is set to nothing', async () => {
    for (const value of ['', '   ']) {
      const { providers, warnings } = await load(openai(ref('EMPTY')), { env: { EMPTY: value } });
      expect(providers[0]?.status).toBe('unconfigured');
      expect(warnings[0]).toContain('the variable EMPTY is not set');
    }
  });

  it('names its file and why it could not be read', async () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'folder'));
    writeFileSync(join(cwd, 'empty'), '\n');
    writeFileSync(join(cwd, 'large'), 'x'.repeat(70_000));
    for (const [name, reason] of [
      ['absent', `the file ${cwd}/absent does not exist`],
      ['folder', `${cwd}/folder is not a file`],
      ['empty', `the file ${cwd}/empty is empty`],
      ['large', `the file ${cwd}/large is too large to hold a secret`],
    ]) {
      const { providers, warnings } = await load(openai(`file:${name}`), { cwd });
      expect(providers[0]?.status).toBe('unconfigured');
      expect(warnings[0]).toBe(`mcp.config.json:1:50 providers.openai is not used: ${reason}.`);
    }
  });

  it('that lies in a home folder nobody has says so', async () => {
    const { warnings } = await load(openai('file:~/key'), { homeDir: undefined, dataDir: '/tmp/x' });
    expect(warnings[0]).toContain('the file file:~/key lies in a home folder, but there is none');
  });

  it.skipIf(process.getuid?.() === 0)(
    'in a file of someone else says that it may not be read (skipped for root)',
    async () => {
      const cwd = temporaryFolder();
      writeFileSync(join(cwd, 'key'), 'x');
      chmodSync(join(cwd, 'key'), 0o000);
      expect((await load(openai('file:key'), { cwd })).warnings[0]).toContain('may not be read');
    },
  );

  it('of several takes only itself out', async () => {
    const { providers, warnings } = await load(
      {
        providers: {
          groq: {
            kind: 'groq',
            keys: [
              { name: 'primary', value: ref('GROQ_1'), weight: 0.7, account: 'a' },
              { name: 'spare', value: ref('GROQ_2'), weight: 0.3, models: ['openai/gpt-oss-20b'] },
            ],
          },
        },
      },
      { env: { GROQ_1: 'gsk-1' } },
    );
    expect(providers).toEqual([
      {
        id: 'groq',
        kind: 'groq',
        keys: [{ name: 'primary', value: 'gsk-1', weight: 0.7, account: 'a' }],
        status: 'configured',
      },
    ]);
    expect(warnings).toEqual([
      'mcp.config.json:1:135 providers.groq key "spare" is not used: the variable GROQ_2 is not set.',
    ]);
  });

  it('altogether leaves one warning for the whole file more, without "init", which leaves a file alone', async () => {
    const { warnings } = await load(openai(ref('NO_KEY')));
    expect(warnings.at(-1)).toBe(
      'mcp.config.json: no provider can be used; set a key that is named above, or add one under "providers".',
    );
    const none = 'mcp.config.json: no provider can be used; add one under "providers".';
    expect((await load({})).warnings).toEqual([none]);
  });
});

describe('a missing reference elsewhere', () => {
  it('is a fault that names the variable', async () => {
    const far = { kind: 'openai-compatible', baseUrl: ref('FAR_URL'), headers: { 'x-a': ref('A'), 'x-b': ref('B') } };
    expect(await faultsOf({ providers: { far }, dataDir: ref('DIR') }, { env: { A: 'set' } })).toEqual([
      'mcp.config.json:1:59 providers.far.baseUrl: the variable FAR_URL is not set',
      'mcp.config.json:1:102 providers.far.headers.x-b: the variable B is not set',
      'mcp.config.json:1:122 dataDir: the variable DIR is not set',
    ]);
  });

  it('is a fault when it is malformed, and shows nothing of the text', async () => {
    for (const text of ['\u0024{', ref(''), ref('1X'), ref('A-B'), ref('A:-secret'), ref('A').slice(0, -1)]) {
      const [line = ''] = await faultsOf({ dataDir: text }, { env: { A: 'a' } });
      expect(line).toMatch(
        /^mcp\.config\.json:1:12 dataDir: it holds a "\$\{" that begins no reference like \$\{NAME\}$/,
      );
    }
  });

  it('is a fault when it is malformed in the key of a provider too: no variable would mend it', async () => {
    for (const apiKey of ['\u0024{', ref('1X'), `\u0024{A${ref('B')}}`]) {
      expect(await faultsOf({ providers: { p: { kind: 'openai', apiKey } } }, { env: { A: 'a', B: 'b' } })).toEqual([
        'mcp.config.json:1:45 providers.p.apiKey: it holds a "${" that begins no reference like ${NAME}'.replaceAll(
          '$',
          '\u0024',
        ),
      ]);
    }
  });

  it('does not matter under server, in what is disabled, and in $schema', async () => {
    const config = await load({
      $schema: ref('NOWHERE'),
      providers: { off: { kind: 'openai-compatible', baseUrl: ref('OFF'), enabled: false } },
      server: { tokens: [ref('TOKEN'), { name: 'ci', value: 'file:/nowhere' }] },
    });
    expect(config.server.tokens).toEqual([ref('TOKEN'), { name: 'ci', value: 'file:/nowhere' }]);
    expect(config.providers[0]?.status).toBe('disabled');
  });
});

it('no message ever holds the value of a variable', async () => {
  const env = { SECRET: 'hunter2-hunter2', BAD: 'hunter2 hunter2' };
  const lines = await faultsOf(
    {
      providers: {
        a: { kind: 'openai', apiKey: ref('BAD'), baseUrl: ref('SECRET'), headers: { x: `${ref('SECRET')}\u0001` } },
        b: { kind: ref('SECRET') },
      },
      routing: { tiers: { simple: [ref('BAD')] } },
      cache: { ttl: ref('SECRET'), maxBytes: ref('SECRET') },
      tools: { enabled: [ref('SECRET')] },
    },
    { env },
  );
  expect(lines).toHaveLength(8);
  expect(lines.join('\n')).not.toContain('hunter2');
});
