import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusalOf, runScripted } from './run-scripted.ts';

const JPEG = Buffer.from('ffd8ffe000104a46494600010100', 'hex').toString('base64');

describe('complete refuses', () => {
  const hi = { prompt: 'hi' };
  it.each<[string, unknown, RegExp]>([
    ['neither prompt nor messages', {}, /^Give "prompt" .* or "messages"/],
    ['both', { ...hi, messages: [{ role: 'user', content: 'x' }] }, /^Give either "prompt" or "messages", not both/],
    ['an empty prompt', { prompt: ' \n' }, /^"prompt" must not be empty/],
    ['a number as prompt', { prompt: 7 }, /^"prompt" must be a text, not 7\./],
    ['no messages', { messages: [] }, /^"messages" needs at least one message/],
    [
      'images without a user who shows them',
      { messages: [{ role: 'system', content: 'x' }], images: ['https://example.com/x.png'] },
      /^"images" need one of "messages" to be of role user/,
    ],
    [
      'an unknown role',
      { messages: [{ role: 'tool', content: 'x' }] },
      /^"messages\[0\]\.role" must be one of system, user, assistant, not the text "tool"/,
    ],
    [
      'a content that is parts',
      { messages: [{ role: 'user', content: [] }] },
      /^"messages\[0\]\.content" must be a text, not a list/,
    ],
    [
      'a message without content',
      { messages: [{ role: 'user' }] },
      /^"messages\[0\]\.content" is required and must be a text/,
    ],
    [
      'a key too many in a message',
      { messages: [{ role: 'user', content: 'x', name: 'y' }] },
      /^Unknown argument "name" in "messages\[0\]"/,
    ],
    ['an empty message', { messages: [{ role: 'user', content: '' }] }, /^"messages\[0\]\.content" must not be empty/],
    [
      'a misspelt argument',
      { promt: 'x' },
      /^Unknown argument "promt"; did you mean "prompt"\? Valid are prompt, messages, system/,
    ],
    ['another case of an argument', { ...hi, Model: 'x' }, /Unknown argument "Model"; did you mean "model"\?/],
    ['a base URL', { ...hi, base_url: 'http://evil' }, /Unknown argument "base_url"/],
    ['"constructor"', { ...hi, constructor: 1 }, /Unknown argument "constructor"/],
    [
      'a tier that is not one',
      { ...hi, tier: 'mediun' },
      /^"tier" must be one of trivial, simple, medium, complex, expert, not the text "mediun"; did you mean "medium"\?/,
    ],
    [
      'a strategy that is not one',
      { ...hi, strategy: 'magic' },
      /^"strategy" must be one of complexity, cost, quality, priority/,
    ],
    ['temperature as text', { ...hi, temperature: '0.7' }, /^"temperature" must be a number, not the text "0\.7"/],
    ['temperature true', { ...hi, temperature: true }, /^"temperature" must be a number, not true/],
    ['temperature too high', { ...hi, temperature: 2.1 }, /^"temperature" must be at most 2, not 2\.1/],
    ['temperature below 0', { ...hi, temperature: -0.1 }, /^"temperature" must be at least 0, not -0\.1/],
    [
      'an infinite number',
      JSON.parse('{"prompt":"hi","temperature":1e999}'),
      /^"temperature" must be a number, not a number too large/,
    ],
    ['null in place of the question', { prompt: null }, /^Give "prompt" \(a text\) or "messages"/],
    ['null under another name', { ...hi, promt: null }, /^Unknown argument "promt"; did you mean "prompt"/],
    ['null within an argument', { ...hi, metadata: { team: null } }, /^"metadata\.team" must be a text, not null/],
    ['no output token', { ...hi, max_output_tokens: 0 }, /^"max_output_tokens" must be at least 1, not 0/],
    ['-1 output tokens', { ...hi, max_output_tokens: -1 }, /^"max_output_tokens" must be at least 1, not -1/],
    ['1e9 output tokens', { ...hi, max_output_tokens: 1e9 }, /^"max_output_tokens" must be at most 1,000,000/],
    [
      'half an output token',
      { ...hi, max_output_tokens: 1.5 },
      /^"max_output_tokens" must be a whole number, not 1\.5/,
    ],
    [
      'output tokens beyond 2^53',
      { ...hi, max_output_tokens: 2 ** 53 + 2 },
      /^"max_output_tokens" must be at most 1,000,000/,
    ],
    ['a deadline of 0', { ...hi, deadline_ms: 0 }, /^"deadline_ms" must be at least 1, not 0/],
    ['a deadline of a month', { ...hi, deadline_ms: 3e9 }, /^"deadline_ms" must be at most 86,400,000/],
    ['a negative cost limit', { ...hi, max_cost_usd: -1 }, /^"max_cost_usd" must be at least 0.000000001/],
    ['a cost limit nobody has', { ...hi, max_cost_usd: 1e300 }, /^"max_cost_usd" must be at most 1,000,000/],
    ['a cache mode that is not one', { ...hi, cache: false }, /^"cache" must be one of use, refresh, off, not false/],
    ['fallback as text', { ...hi, fallback: 'yes' }, /^"fallback" must be true or false, not the text "yes"/],
    ['a schema as text', { ...hi, json_schema: '{}' }, /^"json_schema" must be an object, not the text "\{\}"/],
    ['a schema of a list', { ...hi, json_schema: { type: 'array' } }, /^"json_schema" must describe an object/],
    ['a schema as list', { ...hi, json_schema: [] }, /^"json_schema" must be an object, not a list/],
    [
      'metadata that is nested',
      { ...hi, metadata: { team: { a: 1 } } },
      /^"metadata\.team" must be a text, not an object/,
    ],
    ['metadata that is a number', { ...hi, metadata: { n: 1 } }, /^"metadata\.n" must be a text, not 1/],
    ['half of a surrogate pair', { prompt: 'a\ud800b' }, /^"prompt" is not valid Unicode/],
    ['half of a pair in a name', { ...hi, metadata: { '\udc00': 'x' } }, /"metadata\..*" is not valid Unicode/],
    [
      'NUL',
      { messages: [{ role: 'user', content: 'a\0b' }] },
      /^"messages\[0\]\.content" holds a NUL character .* at position 1/,
    ],
    ['arguments that are no object', 'hi', /^The arguments must be an object, not the text "hi"/],
    ['arguments that are a list', [], /^The arguments must be an object, not a list/],
  ])('%s', async (_, args, message) => {
    const error = await refusalOf('complete', args);
    expect(error.code).toBe('invalid_request');
    expect(error.message).toMatch(message);
  });

  it.each([
    ['', /must not be empty/],
    [' ', /must not be empty/],
    ['openai/../secret', /must not hold "\.\."/],
    ['http://169.254.169.254/x', /must not be an address/],
    ['openai/gpt\n5', /control characters/],
    ['openai/\u2028', /control characters/],
    ['openai/\u202e5-tpg', /control characters/],
    ['openai/gpt\u200b-5', /control characters/],
    [`openai/${'x'.repeat(250)}`, /at most 256 bytes/],
    ['é'.repeat(129), /at most 256 bytes/],
  ])('the model name %j', async (model, message) => {
    const error = await refusalOf('complete', { prompt: 'hi', model });
    expect(error.message).toMatch(/^"model"/);
    expect(error.message).toMatch(message);
  });

  it.each(['', 'open/ai', 'x://y', 'a\tb'])('the provider name %j', async (provider) => {
    expect((await refusalOf('complete', { prompt: 'hi', provider })).message).toMatch(/^"provider"/);
  });

  it.each<[string, RegExp]>([
    ['http://10.0.0.1/x.png', /scheme "http:"/],
    ['file:///etc/passwd', /scheme "file:"/],
    ['javascript:alert(1)', /scheme "javascript:"/],
    ['not a url', /is not a URL/],
    ['https://user:pass@example.com/x.png', /user name or password/],
    ['https://example.com/logo.SVG', /is an SVG/],
    [`https://example.com/${'x'.repeat(9_000)}`, /longer than 8192/],
    ['data:image/svg+xml;base64,PHN2Zy8+', /has the type "image\/svg\+xml"/],
    ['data:text/html;base64,PHN2Zy8+', /has the type "text\/html"/],
    ['data:image/png,rawbytes', /without ";base64,"/],
    ['data:image/png;base64', /without ";base64,"/],
    ['data:image/png;base64,', /not valid base64/],
    ['data:image/png;base64,@@@@', /not valid base64/],
    ['data:image/png;base64,iVBORw0KGgo', /not valid base64/],
    [`data:image/png;base64,${JPEG}`, /says image\/png, but its bytes are image\/jpeg/],
    [`data:image/png;base64,${Buffer.from('<svg xmlns="x"/>').toString('base64')}`, /its bytes are image\/svg\+xml/],
  ])('the image %s', async (url, message) => {
    const error = await refusalOf('complete', { prompt: 'hi', images: ['https://example.com/ok.png', url] });
    expect(error).toMatchObject({ code: 'invalid_request' });
    expect(error.message).toMatch(/^"images\[1\]" /);
    expect(error.message).toMatch(message);
  });

  it('a schema nested 10,000 deep, without exhausting the stack', async () => {
    const json_schema = JSON.parse(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`);
    expect((await refusalOf('complete', { prompt: 'hi', json_schema })).message).toMatch(
      /^"json_schema" is nested deeper/,
    );
  });

  it('what is too large, as too_large', async () => {
    const many = Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`key${index}`, 'x'.repeat(20)]));
    const cases = [
      [{ prompt: 'x'.repeat(10 * 1024 * 1024 + 1) }, /^"prompt" has 10,485,761 bytes; at most 10,485,760/],
      [{ prompt: '漢'.repeat(4 * 1024 * 1024) }, /^"prompt" has 12,582,912 bytes/],
      [
        {
          messages: [
            { role: 'user', content: 'x' },
            { role: 'assistant', content: 'y'.repeat(11e6) },
          ],
        },
        /^"messages" has/,
      ],
      [{ prompt: 'hi', metadata: many }, /^"metadata" has .* bytes; at most 16,384/],
      [{ prompt: 'hi', json_schema: { description: 'x'.repeat(300_000) } }, /^"json_schema" has/],
      [
        { prompt: 'hi', images: [`data:image/png;base64,${'A'.repeat(28_000_000)}`] },
        /^"images\[0\]" has more than 20,971,520 bytes/,
      ],
    ] as const;
    for (const [args, message] of cases) {
      const error = await refusalOf('complete', args);
      expect(error.code).toBe('too_large');
      expect(error.message).toMatch(message);
    }
  });

  it('21 images and 10,001 messages', async () => {
    const images = Array.from({ length: 21 }, () => 'https://example.com/x.png');
    expect((await refusalOf('complete', { prompt: 'hi', images })).message).toMatch(
      /^"images" must have at most 20 items, not 21/,
    );
    const messages = Array.from({ length: 10_001 }, () => ({ role: 'user', content: 'x' }));
    expect((await refusalOf('complete', { messages })).message).toMatch(/^"messages" must have at most 10000 items/);
  });

  it('anything at all without failing inside', async () => {
    const key = fc.oneof(
      fc.constantFrom('prompt', 'messages', 'tier', 'images', 'metadata', 'temperature'),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, fc.jsonValue()), async (args) => {
        const { isError, structured } = await runScripted('complete', args);
        const code = isError ? (structured.error as { code: string }).code : 'none';
        expect(['none', 'invalid_request', 'all_failed']).toContain(code);
      }),
      { numRuns: 300 },
    );
  });
});
