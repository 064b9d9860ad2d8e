import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toThinkingState } from '../../../src/core/content/signed-thinking.ts';
import type { VendorState } from '../../../src/core/message.ts';
import { fromAnswer } from '../../../src/http/anthropic/from-answer.ts';
import { answerOf } from '../../support/gateway-answer.ts';
import { type Content, encode, GEMINI, type Part, readBySdk } from './encoding.ts';

const STATES: readonly (VendorState | undefined)[] = [
  undefined,
  GEMINI,
  { kind: 'openai-compatible', value: 'state' },
  toThinkingState({ type: 'redacted_thinking', data: 'cmVkYWN0ZWQ' }),
];
const word = fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme' });
const pieces = fc.array(word, { minLength: 1, maxLength: 3 });
const texts = pieces.map((list): readonly Part[] => list.map((text) => ({ type: 'text-delta', text })));
/** State comes with the last words, or behind them. */
const lastWords = fc.constantFrom('', 'last');
const unsigned = fc
  .tuple(pieces, lastWords, fc.constantFrom(...STATES.slice(0, 3)))
  .map(([list, text, vendorState]): readonly Part[] => [
    ...list.map((piece): Part => ({ type: 'reasoning-delta', text: piece })),
    ...(vendorState ? [{ type: 'reasoning-delta', text, vendorState } as const] : []),
  ]);
/** Newer models of Anthropic sign thinking without showing a word of it. */
const signed = fc.tuple(fc.oneof(pieces, fc.constant([])), lastWords).map(([list, text]): readonly Part[] => [
  ...list.map((piece): Part => ({ type: 'reasoning-delta', text: piece })),
  {
    type: 'reasoning-delta',
    text,
    vendorState: toThinkingState({ type: 'thinking', thinking: list.join('') + text, signature: 'c2lnbmVk' }),
  },
]);
const redacted = fc
  .constantFrom(STATES[1], STATES[3])
  .map((vendorState): readonly Part[] => (vendorState ? [{ type: 'reasoning-delta', text: '', vendorState }] : []));
const call = fc
  .record({
    value: fc.dictionary(word, fc.jsonValue()),
    isWhole: fc.boolean(),
    vendorState: fc.constantFrom(undefined, GEMINI),
    cut: fc.nat(30),
  })
  .map(({ value, isWhole, vendorState, cut }) => ({ argumentsJson: JSON.stringify(value), isWhole, vendorState, cut }));
/** Calls whose pieces come in any order of turns. */
const calls = fc
  .tuple(fc.array(call, { minLength: 1, maxLength: 3 }), fc.infiniteStream(fc.nat(20)), fc.uuid())
  .map(([list, turns, uuid]) => {
    const queues = list.map(({ argumentsJson, isWhole, vendorState, cut }, index): Part[] => {
      const base = { id: `call_${uuid}_${index}`, name: `tool_${index}` };
      const whole: Part = { type: 'tool-call', ...base, argumentsJson, ...(isWhole && vendorState && { vendorState }) };
      const halves = [argumentsJson.slice(0, cut), argumentsJson.slice(cut)];
      return isWhole
        ? [whole]
        : [...halves.map((argumentsText): Part => ({ type: 'tool-call-delta', ...base, argumentsText })), whole];
    });
    const parts: Part[] = [];
    for (let left = queues; left.length > 0; left = left.filter((queue) => queue.length > 0)) {
      const next = left[turns.next().value % left.length]?.shift();
      if (next) parts.push(next);
    }
    return parts;
  });
const answers = fc
  .array(fc.oneof(texts, unsigned, signed, redacted, calls), { maxLength: 6 })
  .map((list) => list.reduce<readonly Part[]>(joinGroups, []));

/** A model of Anthropic signs all it thinks: nothing unsigned stands right before its signed thinking. */
function joinGroups(parts: readonly Part[], group: readonly Part[]): readonly Part[] {
  const last = parts.at(-1);
  const isUnsigned = last?.type === 'reasoning-delta' && last.vendorState === undefined;
  const isSigned = group.some((part) => part.type === 'reasoning-delta' && part.vendorState?.kind === 'anthropic');
  return isUnsigned && isSigned ? [...parts, { type: 'text-delta', text: 'between' }, ...group] : [...parts, ...group];
}

/** The answer as a whole, each part where it began. */
function collect(parts: readonly Part[]): Content {
  const content: Content[number][] = [];
  const places = new Map<string, number>();
  for (const part of parts) {
    if (part.type === 'text-delta') content.push({ type: 'text', text: part.text });
    if (part.type === 'reasoning-delta') content.push({ ...part, type: 'reasoning' });
    if (part.type === 'tool-call-delta' || part.type === 'tool-call') {
      const place = places.get(part.id) ?? content.length;
      places.set(part.id, place);
      const known = { id: part.id, name: part.name, argumentsJson: '' };
      content[place] = part.type === 'tool-call' ? part : { type: 'tool-call', ...known };
    }
  }
  return content;
}

describe('any answer', () => {
  it('reads the same in the vendor’s client streamed and whole', async () => {
    await fc.assert(
      fc.asyncProperty(answers, fc.boolean(), async (parts, showsReasoning) => {
        const form = { showsReasoning };
        const answer = answerOf({ content: collect(parts) });
        const streamed = await readBySdk(encode(parts, answer, form));
        const whole = JSON.parse(JSON.stringify(fromAnswer(answer, form)));
        expect(streamed.content).toEqual(whole.content);
        expect(streamed.stop_reason).toBe(whole.stop_reason);
        // How long what was written to the cache lives is read from the first event alone.
        expect(streamed.usage).toEqual({ ...whole.usage, cache_creation: null });
      }),
      { numRuns: 300 },
    );
  });
});
