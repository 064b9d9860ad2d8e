import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { describe, expect, it } from 'vitest';
import { ref } from '../config/load.ts';
import { CANARY } from '../e2e/workplace.ts';
import { fillDisk, mountSmallDisk } from '../support/small-disk.ts';
import { openTestStore } from '../support/store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { openWorkplace, signalbox } from './run-signalbox.ts';

type Finding = { state: string; about: string; message: string; remedy?: string };

async function findings(run: Promise<{ stdout: string }>): Promise<Finding[]> {
  return (JSON.parse((await run).stdout) as { findings: Finding[] }).findings;
}

describe('signalbox doctor', () => {
  it('finds a healthy installation healthy, by free calls only', async () => {
    const { run, upstream } = await openWorkplace();
    const { code, stdout } = await run(['doctor']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {4}Node: v\d+\.\d+\.\d+ at /m);
    expect(stdout).toMatch(/^ok {4}configuration: .*mcp\.config\.json$/m);
    expect(stdout).toMatch(/^ok {4}database: .* can be written, and the books open$/m);
    expect(stdout).toMatch(/^ok {4}provider vendor: answers, and lists 1 model\.$/m);
    expect(stdout).not.toMatch(/^fail/m);
    expect(upstream.requests.map(({ call }) => call?.type)).toEqual(['models']);
  });

  it('names a key that its provider refuses, what to do, and exits with 1', async () => {
    const { run } = await openWorkplace({}, { keys: ['another key'] });
    const { code, stdout } = await run(['doctor']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fail {2}provider vendor: .+\n {6}Check the key: its provider refuses it\.$/m);
    expect(stdout).toMatch(/^fail {2}providers: none can be used\.$/m);
  });

  it('asks with each key, and names the one of several that is refused', async () => {
    const { run, upstream, options } = await openWorkplace({}, { keys: [CANARY] });
    const [, configPath = ''] = options;
    const config = JSON.parse(readFileSync(configPath, 'utf8'));
    const keys = [
      { name: 'old', value: 'another-key-1234' },
      { name: 'new', value: CANARY },
    ];
    config.providers.vendor = { kind: 'openai', baseUrl: upstream.baseUrl, keys };
    writeFileSync(configPath, JSON.stringify(config));
    const { code, stdout } = await run(['doctor']);
    expect(code).toBe(0);
    const refused = 'provider vendor: answers now, but key old is disabled (provider_auth).';
    expect(stdout).toContain(`warn  ${refused}\n      Check the key: its provider refuses it.\n`);
    const status = await run(['status', '--probe']);
    expect(status.stdout).toContain('degraded');
  });

  it('names the models of routing that a provider does not list, by a version neither', async () => {
    const { run, options } = await openWorkplace();
    const [, configPath = ''] = options;
    const config = JSON.parse(readFileSync(configPath, 'utf8'));
    // As "model-under-test", which is listed, is a version of "model".
    config.routing.tiers.expert = ['vendor/gone', 'vendor/model', ...config.routing.tiers.expert];
    writeFileSync(configPath, JSON.stringify(config));
    expect(await findings(run(['doctor', '--json']))).toContainEqual({
      state: 'warn',
      about: 'provider vendor',
      message: 'answers, but does not list gone, which routing names.',
      remedy: expect.stringContaining('others are asked in their place'),
    });
  });

  it('does not take a provider for down that has no list, and says what to look at', async () => {
    const { run, upstream } = await openWorkplace();
    upstream.script({ fault: { type: 'replace', status: 404, headers: {}, body: '404 page not found' } });
    const { code, stdout } = await run(['doctor', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).findings).toContainEqual({
      state: 'warn',
      about: 'provider vendor',
      message: 'shows no list of its models, by which it could be checked: answered 404: 404 page not found',
      remedy: expect.stringContaining('baseUrl'),
    });
  });

  it('concludes nothing from an empty list', async () => {
    const { run } = await openWorkplace({}, { models: [] });
    const found = await findings(run(['doctor', '--json']));
    expect(found).toContainEqual({ state: 'ok', about: 'provider vendor', message: 'answers, and lists 0 models.' });
  });

  it('says once of a provider that its variable is not set', async () => {
    const { stdout } = await (
      await openWorkplace({
        providers: { groq: { kind: 'groq', apiKey: ref('SIGNALBOX_TEST_KEY') } },
        routing: {},
        models: {},
      })
    ).run(['doctor']);
    expect(stdout.match(/SIGNALBOX_TEST_KEY/g)).toHaveLength(1);
    expect(stdout).not.toContain('has no key');
    expect(stdout).not.toContain('"signalbox check" shows');
  });

  it('names a configuration that is wrong', async () => {
    const { run, options } = await openWorkplace({ cahce: {} });
    const { code, stdout } = await run(['doctor']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fail {2}configuration: .*cahce/m);
    // What a client is to start means the same one.
    expect(stdout).toContain('claude mcp add');
    expect(stdout).toContain(options.join(' '));
  });

  it('names a data folder that is none', async () => {
    const { folder, run } = await openWorkplace();
    writeFileSync(join(folder, 'file'), '');
    const { code, stdout } = await run(['doctor', '--data-dir', join(folder, 'file')]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fail {2}database: The data folder .*file is not a folder\.$/m);
  });

  it('says that the disk is full, beside a Signalbox that runs too', async ({ skip }) => {
    const { folder, run } = await openWorkplace();
    const dataDir = join(folder, 'small');
    mkdirSync(dataDir);
    if (!mountSmallDisk(dataDir)) skip('a small disk can be mounted by the superuser only');
    await openTestStore(dataDir);
    fillDisk(join(dataDir, 'ballast'));
    const { code, stdout } = await run(['doctor', '--data-dir', dataDir]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fail {2}database: The disk that holds .*ledger\.db is full\.\n {6}Free some space/m);
  });

  it('says that books were damaged and set aside', async () => {
    const { folder, run } = await openWorkplace();
    await run(['log']);
    writeFileSync(join(folder, 'data/ledger.db'), 'not a database at all, but long enough to be looked at');
    const found = await findings(run(['doctor', '--json']));
    expect(found).toContainEqual(expect.objectContaining({ state: 'ok', about: 'database' }));
    expect(found).toContainEqual(
      expect.objectContaining({ state: 'warn', message: expect.stringMatching(/set aside: ledger\.db\.corrupt-/) }),
    );
  });

  it('fails without a provider', async () => {
    const { code, stdout } = await signalbox(['doctor']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fail {2}providers: none is configured\.\n {6}Set a key such as OPENAI_API_KEY/m);
    expect(stdout).toContain('warn  configuration: Ollama is not used: nothing answers at the address in OLLAMA_HOST.');
  });

  it('does not ask for a key in the environment where a configuration has no provider', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'mcp.config.json'), '{}');
    const { code, stdout } = await signalbox(['doctor'], { cwd, env: { OPENAI_API_KEY: 'k' } });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fail {2}providers: none is configured\.\n {6}Add one under "providers"/m);
  });

  it('finds the clients of this machine, and which of them know of Signalbox', async () => {
    const { run, folder } = await openWorkplace();
    mkdirSync(join(folder, '.cursor'));
    writeFileSync(join(folder, '.cursor/mcp.json'), '{"mcpServers":{}}');
    writeFileSync(join(folder, '.claude.json'), '{"mcpServers":{"signalbox":{}}}');
    const found = await findings(run(['doctor', '--json']));
    const about = (name: string) => found.find((finding) => finding.about === name);
    expect(about('Cursor')).toMatchObject({ state: 'warn', remedy: expect.stringContaining('snippet') });
    expect(about('Claude Code')).toMatchObject({ state: 'ok', message: expect.stringContaining('.claude.json') });
    expect(about('VS Code')).toMatchObject({ state: 'ok', message: expect.stringMatching(/^not found/) });
  });

  it('finds a client that has no server yet, and so no file for them', async () => {
    const { run, folder } = await openWorkplace();
    mkdirSync(join(folder, '.cursor/extensions'), { recursive: true });
    const found = await findings(run(['doctor', '--json'], { env: { HOME: `${folder}/` } }));
    const about = (name: string) => found.find((finding) => finding.about === name);
    expect(about('Cursor')).toMatchObject({
      state: 'warn',
      message: expect.stringMatching(/^is here.*\(no .*mcp\.json\)/),
    });
    expect(about('Claude Code')).toMatchObject({ message: expect.stringMatching(/^not found/) });
    expect(about('Claude Desktop')).toMatchObject({ message: expect.stringMatching(/^not found/) });
  });

  it.each([
    ['has it in a project', 'ok', { projects: { '/work/x': { mcpServers: { s: { args: ['/opt/Signalbox'] } } } } }],
    ['has but a project of that name', 'warn', { projects: { '/home/me/signalbox': { mcpServers: {} } } }],
  ])('tells of a client that %s', async (_what, state, file) => {
    const { run, folder } = await openWorkplace();
    writeFileSync(join(folder, '.claude.json'), `// mine\n${JSON.stringify(file)}`);
    const found = await findings(run(['doctor', '--json']));
    expect(found.find(({ about }) => about === 'Claude Code')).toMatchObject({ state });
  });

  it('names the place where the file of a client is broken', async () => {
    const { run, folder } = await openWorkplace();
    mkdirSync(join(folder, '.cursor'));
    writeFileSync(join(folder, '.cursor/mcp.json'), '{"mcpServers": {"signalbox": {}}\n');
    writeFileSync(join(folder, '.claude.json'), '');
    const { stdout } = await run(['doctor']);
    expect(stdout).toMatch(/^warn {2}Cursor: cannot read its .*mcp\.json:\d+:\d+: a closing brace is missing/m);
    expect(stdout).toMatch(/^warn {2}Claude Code: is here, without Signalbox/m);
  });

  it('prints placeholders for the keys that are set, never the keys', async () => {
    const { stdout } = await signalbox(['doctor'], {
      env: { GROQ_API_KEY: CANARY, GROQ_BASE_URL: 'http://127.0.0.1:9' },
    });
    expect(stdout).toContain(`"GROQ_API_KEY": "${ref('env:GROQ_API_KEY')}"`);
    expect(stdout).toContain(`"GROQ_API_KEY": "${ref('input:GROQ_API_KEY')}"`);
    expect(stdout).not.toContain('OPENAI_API_KEY": "');
  });
});

