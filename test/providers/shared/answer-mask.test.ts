import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Completion, FinishReason, StreamPart } from '../../../src/core/completion.ts';
import { toThinkingState } from '../../../src/core/content/signed-thinking.ts';
import { NO_USAGE } from '../../../src/core/usage.ts';
import { AnswerMask } from '../../../src/providers/shared/answer-mask.ts';

const KEY = 'sk-proj-Zx81mQ7sk-Lw0Tv';
const HEADER = 'sk-gateway-token-0042';
const SECRETS = [KEY, HEADER];
const FINISH: StreamPart = { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, model: 'm' };

const text = (value: string): StreamPart => ({ type: 'text-delta', text: value });
const masked = (parts: readonly StreamPart[], mask = new AnswerMask(SECRETS)) =>
  parts.flatMap((part) => mask.parts(part));
const textOf = (parts: readonly StreamPart[]) =>
  parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');

/** Texts full of secrets, of their beginnings and of what looks like them, cut anywhere. */
const words = fc.array(
  fc.oneof(
    fc.constantFrom(KEY, HEADER, 'sk-', 's', 'task', 'sk-proj-sk-proj-', ' '),
    fc.nat(KEY.length).map((length) => KEY.slice(0, length)),
    fc.string({ maxLength: 6 }),
  ),
  { maxLength: 12 },
);
const cuts = fc.array(fc.nat(9), { minLength: 1, maxLength: 30 });

function cutAt(value: string, lengths: readonly number[]): StreamPart[] {
  const parts: StreamPart[] = [];
  for (let at = 0, index = 0; at < value.length; index += 1) {
    const length = (lengths[index % lengths.length] ?? 0) + (index % lengths.length === 0 ? 1 : 0);
    parts.push(text(value.slice(at, at + length)));
    at += length;
  }
  return parts;
}

