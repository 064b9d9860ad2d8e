import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signalbox } from './run-signalbox.ts';

/** What a cheap model fails at here, and what it can do; both look alike to the shipped model. */
const FAILED = (at: number) => `Which zorblax does the flanged coupler of pump ${at} need when it runs at low load?`;
const FINE = (at: number) => `Which colour does the painted cover of pump ${at} have when it runs at low load?`;
const OUTCOMES = Array.from({ length: 60 }, (_, at) => [
  { prompt: FAILED(at), failed: true },
  { prompt: FINE(at), failed: 0 },
]).flat();

const lines = (values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

let folder = '';
const configure = (more: object) =>
  writeFileSync(
    join(folder, 'mcp.config.json'),
    JSON.stringify({
      providers: { local: { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:9/v1' } },
      routing: { tiers: { simple: ['local/small'], medium: ['local/middle'], expert: ['local/huge'] } },
      ...more,
    }),
  );
const run = (args: readonly string[], input = '') =>
  signalbox([...args, '--config', join(folder, 'mcp.config.json'), '--data-dir', join(folder, 'data')], { input });
const scoreHere = async (prompt: string) => {
  const { stdout } = await run(['route', '--json', prompt]);
  const { evidence, tier } = JSON.parse(stdout);
  return { tier, learnt: evidence.find(({ feature }: { feature: string }) => feature === 'learntHere')?.weight ?? 0 };
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-learn-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('signalbox learn', () => {
  it('knows nothing at first, and says that routing does not go by it', async () => {
    configure({});
    const { code, stdout, stderr } = await run(['learn']);
    expect([code, stdout]).toEqual([0, 'Nothing was learnt here yet: the shipped model decides alone.\n']);
    expect(stderr).toContain('"learning": { "enabled": true }');
  });

  it('teaches routing what a cheap model fails at here; no word of it is kept', async () => {
    configure({ learning: { enabled: true } });
    const before = await scoreHere(FAILED(999));
    expect(before.learnt).toBe(0);
    const taught = await run(['learn', '--jsonl', '--json'], lines(OUTCOMES));
    expect({ code: taught.code, stderr: taught.stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(taught.stdout)).toMatchObject({ enabled: true, outcomes: 120, trust: expect.any(Number) });
    expect((await scoreHere(FAILED(999))).learnt).toBeGreaterThan(0.05);
    expect((await scoreHere(FINE(999))).learnt).toBeLessThan(-0.05);
    expect((await run(['learn'])).stdout).toMatch(/^120 outcomes learnt, the last on 20/);
    for (const name of ['ledger.db', 'ledger.db-wal']) {
      const bytes = readFileSync(join(folder, 'data', name), { flag: 'a+' });
      expect(bytes.includes('zorblax')).toBe(false);
    }
  });

  it('takes what a weak and a strong model made of it as well', async () => {
    configure({ learning: { enabled: true } });
    await run(['learn', '--forget']);
    const pairs = OUTCOMES.map(({ prompt, failed }) => ({ prompt, weak: failed ? 0 : 1, strong: 1 }));
    const { code, stdout } = await run(['learn', '--jsonl', '--json'], lines(pairs));
    expect([code, JSON.parse(stdout).outcomes]).toEqual([0, 120]);
    expect((await scoreHere(FAILED(999))).learnt).toBeGreaterThan((await scoreHere(FINE(999))).learnt + 0.05);
  });

  it('does not go by it where learning is off', async () => {
    configure({});
    expect((await scoreHere(FAILED(999))).learnt).toBe(0);
  });

  it('forgets', async () => {
    configure({ learning: { enabled: true } });
    expect((await run(['learn', '--forget'])).stdout).toContain('Nothing was learnt here yet');
    expect((await scoreHere(FAILED(999))).learnt).toBe(0);
  });

  it.each([
    ['text', 'hello\n', 'Line 1 of standard input is not JSON.'],
    ['no prompt', '{"failed":1}\n', 'Line 1 of standard input has no text "prompt".'],
    ['half a pair', '{"prompt":"a","weak":1}\n', 'Line 1 of standard input has no "strong".'],
    ['the other half of a pair', '{"prompt":"a","strong":1}\n', 'Line 1 of standard input has no "weak".'],
    ['a prompt alone', '{"prompt":"a"}\n', 'Line 1 of standard input has no "failed".'],
    ['no outcome', '{"prompt":"a","failed":"yes"}\n', 'has a "failed" that is neither true or false nor a number'],
    ['nothing', '\n', 'There is nothing on standard input.'],
  ])('refuses %s, and learns nothing of the rest', async (_name, broken, message) => {
    const { code, stdout, stderr } = await run(['learn', '--jsonl'], broken + (broken === '\n' ? '' : lines(OUTCOMES)));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(JSON.parse((await run(['learn', '--json'])).stdout).outcomes).toBe(0);
  });
});
