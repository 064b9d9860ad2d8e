import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ref } from '../config/load.ts';
import { CANARY, MODEL } from '../e2e/workplace.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { openWorkplace, signalbox } from './run-signalbox.ts';

const FILE = 'mcp.config.json';

describe('signalbox check', () => {
  it('shows where the configuration is and what it comes to, without a key', async () => {
    const { run, options } = await openWorkplace();
    const { code, stdout, stderr } = await run(['check']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`configuration  ${options[1]}`);
    expect(stdout).toMatch(/^vendor +openai +configured +default +http:\/\/127\.0\.0\.1:\d+\/v1$/m);
    expect(stdout).toMatch(new RegExp(`^tier expert +vendor/${MODEL}$`, 'm'));
    expect(stdout).toMatch(/^The configuration is valid\.$/m);
  });

  it('prints the same as JSON', async () => {
    const { json } = await openWorkplace();
    expect(await json(['check'])).toMatchObject({
      strategy: 'complexity',
      providers: [{ id: 'vendor', kind: 'openai', status: 'configured', keys: ['default'] }],
      tiers: { trivial: [`vendor/${MODEL}`] },
      warnings: [],
    });
  });

  it('lists the limits, as they are written and in words', async () => {
    const folder = temporaryFolder();
    const config = {
      providers: { groq: { kind: 'groq', apiKey: 'k' } },
      budgets: [{ name: 'daily', limitUsd: 5, scope: 'team', window: { per: 'day', timeZone: 'Asia/Tokyo' } }],
      rateLimits: [
        { name: 'single', scope: 'task', requests: 1, window: 'hour' },
        { name: 'calm', scope: 'provider:groq', requests: 60, concurrency: 4, window: '90m' },
        { name: 'long', scope: 'key', requests: 900, window: '24h' },
        { name: 'longer', scope: 'model', requests: 900, window: '48h' },
      ],
    };
    writeFileSync(join(folder, FILE), JSON.stringify(config));
    const { code, stdout } = await signalbox(['check'], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^daily +team +\$5\.00 +day, Asia\/Tokyo +refuse$/m);
    expect(stdout).toMatch(/^single +task +1 request +hour +wait/m);
    expect(stdout).toMatch(/^calm +provider:groq +60 requests, 4 at once +last 90 min +wait, then 429$/m);
    expect(stdout).toMatch(/^long +key +900 requests +last 24 h +wait/m);
    expect(stdout).toMatch(/^longer +model +900 requests +last 2 d +wait/m);
  });

  it('counts a missing variable of a provider as a warning that names it', async () => {
    const folder = temporaryFolder();
    const config = { providers: { groq: { kind: 'groq', apiKey: ref('SIGNALBOX_TEST_KEY') } } };
    writeFileSync(join(folder, 'mcp.config.json'), JSON.stringify(config));
    const { code, stdout } = await signalbox(['check'], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^groq +groq +unconfigured/m);
    expect(stdout).toMatch(/^warning +mcp\.config\.json:1:\d+ .*SIGNALBOX_TEST_KEY is not set\.$/m);
  });

  it('names the exact place of every fault and exits with 2', async () => {
    const folder = temporaryFolder();
    const text = `{\n  // A comment\n  "providers": {\n    "openai": { "kind": "openia", "apiKey": "${CANARY}" },\n  },\n  "cahce": {},\n}`;
    writeFileSync(join(folder, 'mcp.config.json'), text);
    const { code, stdout, stderr } = await signalbox(['check'], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^signalbox: mcp\.config\.json:4:25 providers\.openai\.kind: .*openai/m);
    expect(stderr).toMatch(/^ {2}mcp\.config\.json:6:3 cahce: .*"cache"/m);
  });

  it('says that there is no file, and what the environment gives', async () => {
    const { code, stdout } = await signalbox(['check'], { env: { GROQ_API_KEY: CANARY } });
    expect(code).toBe(0);
    expect(stdout).toContain('none found: providers come from the environment');
    expect(stdout).toMatch(/^groq +groq +configured/m);
    expect(stdout).toMatch(/^tier trivial +groq\/openai\/gpt-oss-20b/m);
  });
});

describe('other commands', () => {
  it('show the warnings of the configuration once, on standard error', async () => {
    const { run } = await openWorkplace({
      providers: { groq: { kind: 'groq', apiKey: ref('SIGNALBOX_TEST_KEY') } },
      routing: {},
      models: {},
    });
    const { stdout, stderr } = await run(['status', '--json']);
    expect(stderr.match(/SIGNALBOX_TEST_KEY is not set/g)).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({ providers: [{ id: 'groq', status: 'unconfigured' }] });
  });

  it('are a line at most where only the books are read, and no advice to list models, when none can be used', async () => {
    const folder = temporaryFolder();
    const providers = {
      one: { kind: 'groq', apiKey: ref('UNSET_ONE') },
      two: { kind: 'gemini', apiKey: ref('UNSET_TWO') },
    };
    writeFileSync(join(folder, FILE), JSON.stringify({ providers, dataDir: 'data' }));
    for (const command of ['costs', 'log']) {
      const { code, stderr } = await signalbox([command], { cwd: folder });
      expect([code, stderr]).toEqual([0, 'signalbox: 3 warnings; "signalbox check" shows them.\n']);
    }
    const { stdout } = await signalbox(['check'], { cwd: folder });
    expect(stdout).toContain('UNSET_TWO is not set');
    expect(stdout).not.toContain('No model is listed');
  });

  it('do not repeat what an answer or an error says where nothing is configured', async () => {
    const asked = await signalbox(['ask', 'Hi']);
    expect(asked.stderr.match(/OPENAI_API_KEY/g)).toHaveLength(1);
    expect(asked.stderr).toContain('OLLAMA_HOST');
    const { code, stdout, stderr } = await signalbox(['status']);
    expect([code, (stdout + stderr).match(/No provider is configured/g)]).toEqual([0, ['No provider is configured']]);
    expect((await signalbox(['route', 'Hi'])).stderr).toMatch(/"signalbox check" shows what is configured\.$/m);
    expect((await signalbox(['check'])).stdout).toMatch(/No provider is configured\. Set OPENAI_API_KEY/);
  });

  it('fold several warnings into a line when they work all the same, and show them all when they fail', async () => {
    const { run, folder } = await openWorkplace();
    const file = join(folder, FILE);
    const config = JSON.parse(readFileSync(file, 'utf8'));
    config.providers.one = { kind: 'groq', apiKey: ref('UNSET_ONE') };
    config.providers.two = { kind: 'gemini', apiKey: ref('UNSET_TWO') };
    writeFileSync(file, JSON.stringify(config));
    const done = await run(['ask', 'Hi']);
    expect(done.code).toBe(0);
    expect(done.stderr).toMatch(/^signalbox: 2 warnings; "signalbox check" shows them\.$/m);
    expect(done.stderr).not.toContain('UNSET_');
    const failed = await run(['ask', 'Hi', '--model', 'nobody/x']);
    expect(failed.stderr.match(/UNSET_(ONE|TWO) is not set/g)).toEqual([
      'UNSET_ONE is not set',
      'UNSET_TWO is not set',
    ]);
  });
});
