import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../src/core/request.ts';
import { runScripted } from './run-scripted.ts';

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').toString('base64');
const JPEG = Buffer.from('ffd8ffe000104a46494600010100', 'hex').toString('base64');

async function requestFor(args: object): Promise<ChatRequest> {
  const { asked, text } = await runScripted('complete', args);
  const first = asked[0];
  if (first?.method !== 'complete') throw new Error(text);
  return first.request;
}

/** A refusal names its field, is no defect, and asks nobody. */
async function refusalOf(tool: string, args: unknown) {
  const { isError, structured, text, asked } = await runScripted(tool, args);
  expect(isError).toBe(true);
  expect(asked).toEqual([]);
  expect(text).toContain('Retry: no');
  const error = structured.error as { code: string; message: string; retryable: boolean; attempts: unknown[] };
  expect(error).toMatchObject({ retryable: false, attempts: [] });
  return error;
}

describe('complete refuses', () => {
  const hi = { prompt: 'hi' };
  it.each<[string, unknown, RegExp]>([
    ['neither prompt nor messages', {}, /^Give "prompt" .* or "messages"/],
    ['both', { ...hi, messages: [{ role: 'user', content: 'x' }] }, /^Give either "prompt" or "messages", not both/],
    ['an empty prompt', { prompt: ' \n' }, /^"prompt" must not be empty/],
    ['a number as prompt', { prompt: 7 }, /^"prompt" must be a text, not 7\./],
    ['no messages', { messages: [] }, /^"messages" needs at least one of role user/],
    ['messages without a user', { messages: [{ role: 'system', content: 'x' }] }, /needs at least one of role user/],
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
    ['null', { ...hi, temperature: null }, /^"temperature" must be a number, not null/],
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
    ['a deadline of 0', { ...hi, deadline_ms: 0 }, /^"deadline_ms" must be more than 0, not 0/],
    ['a deadline of a month', { ...hi, deadline_ms: 3e9 }, /^"deadline_ms" must be at most 86,400,000/],
    ['a negative cost limit', { ...hi, max_cost_usd: -1 }, /^"max_cost_usd" must be more than 0/],
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

  it('anything at all without failing inside, and names at most three faults', async () => {
    const key = fc.oneof(
      fc.constantFrom('prompt', 'messages', 'tier', 'images', 'metadata', 'temperature'),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, fc.jsonValue()), async (args) => {
        const { isError, structured } = await runScripted('complete', args);
        const code = isError ? (structured.error as { code: string }).code : 'none';
        return ['none', 'invalid_request', 'all_failed'].includes(code);
      }),
      { numRuns: 300 },
    );
  });
});

describe('complete passes on', () => {
  it('a prompt with every option', async () => {
    const request = await requestFor({
      prompt: 'hi',
      system: 'be brief',
      model: 'openrouter/meta/llama-3',
      provider: 'openrouter',
      tier: 'simple',
      task: 'code',
      strategy: 'cost',
      max_output_tokens: 100,
      temperature: 0,
      json_schema: { type: 'object', properties: { a: { type: 'number' } } },
      max_cost_usd: 0.15,
      deadline_ms: 1_500.5,
      cache: 'refresh',
      fallback: true,
      metadata: { team: 'core' },
    });
    expect(request).toEqual({
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'be brief' }] },
        { role: 'user', content: [{ type: 'text', text: 'hi' }] },
      ],
      maxOutputTokens: 100,
      temperature: 0,
      responseFormat: {
        type: 'json-schema',
        name: 'answer',
        schema: { type: 'object', properties: { a: { type: 'number' } } },
      },
      routing: {
        model: 'openrouter/meta/llama-3',
        provider: 'openrouter',
        tier: 'simple',
        task: 'code',
        strategy: 'cost',
        costMax: 150_000_000,
        deadlineMs: 1_501,
        cache: 'refresh',
        fallback: true,
      },
      caller: { tenant: 'local', client: 'unit-test' },
      metadata: { team: 'core' },
    });
  });

  it('nothing that was not asked for', async () => {
    expect(await requestFor({ prompt: 'hi', model: 'auto', system: ' ' })).toEqual({
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
      routing: { cache: 'use' },
      caller: { tenant: 'local', client: 'unit-test' },
    });
  });

  it('a conversation, with its images at the last message of the user', async () => {
    const { messages } = await requestFor({
      system: 'first',
      messages: [
        { role: 'system', content: 'second' },
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'two' },
        { role: 'user', content: 'three 😀' },
        { role: 'assistant', content: 'four' },
      ],
      images: [`data:image/PNG;base64,${PNG}`, 'https://example.com/a b.png?x=1'],
    });
    expect(messages.map(({ role, content }) => `${role} ${content.length}`)).toEqual([
      'system 1',
      'system 1',
      'user 1',
      'assistant 1',
      'user 3',
      'assistant 1',
    ]);
    expect(messages[4]?.content).toEqual([
      { type: 'text', text: 'three 😀' },
      { type: 'image', source: { type: 'data', mediaType: 'image/png', base64: PNG } },
      { type: 'image', source: { type: 'url', url: 'https://example.com/a%20b.png?x=1' } },
    ]);
  });

  it('bytes of an unknown look under the type they were given', async () => {
    const { messages } = await requestFor({ prompt: 'x', images: ['data:image/webp;base64,AAAA'] });
    expect(messages[0]?.content[1]).toMatchObject({ source: { mediaType: 'image/webp', base64: 'AAAA' } });
  });

  it('a temperature of minus zero', async () => {
    expect((await requestFor({ prompt: 'x', temperature: -0 })).temperature).toBeCloseTo(0);
  });
});

