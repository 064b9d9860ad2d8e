import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { launcher, openWorkplace, REF } from './run-signalbox.ts';

const QUESTION = 'What are your hours?';

describe('signalbox route', () => {
  it('shows the model "ask" would choose, why in plain words, and the costs, and calls nobody', async () => {
    const { run, upstream } = await openWorkplace();
    const { code, stdout } = await run(['route', QUESTION]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^tier +simple$/m);
    expect(stdout).toMatch(/^why +Complexity puts the request in tier simple \(nothing hard in it\);/m);
    expect(stdout).not.toContain('base');
    expect(stdout).toMatch(/^1 +vendor\/model-under-test +\$/m);
    expect(upstream.requests).toHaveLength(0);
  });

  it('prints with --json the decision that the next call then takes', async () => {
    const { json } = await openWorkplace();
    const { tier, candidates, cached } = await json(['route', QUESTION]);
    expect({ tier, cached }).toEqual({ tier: 'simple', cached: false });
    expect(candidates).toMatchObject([{ model: REF, cost_usd_expected: expect.any(Number) }]);
    expect(await json(['ask', QUESTION])).toMatchObject({ model: REF, tier: 'simple' });
    expect(await json(['route'], { input: QUESTION })).toMatchObject({ cached: true });
  });
});