describe('the snippets', () => {
  it('are JSON of each client, and what they start serves the tools from any folder', async () => {
    const { run } = await openWorkplace();
    const { stdout } = await run(['doctor']);
    const blocks = [...stdout.matchAll(/^\{\n[\s\S]*?^\}$/gm)].map(([block]) => JSON.parse(block));
    expect(blocks).toEqual([
      { mcpServers: { signalbox: { command: expect.any(String), args: expect.any(Array) } } },
      { servers: { signalbox: { type: 'stdio', command: expect.any(String), args: expect.any(Array) } } },
      { mcpServers: { signalbox: { command: expect.any(String), args: expect.any(Array) } } },
    ]);
    const elsewhere = temporaryFolder();
    const client = new Client({ name: 'snippet', version: '1.0.0' });
    const { command, args } = blocks[0].mcpServers.signalbox;
    await client.connect(new StdioClientTransport({ command, args, cwd: elsewhere, env: { HOME: elsewhere } }));
    const { tools } = await client.listTools();
    await client.close();
    expect(tools.map(({ name }) => name)).toContain('complete');
  });

  it('name no package registry and no secret', async () => {
    const { run } = await openWorkplace();
    const { stdout } = await run(['doctor']);
    expect(stdout).not.toMatch(/https?:\/\/(?!127\.0\.0\.1)/);
    expect(readFileSync(join(import.meta.dirname, '../../src/cli/clients/clients.ts'), 'utf8')).not.toMatch(/https?:/);
  });
});