describe('an answer that repeats a secret', () => {
  it('reaches the caller without it, wherever the stream is cut', () => {
    fc.assert(
      fc.property(words, cuts, (pieces, lengths) => {
        const said = pieces.join('');
        const heard = textOf(masked([...cutAt(said, lengths), FINISH]));
        // The first two characters may have gone out before it could be known.
        for (const secret of SECRETS) expect(heard).not.toContain(secret.slice(2));
        const inert = SECRETS.every((secret) => !said.includes(secret.slice(0, 16)));
        if (inert) expect(heard).toBe(said);
      }),
      { numRuns: 3_000 },
    );
  });

  it('reaches the caller without it where other texts come between its pieces', () => {
    const delta = (id: string, argumentsText: string): StreamPart => {
      return { type: 'tool-call-delta', id, name: 'look', argumentsText };
    };
    const call = (id: string): StreamPart => ({ type: 'tool-call', id, name: 'look', argumentsJson: '{}' });
    for (let cut = 1; cut < KEY.length; cut += 1) {
      const [start, rest] = [KEY.slice(0, cut), KEY.slice(cut)];
      const heard = masked([
        ...[text(`told ${start}`), delta('a', start), delta('b', start), delta('a', `${rest}.`), text(`${rest}.`)],
        ...[delta('b', `${rest}.`), call('a'), call('b'), FINISH],
      ]);
      const argumentsOf = (id: string) =>
        heard.map((part) => (part.type === 'tool-call-delta' && part.id === id ? part.argumentsText : '')).join('');
      for (const said of [textOf(heard), argumentsOf('a'), argumentsOf('b')]) {
        expect(said).not.toContain(KEY.slice(2));
        expect(said).toContain('[secret]');
      }
    }
  });

  it('reaches the caller without it in the words of its end, whole and streamed', () => {
    const finishReason = (secret: string): FinishReason => ({
      unified: 'refusal',
      raw: 'refusal',
      stopSequence: `at ${secret}`,
      refusal: { category: secret, explanation: `not with ${secret}` },
    });
    const whole: Completion = { content: [], finishReason: finishReason(KEY), usage: NO_USAGE, model: 'm' };
    expect(new AnswerMask(SECRETS).completion(whole).finishReason).toEqual(finishReason('[secret]'));
    const end: StreamPart = { type: 'finish', finishReason: finishReason(HEADER), model: 'm' };
    expect(masked([end])).toEqual([{ ...end, finishReason: finishReason('[secret]') }]);
  });

  it('reaches the caller without it where each piece comes with its usage', () => {
    const usage: StreamPart = { type: 'usage', usage: NO_USAGE };
    const pieces = cutAt(`told ${KEY}, ${HEADER}.`, [7]).flatMap((part) => [part, usage]);
    const heard = masked([...pieces, FINISH]);
    for (const secret of SECRETS) expect(textOf(heard)).not.toContain(secret.slice(2));
    expect(heard.filter(({ type }) => type === 'usage')).toHaveLength(pieces.length / 2);
  });

  it.each([16, KEY.length - 1])('reaches the caller without it where it is cut after %i letters of it', (length) => {
    const cut = KEY.slice(0, length);
    for (const lengths of [[1], [7], [100]]) {
      const heard = textOf(masked([...cutAt(`told ${cut}`, lengths), FINISH]));
      expect(heard).not.toContain(cut.slice(2));
      expect(heard).toContain('[secret]');
    }
    const whole: Completion = {
      content: [{ type: 'text', text: `told ${cut}` }],
      finishReason: { unified: 'length', raw: 'length' },
      usage: NO_USAGE,
      model: 'm',
    };
    expect(new AnswerMask(SECRETS).completion(whole).content).toEqual([{ type: 'text', text: 'told [secret]' }]);
  });

  it('is masked in text, reasoning and arguments, in every choice', () => {
    const holding: Completion = {
      content: [
        { type: 'reasoning', text: `told ${KEY}` },
        { type: 'text', text: `${HEADER}, ${KEY}.` },
        { type: 'tool-call', id: 'c', name: 'look', argumentsJson: `{"key":"${KEY}"}` },
      ],
      finishReason: { unified: 'stop', raw: 'stop' },
      alternatives: [{ content: [{ type: 'text', text: KEY }], finishReason: { unified: 'stop', raw: 'stop' } }],
      usage: NO_USAGE,
      model: 'm',
    };
    expect(new AnswerMask(SECRETS).completion(holding)).toEqual({
      ...holding,
      content: [
        { type: 'reasoning', text: 'told [secret]' },
        { type: 'text', text: '[secret], [secret].' },
        { type: 'tool-call', id: 'c', name: 'look', argumentsJson: '{"key":"[secret]"}' },
      ],
      alternatives: [{ content: [{ type: 'text', text: '[secret]' }], finishReason: { unified: 'stop', raw: 'stop' } }],
    });
    const streamed: StreamPart[] = [
      { type: 'reasoning-delta', text: `told ${KEY}` },
      { type: 'tool-call-delta', id: 'c', name: 'look', argumentsText: `{"key":"${KEY.slice(0, 9)}` },
      { type: 'tool-call-delta', id: 'c', name: 'look', argumentsText: `${KEY.slice(9)}"}` },
      { type: 'tool-call', id: 'c', name: 'look', argumentsJson: `{"key":"${KEY}"}` },
      FINISH,
    ];
    expect(JSON.stringify(masked(streamed))).not.toContain(KEY.slice(2));
  });

  it('is masked where it names a tool or its call, and is no id of a call of the vendor', () => {
    const call = { type: 'tool-call', id: `call_${KEY}`, name: HEADER, argumentsJson: '{}' } as const;
    const safe = { ...call, id: 'call_[secret]', name: '[secret]' };
    const finishReason = { unified: 'tool_calls', raw: 'tool_calls' } as const;
    const end = { finishReason, model: 'm' };
    const whole: Completion = { ...end, content: [call], usage: NO_USAGE, providerRequestId: `req_${HEADER}` };
    expect(new AnswerMask(SECRETS).completion(whole)).toEqual({ ...end, content: [safe], usage: NO_USAGE });
    const piece = { type: 'tool-call-delta', id: call.id, name: call.name, argumentsText: '{}' } as const;
    expect(masked([piece, call, { ...end, type: 'finish', providerRequestId: HEADER }])).toEqual([
      { ...piece, id: safe.id, name: safe.name },
      safe,
      { ...end, type: 'finish' },
    ]);
    expect(new AnswerMask(SECRETS).completion({ ...whole, providerRequestId: 'req_1' }).providerRequestId).toBe(
      'req_1',
    );
  });

  it.each([
    ['signed thinking', toThinkingState({ type: 'thinking', thinking: `told ${KEY}`, signature: 's' })],
    [
      'thinking that is cut',
      toThinkingState({ type: 'thinking', thinking: `told ${KEY.slice(0, 20)}`, signature: '' }),
    ],
    ['a signature', toThinkingState({ type: 'thinking', thinking: 'told', signature: KEY })],
    ['redacted thinking', toThinkingState({ type: 'redacted_thinking', data: KEY })],
    ['the state of another vendor', { kind: 'gemini', value: JSON.stringify({ thoughtSignature: KEY }) } as const],
  ])('is left out where it is %s, which comes back as it was or not at all', (_name, vendorState) => {
    const call = { type: 'tool-call', id: 'c', name: 'look', argumentsJson: '{}' } as const;
    const whole: Completion = {
      content: [
        { type: 'reasoning', text: 'told', vendorState },
        { ...call, vendorState },
      ],
      finishReason: { unified: 'stop', raw: 'stop' },
      usage: NO_USAGE,
      model: 'm',
    };
    expect(new AnswerMask(SECRETS).completion(whole).content).toEqual([{ type: 'reasoning', text: 'told' }, call]);
    const streamed: StreamPart[] = [
      { type: 'reasoning-delta', text: '', vendorState },
      { ...call, vendorState },
      FINISH,
    ];
    expect(masked(streamed)).toEqual([{ type: 'reasoning-delta', text: '' }, call, FINISH]);
  });
});

describe('any other answer', () => {
  it('passes as it came, part by part', () => {
    const parts: StreamPart[] = [
      text('do you ask-'),
      text('ing'),
      { type: 'reasoning-delta', text: 'sk-proj', vendorState: { kind: 'anthropic', value: 'signed' } },
      { type: 'reasoning-delta', text: '-Zx81mQ7sk-Lw0Tv' },
      { type: 'usage', usage: NO_USAGE },
      text(KEY.slice(0, 12)),
      FINISH,
    ];
    const heard = masked(parts);
    expect(heard).toHaveLength(parts.length);
    for (const [index, part] of parts.entries()) expect(heard[index]).toBe(part);
  });

  it('waits only where its end begins like a secret, and is not held at the end', () => {
    const mask = new AnswerMask(SECRETS);
    expect(mask.parts(text('tasks'))).toHaveLength(1);
    expect(mask.parts(text('k-'))).toHaveLength(0);
    expect(textOf(mask.parts(text('p')))).toBe('');
    expect(textOf(mask.parts(text('!')))).toBe('k-p!');
    expect(textOf(mask.parts(text('sk-pro')))).toBe('');
    expect(masked([{ type: 'error', error: new Error('cut') as never }], mask).map(({ type }) => type)).toEqual([
      'text-delta',
      'error',
    ]);
  });

  it('a short key is a word that a model may write', () => {
    expect(textOf(masked([text('ollama')], new AnswerMask(['ollama'])))).toBe('ollama');
  });
});
