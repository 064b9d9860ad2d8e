import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MODEL } from '../e2e/workplace.ts';
import { finish, openWorkplace, REF, startSignalbox } from './run-signalbox.ts';

const QUESTION = 'What are your hours?';

describe('signalbox ask', () => {
  it('prints the answer alone on standard output and its facts on standard error', async () => {
    const { run } = await openWorkplace();
    const { code, stdout, stderr } = await run(['ask', QUESTION]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Hello there.\n' });
    expect(stderr).toMatch(
      /^\[vendor\/model-under-test · simple · 9 in, 3 out · \$0\.000015 · [\d,]+ ms · req_\w+\]\n$/,
    );
  });

  it('prints with --json what the tool reports', async () => {
    const { json } = await openWorkplace();
    expect(await json(['ask', QUESTION])).toEqual({
      text: 'Hello there.',
      model: REF,
      provider: 'vendor',
      tier: 'simple',
      finish_reason: 'stop',
      usage: { input_tokens: 9, output_tokens: 3, source: 'reported' },
      cost_usd: 0.000015,
      latency_ms: expect.any(Number),
      cached: false,
      request_id: expect.stringMatching(/^req_/),
      route: { strategy: 'complexity', reason: expect.any(String) },
    });
  });

  it.each([
    ['without an argument', ['ask']],
    ['with -', ['ask', '-']],
  ])('reads the prompt from standard input %s, without its last newline', async (_how, args) => {
    const { run, upstream } = await openWorkplace();
    const { code, stdout } = await run(args, { input: `${QUESTION}\n` });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Hello there.\n' });
    expect(upstream.requests[0]?.call).toMatchObject({ prompt: QUESTION });
  });

  it('answers a repeat from the cache, and asks again with --no-cache', async () => {
    const { json, upstream } = await openWorkplace();
    await json(['ask', QUESTION]);
    expect(await json(['ask'], { input: `${QUESTION}\n` })).toMatchObject({ cached: true, cost_usd: 0 });
    expect(upstream.requests).toHaveLength(1);
    expect(await json(['ask', QUESTION, '--no-cache'])).toMatchObject({ cached: false });
    expect(upstream.requests).toHaveLength(2);
  });

  it('passes its options on, wherever they stand', async () => {
    const { json, upstream } = await openWorkplace();
    const args = ['--tier', 'expert', '--strategy', 'cost', '--task', 'code', '--system', 'Be brief.'];
    const forced = await json([...['ask', '--model', MODEL], ...args, QUESTION]);
    expect(forced).toMatchObject({ model: REF, route: { strategy: 'cost' } });
    expect(upstream.requests[0]?.call).toMatchObject({ system: 'Be brief.', prompt: QUESTION });
    expect(await json(['ask', QUESTION, '--tier', 'expert'])).toMatchObject({ tier: 'expert' });
    expect(await json(['ask', QUESTION, '--provider', 'vendor'])).toMatchObject({ provider: 'vendor' });
  });

  it.each([
    ['', ''],
    [' that begins with a byte order mark', '\uFEFF'],
  ])('holds the answer to the schema in a file%s', async (_what, mark) => {
    const { json, folder } = await openWorkplace({}, { answer: { text: '{"open": 9}' } });
    const file = join(folder, 'schema.json');
    writeFileSync(file, `${mark}{"type":"object","properties":{"open":{"type":"integer"}},"required":["open"]}`);
    expect(await json(['ask', QUESTION, '--json-schema', file])).toMatchObject({ data: { open: 9 } });
  });

  it('keeps control characters for a program', async () => {
    const { run } = await openWorkplace({}, { answer: { text: 'a\u001b[2Jb' } });
    expect((await run(['ask', QUESTION])).stdout).toBe('a\u001b[2Jb\n');
  });
});

describe('signalbox ask, when it fails', () => {
  it('says why in one sentence and exits with 1', async () => {
    const { run, upstream } = await openWorkplace();
    upstream.script({ say: { failure: 'auth' } });
    const { code, stdout, stderr } = await run(['ask', QUESTION]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    // A slow machine is told what it waits for.
    const [first, ...rest] = stderr
      .trimEnd()
      .replaceAll(/^signalbox: waiting for .*\n/gm, '')
      .split('\n');
    expect(first).toMatch(/^signalbox: No model could answer\. vendor\/model-under-test: /);
    expect(rest.join('\n')).toMatch(/"signalbox log req_[0-9a-f]{32}" shows its attempts\.$/);
    const [, id = ''] = /log (\w+)"/.exec(rest.join('\n')) ?? [];
    const log = await run(['log', id]);
    expect(log.stdout).toMatch(/^ {2}1\. vendor\/model-under-test: provider_auth, /m);
  });

  it('prints with --json the error, what to do about it and its attempts', async () => {
    const { json, upstream } = await openWorkplace();
    upstream.script({ say: { failure: 'auth' } });
    const { error } = await json(['ask', QUESTION]);
    const hint = expect.stringContaining('name another model');
    expect(error).toMatchObject({ code: 'all_failed', hint, attempts: [{ model: REF, error: 'provider_auth' }] });
  });

  it.each([
    ['a model nobody has', ['--model', 'model-under-tset'], /There is no model "model-under-tset"/],
    ['a provider nobody has', ['--provider', 'vendro'], /There is no provider "vendro"\.\n.*Did you mean "?vendor/],
    ['a tier there is not', ['--tier', 'harder'], /'harder' is invalid\. Allowed choices are trivial, simple/],
    ['a schema that is not there', ['--json-schema', '/nowhere.json'], /does not exist: \/nowhere\.json/],
  ])('counts %s as wrong usage', async (_what, args, sentence) => {
    const { run, upstream } = await openWorkplace();
    const { code, stdout, stderr } = await run(['ask', QUESTION, ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(upstream.requests).toHaveLength(0);
  });

  it.each([
    ['not JSON', '{"type":', /schema\.json is not JSON/],
    ['no object', '[1]', /schema\.json holds no JSON object/],
  ])('names a schema file that holds %s', async (_what, content, sentence) => {
    const { run, folder } = await openWorkplace();
    const file = join(folder, 'schema.json');
    writeFileSync(file, content);
    const { code, stderr } = await run(['ask', QUESTION, '--json-schema', file]);
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
  });

  it.each([
    ['nothing', '', /is empty/],
    ['blanks', ' \n', /is empty/],
    ['what is not UTF-8', Uint8Array.of(0xff, 0xfe, 0x41), /is not UTF-8/],
    ['more than 10 MB', 'x'.repeat(11.5 * 1024 * 1024), /longer than 10 MB/],
  ])('refuses %s on standard input', async (_what, input, sentence) => {
    const { run } = await openWorkplace();
    const { code, stderr } = await run(['ask'], { input });
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
  });
});

describe('a long call', () => {
  it('says on standard error what it is waiting for, after a second', async () => {
    const { options, upstream, folder } = await openWorkplace();
    upstream.script({ say: { text: 'At last.', pace: { firstMs: 1_500, frameMs: 0 } } });
    const { stdout, stderr } = await finish(startSignalbox(['ask', QUESTION, ...options], { cwd: folder }));
    expect(stdout).toBe('At last.\n');
    // On a busy machine it gets to say so after more than one.
    expect(stderr).toMatch(/^signalbox: waiting for vendor\/model-under-test \([1-9]\d* s\)\n/);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'ends at %s: the provider is left, the attempt is booked, and the exit code is %d',
    async (signal, exitCode) => {
      const { options, upstream, run, folder } = await openWorkplace();
      upstream.script({ fault: { type: 'stall', afterFrames: 2 } });
      const child = startSignalbox(['ask', QUESTION, ...options], { cwd: folder });
      const request = await upstream.received(0);
      child.kill(signal);
      const { code, stdout, stderr } = await finish(child);
      expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
      expect(stderr).toContain('signalbox: Cancelled; what a provider had already used is booked.');
      expect(request.outcome).toBe('aborted');
      const log = await run(['log', '--json']);
      expect(JSON.parse(log.stdout)).toMatchObject({ status: 'cancelled', attempts: [{ status: 'cancelled' }] });
    },
  );
});