describe('signalbox status', () => {
  it('shows health and figures of the last day, and asks nobody unless told to', async () => {
    const { run, json, upstream } = await openWorkplace();
    await run(['ask', QUESTION]);
    const { stdout } = await run(['status']);
    expect(stdout).toMatch(/^vendor +openai +healthy +1 +100\.0%/m);
    expect(upstream.requests).toHaveLength(1);
    const { providers } = await json(['status', '--probe']);
    expect(providers).toMatchObject([{ id: 'vendor', status: 'healthy', probed_models: 1, requests: 1 }]);
    expect(upstream.requests.map(({ call }) => call?.type)).toEqual(['chat', 'models']);
  });

  it('names a provider that is not configured as wrong usage', async () => {
    const { run } = await openWorkplace();
    expect(await run(['status', '--provider', 'nobody'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no provider "nobody".'),
    });
  });
});

describe('signalbox costs', () => {
  it('adds up what was spent and what the cache saved', async () => {
    const { run, json } = await openWorkplace();
    await run(['ask', QUESTION]);
    await run(['ask', QUESTION]);
    const { totals, groups } = await json(['costs', '--group-by', 'model', '--period', '24h']);
    expect(totals).toMatchObject({
      requests: 2,
      attempts: 1,
      cache_hits: 1,
      cost_usd: 0.000015,
      saved_by_cache_usd: 0.000015,
    });
    expect(groups).toMatchObject([{ key: REF, cost_usd: 0.000015 }]);
    const { stdout } = await run(['costs', '--group-by', 'model', '--baseline', REF]);
    expect(stdout).toMatch(/^spent +\$0\.000015$/m);
    expect(stdout).toMatch(/^saved by cache +\$0\.000015$/m);
    expect(stdout).toMatch(/^vendor\/model-under-test +\$0\.000015 +/m);
    expect(stdout).toMatch(/^on vendor\/model-under-test +\$0\.000015, so \$0\.00 saved$/m);
  });

  it('draws when it was spent, without colours in a pipe and as wide as it is told', async () => {
    const { run } = await openWorkplace();
    await run(['ask', QUESTION]);
    for (const columns of ['30', '120']) {
      const { stdout } = await run(['costs'], { env: { COLUMNS: columns } });
      expect(stdout).toMatch(/^\$0\.000015 │ *█/m);
      expect(stdout).toMatch(/^ +\$0 └─+$/m);
      expect(stdout).not.toContain('\u001b');
    }
  });

  it('writes every line of the books for spreadsheets and programs, by any value the callers sent', async () => {
    const { run, json } = await openWorkplace();
    await run(['ask', QUESTION]);
    await run(['ask', QUESTION]);
    const folder = temporaryFolder();
    const [csv, whole] = [join(folder, 'costs.csv'), join(folder, 'costs.json')];
    const { code, stderr } = await run(['costs', '--csv', csv, '--export', whole]);
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('2 requests, 1 attempt') });
    expect(readFileSync(csv, 'utf8').split('\r\n')).toHaveLength(5);
    const totals = (await json(['costs'])).totals as { readonly cost_usd: number };
    expect(JSON.parse(readFileSync(whole, 'utf8')).totals).toMatchObject({
      cost_usd: totals.cost_usd,
      cost_nano_usd: 15_000,
      saved_nano_usd: 15_000,
    });
    const { stdout } = await run(['costs', '--group-by', 'metadata.project']);
    expect(stdout).toMatch(/^\(none\) +\$0\.000015 /m);
    const refused = await run(['costs', '--export', join(folder, 'no', 'such.json')]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be written (ENOENT)') });
    expect(await run(['costs', '--group-by', 'modell'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('It must be one of provider, model'),
    });
  });

  it('does not tell of a tenant that nobody knows as if it had spent nothing', async () => {
    const server = { tokens: [{ name: 'alice', value: 'a-token-of-alice-that-is-long-enough' }] };
    const { json, run, folder } = await openWorkplace({ server });
    const csv = join(folder, 'costs.csv');
    const nobody = await run(['costs', '--tenant', 'locl', '--csv', csv]);
    expect(nobody).toMatchObject({ code: 2, stdout: '' });
    expect(nobody.stderr).toContain(
      'No request of a tenant "locl" is in the books.\n  They hold no request of anybody',
    );
    await run(['ask', QUESTION]);
    const typo = await run(['costs', '--tenant', 'locl', '--csv', csv]);
    expect(typo).toMatchObject({ code: 2, stdout: '' });
    expect(typo.stderr).toContain('is in the books; did you mean "local"?\n  They hold requests of local.');
    expect(existsSync(csv)).toBe(false);
    const spent = (await json(['costs', '--tenant', 'local'])) as { totals: unknown };
    expect(spent.totals).toMatchObject({ requests: 1 });
    // Of the configuration, and not used yet: that is a fact.
    expect(await json(['costs', '--tenant', 'alice'])).toMatchObject({ totals: { requests: 0 } });
    const before = ['costs', '--to', '2026-01-01', '--tenant'];
    expect(await json([...before, 'local'])).toMatchObject({ totals: { requests: 0 } });
    expect(await run([...before, 'locl'])).toMatchObject({ code: 2 });
  });

  it.each([
    [['--tenant', ' '], 'It is empty; leave the option out for all tenants.'],
    [['--csv', ''], 'It is empty; name a file.'],
    [['--export', '-'], 'It must be a file; one of that name is "./-".'],
    [['--csv', 'x', '--export', './x'], '--csv and --export name the same file.'],
  ])('refuses %j', async (options, message) => {
    const { run, folder } = await openWorkplace();
    expect(await run(['costs', ...options])).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
    expect(readdirSync(folder)).toEqual(['mcp.config.json']);
  });

  it('takes dates instead of a period, and names a wrong one', async () => {
    const { json, run } = await openWorkplace();
    expect(await json(['costs', '--from', '2026-01-01', '--to', '2026-01-31'])).toMatchObject({
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-02-01T00:00:00.000Z',
      totals: { requests: 0 },
    });
    expect(await run(['costs', '--from', '2026-02-30'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"from" is not a date'),
    });
  });
});

describe('signalbox models', () => {
  it('lists window, prices and tiers', async () => {
    const { run, json } = await openWorkplace();
    const { models } = await json(['models', '--query', 'under-test']);
    expect(models).toMatchObject([
      { model: REF, context_tokens: 32_768, price: { input_per_mtok: 1, output_per_mtok: 2 }, available: true },
    ]);
    const { stdout } = await run(['models', '--query', 'under-test']);
    expect(stdout).toMatch(/^vendor\/model-under-test +32k +\$1\.00 +\$2\.00 +trivial/m);
  });
});

describe('signalbox log', () => {
  it('prints one JSON object a line with the fields of the contract, newest first', async () => {
    const { run, upstream } = await openWorkplace();
    await run(['ask', QUESTION]);
    upstream.script({ say: { failure: 'server_error' } }, {});
    await run(['ask', 'Hi', '--task', 'summarize']);
    const { stdout } = await run(['log', '--json']);
    const [second, first] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(first).toEqual({
      request_id: expect.stringMatching(/^req_/),
      started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      tenant: 'local',
      client: 'cli',
      team: null,
      user: null,
      metadata: null,
      tier: 'simple',
      task: null,
      strategy: 'complexity',
      rule: null,
      cache: 'miss',
      status: 'success',
      model: REF,
      cost_nano_usd: 15_000,
      config_hash: expect.stringMatching(/^[0-9a-f]{16}$/),
      verification: null,
      attempts: [
        {
          id: expect.stringMatching(/^att_/),
          provider: 'vendor',
          model: REF,
          key: 'default',
          role: 'answer',
          status: 'settled',
          error: null,
          usage: {
            input_tokens: 9,
            cached_input_tokens: 0,
            cache_write_tokens: 0,
            output_tokens: 3,
            reasoning_tokens: 0,
            source: 'reported',
          },
          cost_nano_usd: 15_000,
          latency_ms: expect.any(Number),
        },
      ],
    });
    expect(second).toMatchObject({ status: 'success', task: 'summarize' });
    expect(second.attempts).toMatchObject([
      { status: 'failed_unbilled', error: 'provider_error' },
      { status: 'settled' },
    ]);
  });

  it('shows a person the attempts of a request that had several', async () => {
    const { run, upstream } = await openWorkplace();
    upstream.script({ say: { failure: 'server_error' } }, {});
    await run(['ask', QUESTION]);
    const { stdout } = await run(['log', '--limit', '1']);
    expect(stdout).toMatch(
      /^\d\d-\d\d [\d:]{8} +success +vendor\/model-under-test +\$0\.000015 +[\d,]+\n {2}simple · cli · req_[0-9a-f]{32}\n/m,
    );
    expect(stdout).toMatch(/^ {2}1\. vendor\/model-under-test: provider_error, not billed, [\d,]+ ms$/m);
    expect(stdout).toMatch(/^ {2}2\. vendor\/model-under-test: answered, [\d,]+ ms$/m);
  });

  it('shows the one request whose id is given, with its attempt, and says where there is none', async () => {
    const { run } = await openWorkplace();
    await run(['ask', QUESTION]);
    await run(['ask', 'Hi']);
    const [, older = ''] = (await run(['log', '--json'])).stdout.split('\n');
    const { request_id: id } = JSON.parse(older) as { request_id: string };
    expect(await run(['log', id, '--json'])).toEqual({ code: 0, stdout: `${older}\n`, stderr: '' });
    const { stdout } = await run(['log', id]);
    expect(stdout.match(/req_\w+/g)).toEqual([id]);
    expect(stdout).toMatch(/^ {2}1\. vendor\/model-under-test: answered, [\d,]+ ms$/m);
    expect(await run(['log', `${id}0`])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(`No request "${id}0" is in the books.`),
    });
  });

  it('says nothing but that nothing is booked on an empty ledger, and no line with --json', async () => {
    const { run } = await openWorkplace();
    expect(await run(['log'])).toEqual({ code: 0, stdout: 'No request is booked yet.\n', stderr: '' });
    expect(await run(['log', '--json'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it.each(['0', '-1', '1.5', 'x', '1000000'])('refuses the limit %s', async (limit) => {
    const { run } = await openWorkplace();
    expect(await run(['log', `--limit=${limit}`])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('It must be a whole number from 1 to 100000.'),
    });
  });

  it('ends quietly when its reader has read enough', async () => {
    const { options, run, folder } = await openWorkplace();
    await run(['ask', QUESTION]);
    const child = spawn(process.execPath, [launcher, 'log', '--json', ...options], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    const [errors, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect({ errors, code }).toEqual({ errors: '', code: 0 });
  });
});
