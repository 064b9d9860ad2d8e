import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { change, inspect } from '../support/store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { openWorkplace, signalbox, type Workplace } from './run-signalbox.ts';

const NAME = 'model-under-test';
const DAILY = { budgets: [{ name: 'daily', limitUsd: 5 }] };

/** Two questions that are paid, at 9 tokens in and 3 out each, and a file for an account. */
async function openBooks(): Promise<Workplace & { readonly ledger: string; account(text: string): string }> {
  const place = await openWorkplace(DAILY);
  await place.run(['ask', 'What are your hours?']);
  await place.run(['ask', 'And on Sundays?']);
  const path = join(place.folder, 'account');
  const account = (text: string) => {
    writeFileSync(path, text);
    return path;
  };
  return { ...place, ledger: join(place.folder, 'data', 'ledger.db'), account };
}

const today = new Date().toISOString().slice(0, 10);

describe('signalbox reconcile', () => {
  it('adds the counters of limits up anew, mends one that is wrong, and says so', async () => {
    const { run, json, ledger } = await openBooks();
    expect(await run(['reconcile'])).toMatchObject({
      code: 0,
      stdout: 'The counters of limits agree with their rows.\n',
    });
    change(ledger, 'UPDATE quota_counters SET settled = settled + 5');
    const { stdout, stderr } = await run(['reconcile']);
    expect(stdout).toBe('Counters that were wrong and are mended: 1.\n');
    expect(stderr).toContain('budget daily');
    expect(await json(['reconcile'])).toEqual({ counters_mended: 0 });
    expect(inspect(ledger, 'SELECT settled FROM quota_counters')).toEqual([{ settled: 30_000 }]);
  });

  it('agrees with an account of the same sums, whatever its form', async () => {
    const { run, account } = await openBooks();
    const forms = [
      `model,input_tokens,output_tokens,cost_usd\n${NAME},18,6,0.00003\n`,
      `\uFEFF"Model","Prompt_Tokens","Completion_Tokens","Cost_USD","Date"\r\n"${NAME}","9","3","$0.000015","${today}"\r\n${NAME},9,3,1.5e-5,${today}\r\nTotal,18,6,0.00003,\r\n`,
      `\uFEFF${JSON.stringify([{ model: NAME, prompt_tokens: 18, completion_tokens: 6, cost: 0.00003 }])}`,
      `{"model":"${NAME}-2026-10-01","input_tokens":9,"output_tokens":3}\n{"model":"${NAME}","input_tokens":9,"output_tokens":3}\n`,
      JSON.stringify({
        data: [
          {
            starting_at: `${today}T00:00:00Z`,
            results: [{ model: NAME, uncached_input_tokens: 10, cache_read_input_tokens: 8, output_tokens: 6 }],
          },
        ],
      }),
    ];
    for (const form of forms) {
      const { code, stdout, stderr } = await run(['reconcile', account(form)]);
      expect(stderr).toBe('');
      expect(stdout).toMatch(/^equal +1$/m);
      expect(stdout).toMatch(/^different +0$/m);
      expect(code).toBe(0);
    }
  });

  it('says nothing of what an account leaves out: a cost that nobody named is not 0', async () => {
    const { run, json, account } = await openBooks();
    const file = account(`model,input_tokens\n${NAME},18\n`);
    const { code, stdout } = await run(['reconcile', file]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^the account +18 in$/m);
    expect(stdout).not.toMatch(/^difference/m);
    expect(await json(['reconcile', file])).toMatchObject({ account: { input_tokens: 18 } });
    expect(await json(['reconcile', file])).not.toHaveProperty('account.cost_usd');
  });

  it('agrees with its own export, and names what differs from it to the nano-dollar', async () => {
    const { run, json, folder, account } = await openBooks();
    const csv = join(folder, 'costs.csv');
    await run(['costs', '--csv', csv]);
    expect(await json(['reconcile', csv])).toMatchObject({
      by: 'request',
      lines: 2,
      differences: [],
      counters_mended: 0,
    });
    const dearer = readFileSync(csv, 'utf8').replace(',15000,', ',15001,');
    const { code, stdout } = await run(['reconcile', account(dearer)]);
    expect(stdout).toMatch(/differs +\$0\.000030001 +\$0\.00003/);
    expect(code).toBe(1);
  });

  it.each([
    ['a call that was left before its id came', 'provider_request_id = NULL'],
    [
      'an attempt that nobody bills',
      "provider_request_id = 'refused', status = 'failed_unbilled', input_tokens = 0, output_tokens = 0, cost_nano_usd = 0",
    ],
  ])('agrees with its own export that has %s', async (_what, changed) => {
    const { run, json, folder, ledger } = await openBooks();
    change(ledger, `UPDATE attempts SET ${changed} WHERE id = (SELECT min(id) FROM attempts)`);
    const [csv, file] = [join(folder, 'costs.csv'), join(folder, 'costs.json')];
    await run(['costs', '--csv', csv, '--export', file]);
    for (const account of [csv, file]) expect(await json(['reconcile', account])).toMatchObject({ differences: [] });
  });

  it.each([
    '2026-11-20',
    '11/20/2026',
    '11-20-2026',
    'Nov 20, 2026',
    '11/20/2026 23:30',
    '11/20/2026 11:30 PM',
    '2026-11-21T00:30:00+01:00',
    '2026-11-21 00:30:00.123456+01',
    '23:30 2026-11-20',
    '2026-11-19 20:00 PST',
    'Nov 19, 2026 8:00 PM EST',
    '23:30 11-20-2026',
    '2026-11-21 00:30 UTC+2',
    '2026-11-21 00:30 UTC +2',
    '2026-11-21 05:00 GMT+5:30',
    'Sat Nov 21 00:30:00 +0100 2026',
    'Sat, 21 Nov 2026 00:30:00 +0100 (CET)',
    'Sat Nov 21 2026 00:30:00 GMT+0100 (Central European Standard Time)',
  ])('takes %s for a day or time of UTC, or of the zone it names, wherever it is read', async (date) => {
    const { folder, json } = await openWorkplace(DAILY);
    const path = join(folder, 'account');
    writeFileSync(path, `model,cost_usd,date\n${NAME},1,"${date}"\n`);
    for (const TZ of ['Europe/Berlin', 'America/New_York']) {
      const found = await json(['reconcile', path], { env: { TZ } });
      expect(found).toMatchObject({ differences: [{ day: '2026-11-20' }] });
    }
  });

  it('books what differs as corrections, once, and counts them in reports and budgets', async () => {
    const { run, json, ledger, account } = await openBooks();
    const file = account(
      `model,date,input_tokens,output_tokens,cost_usd\n${NAME},${today},18,6,0.00005\nother,${today},1,1,0.1\n`,
    );
    expect(await run(['reconcile', file])).toMatchObject({ code: 1, stderr: expect.stringContaining('--book') });
    expect(inspect(ledger, 'SELECT * FROM corrections')).toEqual([]);
    expect(await json(['reconcile', file, '--book'])).toMatchObject({ corrections_booked: 2 });
    const again = await run(['reconcile', file, '--book']);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('Corrections booked: 0.') });
    expect(await json(['costs'])).toMatchObject({ totals: { cost_usd: 0.10005 } });
    expect(inspect(ledger, 'SELECT count(*) AS rows FROM corrections')).toEqual([{ rows: 2 }]);
  });

  it('corrects single calls where the account names them, and their budgets with them', async () => {
    const { run, json, ledger, account } = await openBooks();
    const [attempt] = inspect<{ id: string }>(ledger, 'SELECT provider_request_id AS id FROM attempts LIMIT 1');
    const file = account(JSON.stringify([{ request_id: attempt?.id, model: NAME, cost_usd: 0.00004 }]));
    expect(await json(['reconcile', file, '--book'])).toMatchObject({ corrections_booked: 1 });
    expect(inspect(ledger, 'SELECT settled FROM quota_counters')).toEqual([{ settled: 40_000 }]);
    expect(await run(['reconcile', file])).toMatchObject({ code: 0 });
    expect(await json(['reconcile'])).toEqual({ counters_mended: 0 });
  });

  it('says so where an account, or the books, add up to more than is exact', async () => {
    const { run, account } = await openBooks();
    const refused = { code: 2, stderr: expect.stringContaining('add up to more than nine million dollars') };
    const line = (day: string) => `${NAME},9000000,${day}\n`;
    expect(
      await run(['reconcile', account(`model,cost_usd,date\n${line('2026-10-01')}${line('2026-10-02')}`)]),
    ).toMatchObject(refused);
    for (const day of ['2026-10-01', '2026-10-02']) {
      await run(['reconcile', account(`model,cost_usd,date\n${line(day)}`), '--book']);
    }
    expect(await run(['costs', '--period', 'all'])).toMatchObject(refused);
    expect(await run(['costs', '--period', 'all', '--csv', account('')])).toMatchObject(refused);
  });

  it('holds no more of the books than what is compared, however many lines of others they have', async () => {
    const { json, ledger, account } = await openBooks();
    change(
      ledger,
      `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 70000)
         INSERT INTO requests (id, started_at_ms, kind, tenant, client, strategy, cache, config_hash, status)
         SELECT n, ${Date.now()} - n, 'chat', 'local', 'cli', 'complexity', 'miss', 'x', 'success' FROM numbers;
       INSERT INTO attempts (id, request_id, started_at_ms, provider, model, key, expires_at_ms, status, ended_at_ms)
         SELECT id, id, started_at_ms, 'other', 'other/m', 'x', 0, 'settled', started_at_ms FROM requests WHERE status = 'success';`,
    );
    const file = account(`model,input_tokens,output_tokens,cost_usd\n${NAME},18,6,0.00003\n`);
    const found = await json(['reconcile', file], { env: { NODE_OPTIONS: '--max-old-space-size=96' } });
    expect(found).toMatchObject({ equal: 1, differences: [] });
  });

  it.each([
    ['nothing', '', 'holds no line of usage'],
    ['no model', 'tokens\n5\n', 'Line 2 of .* names no model'],
    ['no figure', `model\n${NAME}\n`, 'Line 2 of .* has neither tokens nor a cost'],
    [
      'half a token',
      `model,input_tokens\n${NAME},0.5\n`,
      'Line 2 of .* has "0.5" where a number of tokens should stand',
    ],
    [
      'a part of a nano-dollar',
      `model,cost_nano_usd\n${NAME},1.5\n`,
      'Line 2 of .* has "1.5" where a cost should stand',
    ],
    ['too large a cost', `model,cost_usd\n${NAME},1e10\n`, 'Line 2 of .* has "1e10" where a cost should stand'],
    ['too late a time', `model,cost_usd,date\n${NAME},1,1e17\n`, 'Line 2 of .* has "1e17" where a time should stand'],
    ['a word for a cost', `model,cost_usd\n${NAME},free\n`, 'Line 2 of .* has "free" where a cost should stand'],
    [
      'a zone in brackets behind a day',
      `model,input_tokens,date\n${NAME},5,11-20-2026 (PST)\n`,
      'Line 2 of .* has "11-20-2026 .PST." where a time should stand',
    ],
    [
      'a zone in brackets, which nothing can read',
      `model,input_tokens,date\n${NAME},5,2026-11-20 10:00 (UTC+2)\n`,
      'Line 2 of .* has "2026-11-20 10:00 .UTC.2." where a time should stand',
    ],
    ['no time', `model,input_tokens,date\n${NAME},5,soon\n`, 'Line 2 of .* has "soon" where a time should stand'],
    ['a torn quote', `model,input_tokens\n"${NAME}"x,5\n`, 'is not CSV: line 2'],
    ['a torn list', '[{"model":', 'Line 1 of .* is not JSON'],
    ['a list of numbers', '[1, 2]', 'holds something else than objects'],
  ])('refuses an account with %s before it opens the books', async (_name, text, message) => {
    const { run, folder } = await openWorkplace(DAILY);
    const path = join(folder, 'account');
    writeFileSync(path, text);
    const { code, stderr } = await run(['reconcile', path]);
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(message));
  });

  it.each([
    [['reconcile', '--book'], 'There is no account to compare with.'],
    [['reconcile', 'nowhere.csv'], 'nowhere.csv cannot be read (ENOENT).'],
    [['reconcile', 'x.csv', '--tolerance', 'much'], 'It must be a number of dollars'],
    [['reconcile', 'x.csv', '--provider', 'nobody'], 'There is no provider "nobody".'],
  ])('refuses %j', async (args, message) => {
    const { run } = await openWorkplace(DAILY);
    expect(await run(args)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });

  it('names every provider whose account it could be', async () => {
    const cwd = temporaryFolder();
    const providers = { groq: { kind: 'groq', apiKey: 'gsk-1' }, ollama: { kind: 'ollama' } };
    writeFileSync(join(cwd, 'mcp.config.json'), JSON.stringify({ providers, dataDir: join(cwd, 'data') }));
    writeFileSync(join(cwd, 'account.csv'), '');
    expect(await signalbox(['reconcile', 'account.csv'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('  Name it: --provider groq or --provider ollama\n'),
    });
  });
});
