import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkDemo } from '../../src/demo/check-demo.ts';
import { type DemoReport, runDemo } from '../../src/demo/run-demo.ts';
import { finish, launcher, type Ran, signalbox, startSignalbox } from '../cli/run-signalbox.ts';
import { CANARY } from '../e2e/workplace.ts';
import { startClock } from '../support/given-time.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SIMULATED = 'The providers are simulated: they run on this machine, and nothing leaves it.';

describe('signalbox demo', () => {
  type Demo = Ran & { readonly tookMs: number; readonly left: readonly string[] };
  let running: Promise<Demo> | undefined;
  const demo = () => {
    running ??= runOnce();
    return running;
  };

  it('succeeds within 15 seconds, whatever the user has configured', async () => {
    const { code, tookMs } = await demo();
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(15_000);
  });

  it('says first and last that the providers are simulated', async () => {
    const lines = (await demo()).stdout.trimEnd().split('\n');
    expect(lines[1]).toBe(SIMULATED);
    expect(lines.at(-1)).toBe(SIMULATED);
  });

  it('shows a request of each tier with its model, tokens, cost and latency', async () => {
    const { stdout } = await demo();
    const rows = {
      trivial: 'ollama/llama3.2',
      simple: 'groq/openai/gpt-oss-20b',
      medium: 'gemini/gemini-3.8-flash',
      complex: 'anthropic/claude-sonnet-5-5',
      expert: 'openai/gpt-6-sol',
    };
    for (const [tier, model] of Object.entries(rows)) {
      expect(stdout).toMatch(new RegExp(`^${tier} +${model} +\\d+ / \\d+ +\\$[\\d.]+ +[\\d,]+ ms\\n +"`, 'm'));
    }
  });

  it('shows a repeat from the cache, a provider replaced with its attempts, and the cost report', async () => {
    const { stdout } = await demo();
    expect(stdout).toMatch(/answered without asking a provider/);
    expect(stdout).toMatch(/why: Complexity puts the request in tier trivial \(small talk\);/);
    expect(stdout).not.toMatch(/smallTalk|longWords|base 1/);
    expect(stdout).toMatch(/1\. gemini\/gemini-3\.8-flash: provider_\w+, not billed, [\d,]+ ms/);
    expect(stdout).toMatch(/\d\. openai\/gpt-6-luna: answered, [\d,]+ ms/);
    expect(stdout).toMatch(/^all +7 +2 +\d+ \/ \d+ +\$0\.00\d+$/m);
  });

  it('fits 80 columns', async () => {
    const { stdout } = await demo();
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('leaves nothing behind', async () => {
    expect((await demo()).left).toEqual([]);
  });

  async function runOnce(): Promise<Demo> {
    const folder = temporaryFolder();
    const elapsedMs = startClock();
    // None of this may matter to it.
    const env = {
      SIGNALBOX_CONFIG: '/nowhere.json',
      SIGNALBOX_DATA_DIR: '/nowhere',
      OPENAI_API_KEY: CANARY,
      OPENAI_BASE_URL: 'http://127.0.0.1:9',
      HTTPS_PROXY: 'http://127.0.0.1:9',
      HTTP_PROXY: 'http://127.0.0.1:9',
      TMPDIR: folder,
      TEMP: folder,
    };
    const ran = await signalbox(['demo'], { env });
    return { ...ran, tookMs: elapsedMs(), left: foldersOfDemos(folder) };
  }
});

function foldersOfDemos(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.startsWith('signalbox-demo-'));
}

it('ends at Ctrl+C with 130, and leaves nothing behind', async () => {
  const folder = temporaryFolder();
  const child = startSignalbox(['demo'], { env: { TMPDIR: folder, TEMP: folder } });
  child.stdout.once('data', () => setTimeout(() => child.kill('SIGINT'), 700));
  const { code, stderr } = await finish(child);
  expect(code).toBe(130);
  expect(stderr).toContain('signalbox: The demo was cancelled.\n  Run it again at any time.\n');
  expect(foldersOfDemos(folder)).toEqual([]);
});

it('takes no argument', async () => {
  expect(await signalbox(['demo', 'now'])).toMatchObject({ code: 2, stdout: '' });
});

describe('what the demo checks of itself', () => {
  let report: DemoReport;

  beforeAll(async () => {
    const launch = { command: process.execPath, args: [launcher] };
    ({ report } = await runDemo({ launch, signal: new AbortController().signal, onStep: () => {} }));
  });

  it('is nothing amiss in a real run', () => {
    expect(checkDemo(report)).toEqual([]);
  });

  const answerOf = (change: object) => ({
    answers: report.answers.map((row, index) => (index === 3 ? { ...row, answer: { ...row.answer, ...change } } : row)),
  });
  const totalsOf = (change: object) => ({ costs: { ...report.costs, totals: { ...report.costs.totals, ...change } } });
  it.each([
    ['another tier', () => answerOf({ tier: 'simple' }), 'is of tier simple, not complex'],
    ['another model', () => answerOf({ model: 'openai/gpt-6-luna' }), 'went to openai/gpt-6-luna'],
    ['another text', () => answerOf({ text: 'Hm.' }), 'is not what the provider said'],
    ['an unknown cost', () => answerOf({ cost_usd: null }), 'is unknown'],
    [
      'no cache hit',
      () => ({ repeat: { ...report.repeat, answer: { ...report.repeat.answer, cached: false } } }),
      'not answered from the cache',
    ],
    [
      'no attempts',
      () => ({ replaced: { ...report.replaced, answer: { ...report.replaced.answer, attempts: [] } } }),
      'no failed attempt',
    ],
    ['an attempt that is not booked', () => totalsOf({ attempts: 7 }), '7 attempts are booked, the providers saw 8'],
    ['a token too many', () => totalsOf({ output_tokens: 1 }), 'tokens are booked, the providers counted'],
    ['a cost that is too low', () => totalsOf({ cost_usd: 0.001 }), '0.001 USD are booked'],
  ])('includes %s', (_what, change, sentence) => {
    expect(checkDemo({ ...report, ...change() }).join('; ')).toContain(sentence);
  });
});