it('route_preview takes and refuses the same arguments as complete', async () => {
  const { asked } = await runScripted('route_preview', { prompt: 'hi', tier: 'expert' });
  expect(asked).toMatchObject([{ method: 'preview', request: { routing: { tier: 'expert', cache: 'use' } } }]);
  expect((await refusalOf('route_preview', { prompt: 'hi', temperature: 3 })).message).toMatch(/^"temperature"/);
});

describe('the other tools refuse', () => {
  it.each<[string, unknown, RegExp]>([
    ['provider_status', { probe: 'yes' }, /^"probe" must be true or false/],
    ['provider_status', { provider: '../x' }, /^"provider"/],
    ['list_models', { capability: 'visoin' }, /^"capability" must be one of tools, vision, .* did you mean "vision"\?/],
    ['list_models', { query: '' }, /^"query" must not be empty/],
    ['list_models', { limit: 1e9 }, /^Unknown argument "limit"; valid are provider, capability, query/],
    ['embed', {}, /^"input" must be a text or a list of texts, not nothing/],
    ['embed', { input: 7 }, /^"input" must be a text or a list of texts/],
    ['embed', { input: [] }, /^"input" must have at least 1 text/],
    ['embed', { input: ['a', ''] }, /^"input\[1\]" must not be empty/],
    ['embed', { input: Array.from({ length: 65 }, () => 'a') }, /^"input" must have at most 64 texts, not 65/],
    ['cost_report', { period: 'fortnight' }, /^"period" must be one of today, 24h, 7d, 30d, month, all/],
    ['cost_report', { period: '7d', from: '2026-11-01' }, /^Give either "period" or "from" and "to"/],
    ['cost_report', { from: 'yesterday' }, /^"from" is not a date: "yesterday"; give "2026-11-30"/],
    ['cost_report', { from: '2026-02-30' }, /^"from" is not a date/],
    ['cost_report', { to: '2026-11-30T25:00' }, /^"to" is not a date/],
    ['cost_report', { from: "2026-11-01'; DROP TABLE x" }, /^"from" is not a date/],
    [
      'cost_report',
      { from: '2026-11-30', to: '2026-11-29' },
      /^"from" must be before "to": "2026-11-30" is not before "2026-11-29"/,
    ],
    ['cost_report', { from: '2027-01-01' }, /^"from" must be before now/],
    ['cost_report', { baseline: '../x' }, /^"baseline" must not hold "\.\."/],
  ])('%s %j', async (tool, args, message) => {
    expect((await refusalOf(tool, args)).message).toMatch(message);
  });

  it('a tool that does not exist, with the nearest name', async () => {
    const { text, structured } = await runScripted('compleet', {});
    expect(structured.error).toMatchObject({ code: 'not_found' });
    expect(text).toContain('Did you mean "complete"?');
  });
});

describe('cost_report covers', () => {
  const HOUR_MS = 3_600_000;
  it.each<[object, string, string]>([
    [{}, '2026-11-30T00:00:00.000Z', '2026-11-30T12:00:00.000Z'],
    [{ period: '24h' }, '2026-11-29T12:00:00.000Z', '2026-11-30T12:00:00.000Z'],
    [{ period: '30d' }, '2026-10-31T12:00:00.000Z', '2026-11-30T12:00:00.000Z'],
    [{ period: 'month' }, '2026-11-01T00:00:00.000Z', '2026-11-30T12:00:00.000Z'],
    [{ period: 'all' }, '1970-01-01T00:00:00.000Z', '2026-11-30T12:00:00.000Z'],
    [{ from: '2026-11-03', to: '2026-11-03' }, '2026-11-03T00:00:00.000Z', '2026-11-04T00:00:00.000Z'],
    [{ from: '2024-02-29' }, '2024-02-29T00:00:00.000Z', '2026-11-30T12:00:00.000Z'],
    [{ to: '2026-11-03T10:00' }, '1970-01-01T00:00:00.000Z', '2026-11-03T10:00:00.000Z'],
    [
      { from: '2026-11-03T10:00:00+02:00', to: '2026-11-03T10:00:00.5Z' },
      '2026-11-03T08:00:00.000Z',
      '2026-11-03T10:00:00.500Z',
    ],
  ])('%j: %s to %s', async (args, from, to) => {
    const { structured, asked } = await runScripted('cost_report', args);
    expect(structured).toMatchObject({ from, to });
    expect(asked).toMatchObject([{ query: { tenant: 'local', fromMs: Date.parse(from), toMs: Date.parse(to) } }]);
  });

  it('a day of 24 hours, whatever the zone of the machine', async () => {
    const { asked } = await runScripted('cost_report', { from: '2026-03-29', to: '2026-03-29' });
    const first = asked[0];
    expect(first?.method === 'costReport' && first.query.toMs - first.query.fromMs).toBe(24 * HOUR_MS);
  });
});
