import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../../src/core/message.ts';
import { TIERS } from '../../../src/core/request.ts';
import { classify } from '../../../src/routing/complexity/classify.ts';
import { assistant, classifyText, user } from './turns.ts';

describe('the conversation', () => {
  const hard = 'I need expert advice on optimizing database queries for a high-traffic application';

  it('lets a short follow-up inherit from the question before it', () => {
    const followUp = classify({ messages: [user(hard), assistant('Shall I go on?'), user('yes')] });
    expect(TIERS.indexOf(followUp.tier)).toBeGreaterThanOrEqual(TIERS.indexOf('medium'));
    expect(followUp.evidence.map(({ feature }) => feature)).toContain('previousAsk');
    expect(classifyText('yes').tier).toBe('trivial');
  });

  it('keeps thanks trivial after any question', () => {
    expect(classify({ messages: [user(hard), assistant('...'), user('ok, thanks!')] }).tier).toBe('trivial');
  });

  it.each(['Thanks, go ahead', 'ok thanks, continue', 'Yes please, thank you!', 'Да, спасибо', 'Ja, danke'])(
    'takes "%s" for the work that it sets off',
    (text) => {
      const { tier, evidence } = classify({ messages: [user(hard), assistant('Shall I go on?'), user(text)] });
      expect(tier).not.toBe('trivial');
      expect(evidence.map(({ feature }) => feature)).toContain('previousAsk');
      expect(classifyText(text).tier).toBe('trivial');
    },
  );

  it('lets the second "go on" inherit like the first', () => {
    const goOn = [assistant('...'), user('go on')];
    const first = classify({ messages: [user(hard), ...goOn] });
    const third = classify({ messages: [user(hard), ...goOn, assistant('...'), user('Thanks!'), ...goOn] });
    expect(third.tier).toBe(first.tier);
    expect(third.evidence.map(({ feature }) => feature)).toContain('previousAsk');
  });

  it('decides once per user turn: a tool loop after it changes nothing', () => {
    const before = classify({ messages: [user(hard)] });
    const during = classify({
      messages: [
        user(hard),
        { role: 'assistant', content: [{ type: 'tool-call', id: 'a', name: 'explain', argumentsJson: '{}' }] },
        {
          role: 'tool',
          content: [{ type: 'tool-result', toolCallId: 'a', toolName: 'explain', text: 'x'.repeat(999) }],
        },
      ],
    });
    expect(during).toEqual(before);
  });

  it('ignores the system prompt when there is a user turn', () => {
    const system: Message = { role: 'system', content: [{ type: 'text', text: hard }] };
    expect(classify({ messages: [system, user('Hi')] })).toEqual(classify({ messages: [user('Hi')] }));
  });

  it('does not call a greeting with a picture trivial', () => {
    const image = { type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } } as const;
    const { tier, evidence } = classify({
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }, image] }],
    });
    expect(tier).not.toBe('trivial');
    expect(evidence.map(({ feature }) => feature)).toContain('images');
  });

  it('takes an empty conversation', () => {
    expect(classify({ messages: [] })).toMatchObject({ tier: 'trivial', score: 0 });
  });
});

describe('a turn that comes again', () => {
  const TOOL = { name: 'search', inputSchema: { type: 'object' } };
  const CONVERSATIONS = ['Why?', 'Prove that the square root of two is irrational.'].flatMap((text) =>
    [[], [user('Design a payment system.'), assistant('Done.')], [user('Hi'), assistant('Hi!')]].flatMap((before) =>
      [undefined, [TOOL]].map((tools) => ({ messages: [...before, user(text)], ...(tools && { tools }) })),
    ),
  );

  it('is judged as the first time, with what surrounds it', () => {
    const first = CONVERSATIONS.map((conversation) => classify(conversation));
    expect(new Set(first.map(({ score }) => score)).size).toBeGreaterThan(3);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: CONVERSATIONS.length - 1 }), { minLength: 20 }), (order) => {
        for (const at of order) {
          expect(classify(structuredClone(CONVERSATIONS[at] as (typeof CONVERSATIONS)[number]))).toEqual(first[at]);
        }
      }),
    );
  });
});
