import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { classify } from '../../src/routing/complexity/classify.ts';
import { signalbox, startSignalbox } from './run-signalbox.ts';

const HARD = 'Prove that every continuous function on a compact metric space is uniformly continuous, step by step.';
const EASY = 'What is the capital of France?';

type Score = { readonly id: string | number; readonly score: number; readonly tier: string; readonly strong: boolean };

const lines = (...values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const parsed = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line): Score => JSON.parse(line));

describe('signalbox score --jsonl', () => {
  it('writes a line for each line it reads, in order, with the tier that routing gives', async () => {
    const input = `\uFEFF${lines({ id: 'a', prompt: HARD }, { id: 7, prompt: EASY }).replaceAll('\n', '\r\n')}\n${lines({ prompt: 'Hi!' }, { id: 'e', prompt: '' })}`;
    const { code, stdout, stderr } = await signalbox(['score', '--jsonl'], { input });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const scores = parsed(stdout);
    expect(scores.map(({ id }) => id)).toEqual(['a', 7, 4, 'e']);
    for (const [index, text] of [HARD, EASY, 'Hi!', ''].entries()) {
      const { tier } = classify({ messages: [{ role: 'user', content: [{ type: 'text', text }] }] });
      expect(scores[index]).toEqual({
        id: scores[index]?.id,
        score: expect.any(Number),
        tier,
        strong: expect.any(Boolean),
      });
    }
    expect(scores[0]?.score).toBeGreaterThan(scores[1]?.score as number);
    expect(scores.every(({ score }) => score >= 0 && score <= 1)).toBe(true);
  });

  it('gives the same scores whatever came before', async () => {
    const prompts = [EASY, HARD, '계산해 주세요: 12 × 7', '```js\nlet a = 1\n```', 'x'.repeat(50_000)];
    const forth = await signalbox(['score', '--jsonl'], { input: lines(...prompts.map((prompt) => ({ prompt }))) });
    const back = await signalbox(['score', '--jsonl'], {
      input: lines(...prompts.toReversed().map((prompt) => ({ prompt }))),
    });
    const plain = (text: string) => parsed(text).map(({ id: _, ...rest }) => rest);
    expect(plain(back.stdout).toReversed()).toEqual(plain(forth.stdout));
  });

  it('takes a line for a line, whatever breaks stand in its text', async () => {
    const input = lines({ id: 1, prompt: 'one\u2028two\u2029three\u0085four\rfive' }, { id: 2, prompt: EASY });
    const { code, stdout } = await signalbox(['score', '--jsonl'], { input });
    expect({ code, ids: parsed(stdout).map(({ id }) => id) }).toEqual({ code: 0, ids: [1, 2] });
  });

  it('refuses what is no UTF-8, since ids and prompts would be other ones', async () => {
    const input = Buffer.from(lines({ id: 'caf\u00e9', prompt: EASY }), 'latin1');
    const { code, stderr } = await signalbox(['score', '--jsonl'], { input });
    expect({ code, first: stderr.split('\n')[0] }).toEqual({
      code: 2,
      first: 'signalbox: Line 1 of standard input is not UTF-8 text.',
    });
  });

  it('refuses a line that does not end, without waiting for it', async () => {
    const child = startSignalbox(['score', '--jsonl']);
    let stderr = '';
    child.stderr.on('data', (piece) => {
      stderr += piece;
    });
    child.stdin.write(Buffer.alloc(65 * 1024 * 1024, 'x'));
    const [code] = await once(child, 'exit');
    expect({ code, first: stderr.split('\n')[0] }).toEqual({
      code: 2,
      first: 'signalbox: Line 1 of standard input is longer than 64 MB.',
    });
  });

  it('answers each line when it comes', async () => {
    const child = startSignalbox(['score', '--jsonl']);
    child.stdin.write(lines({ id: 1, prompt: EASY }));
    const [first] = await once(createInterface({ input: child.stdout }), 'line');
    expect(JSON.parse(first)).toMatchObject({ id: 1 });
  });

  it.each([
    ['text', 'hello\n', 'Line 2 of standard input is not JSON.'],
    ['a list', '[1]\n', 'Line 2 of standard input holds no JSON object.'],
    ['no prompt', '{"id":1}\n', 'Line 2 of standard input has no text "prompt".'],
    [
      'another id',
      '{"id":{},"prompt":"x"}\n',
      'Line 2 of standard input has an "id" that is neither a text nor a number.',
    ],
  ])('names the line that is wrong and ends, though more may come: %s', async (_what, line, sentence) => {
    const child = startSignalbox(['score', '--jsonl']);
    let stderr = '';
    child.stderr.on('data', (piece) => {
      stderr += piece;
    });
    child.stdin.write(lines({ id: 1, prompt: EASY }) + line);
    const [code] = await once(child, 'exit');
    expect(code).toBe(2);
    expect(stderr.split('\n')[0]).toBe(`signalbox: ${sentence}`);
  });

  it('ends well when its reader has enough', async () => {
    const child = startSignalbox(['score', '--jsonl']);
    let stderr = '';
    child.stderr.on('data', (piece) => {
      stderr += piece;
    });
    // Whoever writes to it learns from its end that it has gone.
    child.stdin.on('error', () => undefined);
    child.stdin.end(lines({ id: 1, prompt: EASY }).repeat(20_000));
    await once(createInterface({ input: child.stdout }), 'line');
    child.stdout.destroy();
    const [code] = await once(child, 'exit');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('asks for --jsonl', async () => {
    const { code, stderr } = await signalbox(['score']);
    expect({ code, first: stderr.split('\n')[0] }).toEqual({
      code: 2,
      first: 'signalbox: Prompts are scored line by line only, with --jsonl.',
    });
  });
});

describe('signalbox score --fit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-score-'));
  const file = join(folder, 'labels.jsonl');
  const fit = (labels: string, ...prompts: readonly string[]) => {
    writeFileSync(file, labels);
    return signalbox(['score', '--fit', file, '--jsonl'], { input: lines(...prompts.map((prompt) => ({ prompt }))) });
  };
  const topics = ['roses', 'tulips', 'ferns', 'herbs', 'moss', 'ivy', 'lilies', 'cacti', 'orchids', 'bamboo'];
  const labels = lines(
    ...topics.flatMap((topic) => [
      { id: topic, prompt: `In the garden, how do ${topic} grow near a wall?`, weak: true, strong: true },
      { prompt: `In the harbour, how are ${topic} shipped near a wall?`, weak: 0, strong: 1 },
    ]),
  );
  beforeAll(() => writeFileSync(file, labels));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('scores for the pair of models of the labels, with the shipped tier', async () => {
    const prompts = ['In the harbour, how are ships shipped?', 'In the garden, how do bees grow?'];
    const { code, stdout, stderr } = await fit(`\uFEFF${labels}\n`, ...prompts);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [harbour, garden] = parsed(stdout) as [Score, Score];
    expect(harbour.score).toBeGreaterThan(garden.score);
    expect([harbour, garden].every(({ score }) => score > 0 && score < 1)).toBe(true);
    const { tier } = classify({
      messages: [{ role: 'user', content: [{ type: 'text', text: prompts[0] as string }] }],
    });
    expect(harbour.tier).toBe(tier);
  });

  it('calls strong the upper part of the labelled prompts', async () => {
    const { stdout } = await signalbox(['score', '--fit', file, '--jsonl'], { input: labels });
    const strong = parsed(stdout).flatMap(({ strong }, at) => (strong ? at : []));
    expect(strong.length).toBeGreaterThan(0);
    expect(strong.length).toBeLessThanOrEqual(topics.length);
    expect(strong.every((at) => at % 2 === 1)).toBe(true);
  });

  it('gives the shipped scores where one label teaches nothing', async () => {
    const fitted = await fit(lines({ prompt: EASY, weak: 1, strong: 1 }), HARD, EASY);
    const shipped = await signalbox(['score', '--jsonl'], { input: lines({ prompt: HARD }, { prompt: EASY }) });
    expect(fitted.stdout).toBe(shipped.stdout);
  });

  it.each([
    ['text', `${labels}hello\n`, 'Line 21 of <file> is not JSON.'],
    ['a list', '\n[1]\n', 'Line 2 of <file> holds no JSON object.'],
    ['no prompt', '{"weak":1,"strong":1}\n', 'Line 1 of <file> has no text "prompt".'],
    ['no outcome', '{"prompt":"x","weak":1}\n', 'Line 1 of <file> has no "strong".'],
    [
      'an outcome out of range',
      '{"prompt":"x","weak":2,"strong":1}\n',
      'Line 1 of <file> has a "weak" that is neither true or false nor a number from 0 to 1.',
    ],
    ['nothing', '\n', 'There are no labels in <file>.'],
  ])('names the file and the line that is wrong: %s', async (_what, text, sentence) => {
    const { code, stdout, stderr } = await fit(text, EASY);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.split('\n')[0]).toBe(`signalbox: ${sentence.replace('<file>', file)}`);
  });

  it('says which file cannot be read', async () => {
    const missing = join(folder, 'missing.jsonl');
    const { code, stderr } = await signalbox(['score', '--fit', missing, '--jsonl'], { input: '' });
    expect(code).toBe(2);
    expect(stderr).toContain(`The labels in ${missing} cannot be read: ENOENT`);
  });
});
