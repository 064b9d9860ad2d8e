import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import type { JsonObject, JsonValue } from '../../src/core/json/json.ts';
import type { DocumentPart, ImagePart } from '../../src/core/message.ts';
import { estimateInputTokens, IMAGE_TOKENS } from '../../src/routing/estimate-input-tokens.ts';
import { estimateTextTokens } from '../../src/routing/estimate-tokens.ts';
import { requestOf } from '../support/catalog.ts';

describe('the tokens of a text', () => {
  it('are none for no text', () => {
    expect(estimateTextTokens('')).toBe(0);
  });

  it('are near the usual four to five characters for English prose', () => {
    const text = 'The quick brown fox jumps over the lazy dog, and then it runs through the forest. '.repeat(20);
    expect(text.length / estimateTextTokens(text)).toBeGreaterThan(3.5);
    expect(text.length / estimateTextTokens(text)).toBeLessThan(5.5);
  });

  it.each([
    ['white space', ' '.repeat(50_000), 12],
    ['line breaks', '\n'.repeat(50_000), 12],
    ['base64', `${'aGVsbG8gd29ybGQx'.repeat(400)}`, 3],
    ['Thai', 'อธิบายวิธีการทำงานของการสังเคราะห์ด้วยแสง'.repeat(50), 2.5],
    ['Hindi', 'मुझे समझाओ कि प्रकाश संश्लेषण कैसे काम करता है '.repeat(50), 2.5],
    ['Arabic', 'اشرح لي كيف يعمل التمثيل الضوئي '.repeat(50), 3.5],
    ['Chinese', '请解释光合作用是如何工作的'.repeat(50), 1.5],
    ['emoji', '😀👍🎉'.repeat(500), 2],
  ])('are never far too few: %s', (_, text, charactersPerTokenMax) => {
    expect(text.length / estimateTextTokens(text)).toBeLessThanOrEqual(charactersPerTokenMax);
  });

  it('of a long text are extrapolated upwards, within a tenth of reading it whole', () => {
    const paragraph = 'I need expert advice on optimizing database queries. Bitte erkläre es genau. 请解释一下。 ';
    const whole = estimateTextTokens(paragraph.repeat(80)) / 80;
    const sampled = estimateTextTokens(paragraph.repeat(5_000)) / 5_000;
    expect(sampled).toBeGreaterThanOrEqual(whole * 0.98);
    expect(sampled).toBeLessThanOrEqual(whole * 1.15);
  });

  it('of a text that changes its script half way count both halves', () => {
    const english = 'a plain sentence of common words '.repeat(3_000);
    const chinese = '请解释光合作用是如何工作的'.repeat(4_000);
    const parts = estimateTextTokens(english) + estimateTextTokens(chinese);
    expect(estimateTextTokens(english + chinese) / parts).toBeGreaterThan(0.85);
  });

  it('of 1 MB on one line are estimated within the 50 ms that hostile text may take', () => {
    // The best of three: a busy machine may give one of them to others.
    const tookMs = [1, 2, 3].map(() => {
      const startedAtMs = performance.now();
      expect(estimateTextTokens('a'.repeat(1e6))).toBeGreaterThan(1e5);
      return performance.now() - startedAtMs;
    });
    expect(Math.min(...tookMs)).toBeLessThan(50);
  });
});

describe('the tokens of a request', () => {
  const plain = requestOf('How do tides work?');

  it('hold the text, each message and the priming of the reply', () => {
    expect(estimateInputTokens(plain)).toBe(estimateTextTokens('How do tides work?') + 4 + 3);
  });

  it('grow by a flat figure for each image', () => {
    const image = { type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } } as const;
    const text = { type: 'text', text: 'How do tides work?' } as const;
    const pictured = requestOf('', {}, { messages: [{ role: 'user', content: [text, image, image] }] });
    expect(estimateInputTokens(pictured) - estimateInputTokens(plain)).toBe(2 * IMAGE_TOKENS);
  });

  it('grow with the size of a PDF, within what a file of pictures may be', () => {
    const tokensOf = (source: DocumentPart['source']) => {
      const document = { type: 'document', source } as const;
      return estimateInputTokens(requestOf('', {}, { messages: [{ role: 'user', content: [document] }] }));
    };
    const pdf = (bytes: number) => {
      return tokensOf({ type: 'data', mediaType: 'application/pdf', base64: 'A'.repeat((bytes / 3) * 4) });
    };
    expect(pdf(30_000)).toBe(pdf(300));
    expect(pdf(300_000)).toBeGreaterThan(3 * pdf(30_000));
    expect(pdf(30_000_000)).toBeLessThan(100_000);
    const scan = { type: 'data', mediaType: 'application/pdf', base64: 'A'.repeat(3_000_000) } as const;
    const several = Array.from({ length: 9 }, () => ({ type: 'document', source: scan }) as const);
    const all = requestOf('', {}, { messages: [{ role: 'user', content: several }] });
    expect(estimateInputTokens(all)).toBeLessThan(100_000);
    expect(tokensOf({ type: 'url', url: 'https://example.org/a.pdf' })).toBeGreaterThan(pdf(300));
  });

  it('grow by the same for each image that a tool showed', () => {
    const result = { type: 'tool-result', toolCallId: 'a', toolName: 'camera', text: '' } as const;
    const image = { type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } } as const;
    const tokensWith = (media?: readonly ImagePart[]) =>
      estimateInputTokens({ messages: [{ role: 'tool', content: [{ ...result, ...(media && { media }) }] }] });
    expect(tokensWith([image, image]) - tokensWith()).toBe(2 * IMAGE_TOKENS);
  });

  it('hold tools, tool calls, tool results and the schema of the answer', () => {
    const inputSchema: JsonObject = {
      type: 'object',
      properties: { city: { type: 'string', description: 'A city.' } },
    };
    const base = estimateInputTokens(plain);
    const tool = { name: 'weather', description: 'The weather of a city', inputSchema };
    expect(estimateInputTokens({ ...plain, tools: [tool] })).toBeGreaterThan(base + 20);
    const responseFormat = { type: 'json-schema', name: 'answer', schema: inputSchema } as const;
    expect(estimateInputTokens({ ...plain, responseFormat })).toBeGreaterThan(base + 10);
    const looped = estimateInputTokens({
      messages: [
        ...plain.messages,
        {
          role: 'assistant',
          content: [{ type: 'tool-call', id: 'a', name: 'weather', argumentsJson: '{"city":"Kyiv"}' }],
        },
        {
          role: 'tool',
          content: [{ type: 'tool-result', toolCallId: 'a', toolName: 'weather', text: 'Sun. '.repeat(50) }],
        },
      ],
    });
    expect(looped).toBeGreaterThan(base + 60);
  });

  it('of ten thousand messages are sampled like one long text', () => {
    const content = [{ type: 'text', text: 'the same sentence of common words '.repeat(30) }] as const;
    const messages = Array.from({ length: 10_000 }, () => ({ role: 'user', content }) as const);
    const one = estimateTextTokens(content[0].text);
    expect(estimateInputTokens({ messages }) / (10_000 * (one + 4))).toBeCloseTo(1, 0);
  });

  it('cannot be told for a schema that nests without end: the request is refused', () => {
    let nested: JsonValue = {};
    for (let depth = 0; depth < 50_000; depth += 1) nested = { properties: nested };
    const tool = { name: 'deep', inputSchema: { properties: nested } };
    const attempt = () => estimateInputTokens({ ...plain, tools: [tool] });
    expect(attempt).toThrow(GatewayError);
    expect(attempt).toThrow(/JSON Schema of tool deep/);
  });
});
