import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
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

  it('asks for --jsonl', async () => {
    const { code, stderr } = await signalbox(['score']);
    expect({ code, first: stderr.split('\n')[0] }).toEqual({
      code: 2,
      first: 'signalbox: Prompts are scored line by line only, with --jsonl.',
    });
  });
});
