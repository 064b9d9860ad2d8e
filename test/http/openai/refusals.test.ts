import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MODEL } from '../../e2e/workplace.ts';
import { expectRefusal, type Refusal } from './expect-refusal.ts';
import { openService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await openService(['openai']);
});
afterAll(() => service.close());

/** Whatever is refused reaches nobody and is no request in the books. */
afterEach(async () => {
  expect(service.receivedCount()).toBe(0);
  expect(await service.app.gateway.requestLog({ limit: 10 })).toEqual([]);
});

const user = { role: 'user', content: 'Hello?' };
const ask = { model: `openai/${MODEL}`, messages: [user] };
const tool = (name: string, parameters: object = { type: 'object', properties: {} }) => ({
  type: 'function',
  function: { name, parameters },
});
const calling = (id: string) => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name: 'look', arguments: '{}' } }],
});
const png = Buffer.from('\x89PNG\r\n\x1a\n0000', 'latin1').toString('base64');
const image = (url: string) => ({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] });
const IMAGE = 'messages[0].content[0].image_url.url';
const parameters = 'tools[0].function.parameters';
const BEGUN = '{"model":"auto","messages":[{"role":"user","content":"x"}],';
const TOOL = JSON.stringify(tool('look', { minProperties: 0 }));

const REFUSALS: readonly (readonly [name: string, more: object, refusal: Refusal])[] = [
  ['an unknown field', { Temperature: 1 }, { param: 'Temperature', says: /Did you mean "temperature"\?/ }],
  ['a key of the caller', { api_key: 'sk-1' }, { param: 'api_key' }],
  ['an address of the caller', { base_url: 'http://evil.example' }, { param: 'base_url' }],
  ['a model that is no text', { model: 5 }, { param: 'model' }],
  ['no messages', { messages: undefined }, { param: 'messages', says: /required/ }],
  ['an empty list of messages', { messages: [] }, { param: 'messages' }],
  ['messages that are a text', { messages: 'Hello?' }, { param: 'messages', says: /a list, not the text "Hello\?"/ }],
  ['only blank messages of the system', { messages: [{ role: 'system', content: ' ' }] }, { param: 'messages' }],
  ['an unknown role', { messages: [{ role: 'robot', content: 'x' }] }, { param: 'messages[0].role' }],
  [
    'the role function',
    { messages: [{ role: 'function', name: 'f', content: 'x' }] },
    { param: 'messages[0].role', says: /tool_call_id/ },
  ],
  [
    'an unknown content part',
    { messages: [{ role: 'user', content: [{ type: 'video', url: 'x' }] }] },
    { param: 'messages[0].content[0].type' },
  ],
  [
    'audio',
    { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }] },
    { param: 'messages[0].content[0].type', says: /transcript/ },
  ],
  [
    'a file',
    { messages: [{ role: 'user', content: [{ type: 'file', file: {} }] }] },
    { param: 'messages[0].content[0].file.file_data' },
  ],
  ['a blank question', { messages: [{ role: 'user', content: ' \n' }] }, { param: 'messages[0].content' }],
  ['a question that is null', { messages: [{ role: 'user', content: null }] }, { param: 'messages[0].content' }],
  [
    'an unknown field of a message',
    { messages: [{ ...user, Content: 'x' }] },
    { param: 'messages[0].Content', says: /Did you mean "content"/ },
  ],
  [
    'an assistant who says nothing',
    { messages: [user, { role: 'assistant', content: null }] },
    { param: 'messages[1].content' },
  ],
  [
    'a function_call of old',
    { messages: [user, { role: 'assistant', content: 'x', function_call: { name: 'f', arguments: '' } }] },
    { param: 'messages[1].function_call' },
  ],
  ['a temperature in quotes', { temperature: '0.7' }, { param: 'temperature', says: /not the text "0\.7"/ }],
  ['a temperature of true', { temperature: true }, { param: 'temperature' }],
  ['a temperature in a list', { temperature: [1] }, { param: 'temperature' }],
  ['a temperature above 2', { temperature: 2.01 }, { param: 'temperature' }],
  ['a temperature below 0', { temperature: -0.1 }, { param: 'temperature' }],
  ['a top_p below 0', { top_p: -0.1 }, { param: 'top_p' }],
  ['a presence penalty of 3', { presence_penalty: 3 }, { param: 'presence_penalty' }],
  ['a frequency penalty of -3', { frequency_penalty: -3 }, { param: 'frequency_penalty' }],
  ['max_tokens of 0', { max_tokens: 0 }, { param: 'max_tokens' }],
  ['max_tokens of -1', { max_tokens: -1 }, { param: 'max_tokens' }],
  ['max_tokens of a billion', { max_tokens: 1e9 }, { param: 'max_tokens' }],
  ['half a token', { max_completion_tokens: 1.5 }, { param: 'max_completion_tokens' }],
  ['both limits', { max_tokens: 5, max_completion_tokens: 5 }, { param: 'max_completion_tokens', says: /max_tokens/ }],
  ['an unsafe seed', { seed: 2 ** 53 + 1 }, { param: 'seed' }],
  ['n of 0', { n: 0 }, { param: 'n' }],
  ['n of a million', { n: 1_000_000 }, { param: 'n', says: /from 1 to 128/ }],
  ['five stops', { stop: ['a', 'b', 'c', 'd', 'e'] }, { param: 'stop' }],
  ['an empty stop', { stop: '' }, { param: 'stop' }],
  ['an empty stop among others', { stop: ['a', ''] }, { param: 'stop[1]' }],
  ['a stop that is a number', { stop: 5 }, { param: 'stop' }],
  [
    '301 biases',
    { logit_bias: Object.fromEntries(Array.from({ length: 301 }, (_, at) => [at, 1])) },
    { param: 'logit_bias' },
  ],
  ['a bias of 101', { logit_bias: { 5: 101 } }, { param: 'logit_bias.5' }],
  ['a bias of a word', { logit_bias: { word: 1 } }, { param: 'logit_bias.word' }],
  ['stream_options without a stream', { stream_options: { include_usage: true } }, { param: 'stream_options' }],
  ['unknown stream_options', { stream: true, stream_options: { usage: true } }, { param: 'stream_options.usage' }],
  [
    'obfuscation',
    { stream: true, stream_options: { include_obfuscation: true } },
    { param: 'stream_options.include_obfuscation' },
  ],
  ['stream in quotes', { stream: 'true' }, { param: 'stream' }],
  ['log probabilities', { logprobs: true }, { param: 'logprobs' }],
  ['top log probabilities', { top_logprobs: 3 }, { param: 'top_logprobs' }],
  ['storing', { store: true }, { param: 'store' }],
  ['spoken answers', { modalities: ['text', 'audio'] }, { param: 'modalities[1]' }],
  ['a voice', { audio: { voice: 'ash', format: 'mp3' } }, { param: 'audio' }],
  ['a prediction', { prediction: { type: 'content', content: 'x' } }, { param: 'prediction' }],
  ['web search', { web_search_options: {} }, { param: 'web_search_options', says: /tools/ }],
  ['moderation', { moderation: { model: 'omni' } }, { param: 'moderation' }],
  ['functions', { functions: [{ name: 'f' }] }, { param: 'functions', says: /"tools"/ }],
  ['function_call', { function_call: 'auto' }, { param: 'function_call', says: /"tool_choice"/ }],
  [
    'a service tier nobody is told of',
    { service_tier: 'flex' },
    { param: 'service_tier', says: /unsupportedParameters/ },
  ],
  ['an unknown verbosity', { verbosity: 'none' }, { param: 'verbosity' }],
  ['an unknown effort', { reasoning_effort: 'hgih' }, { param: 'reasoning_effort' }],
  ['metadata in a list', { metadata: ['a'] }, { param: 'metadata' }],
  ['nested metadata', { metadata: { a: { b: 'c' } } }, { param: 'metadata.a' }],
  [
    '17 metadata',
    { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`k${at}`, 'v'])) },
    { param: 'metadata' },
  ],
  ['17 KB of metadata', { metadata: { a: 'x'.repeat(17_000) } }, { param: 'metadata', status: 413 }],
  ['no tool', { tools: [] }, { param: 'tools' }],
  [
    '129 tools',
    { tools: Array.from({ length: 129 }, (_, at) => tool(`tool_${at}`)) },
    { param: 'tools', says: /1 to 128/ },
  ],
  ['two tools of one name', { tools: [tool('look'), tool('look')] }, { param: 'tools[1].function.name' }],
  ['a tool with a blank in its name', { tools: [tool('look up')] }, { param: 'tools[0].function.name' }],
  ['a tool of 65 letters', { tools: [tool('x'.repeat(65))] }, { param: 'tools[0].function.name' }],
  ['a custom tool without a name', { tools: [{ type: 'custom', custom: {} }] }, { param: 'tools[0].custom.name' }],
  ['a schema that is no object', { tools: [tool('look', { type: 'string' })] }, { param: `${parameters}.type` }],
  [
    'a remote reference',
    { tools: [tool('look', { properties: { a: { $ref: 'https://evil.example/a.json' } } })] },
    { param: parameters, says: /within the schema/ },
  ],
  [
    'a reference to itself',
    { tools: [tool('look', { properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { $ref: '#/$defs/a' } } })] },
    { param: parameters, says: /back to itself/ },
  ],
  [
    'a reference to nothing',
    { tools: [tool('look', { properties: { a: { $ref: '#/$defs/a' } } })] },
    { param: parameters, says: /nowhere/ },
  ],
  [
    'a bad pattern',
    { tools: [tool('look', { properties: { a: { type: 'string', pattern: '(' } } })] },
    { param: parameters },
  ],
  [
    'a schema of a megabyte',
    { tools: [tool('look', { description: 'x'.repeat(1_048_576) })] },
    { param: parameters, says: /larger/ },
  ],
  ['a choice without tools', { tool_choice: 'required' }, { param: 'tool_choice' }],
  [
    'a choice of another tool',
    { tools: [tool('look')], tool_choice: { type: 'function', function: { name: 'see' } } },
    { param: 'tool_choice', says: /look/ },
  ],
  [
    'allowed tools that are not told',
    { tools: [tool('look')], tool_choice: { type: 'allowed_tools', allowed_tools: {} } },
    { param: 'tool_choice.allowed_tools.mode' },
  ],
  ['an unknown choice', { tools: [tool('look')], tool_choice: 'any' }, { param: 'tool_choice' }],
  ['parallel calls without tools', { parallel_tool_calls: false }, { param: 'parallel_tool_calls' }],
  [
    'a result without a call',
    { messages: [user, { role: 'tool', tool_call_id: 'c1', content: 'x' }] },
    { param: 'messages[1]', says: /c1/ },
  ],
  [
    'a call without a result, by its place among all that was sent',
    { messages: [{ role: 'system', content: '' }, user, calling('c1'), user] },
    { param: 'messages[2]', says: /^messages\[2\] .*result is missing/ },
  ],
  [
    'a result too late',
    { messages: [user, calling('c1'), user, { role: 'tool', tool_call_id: 'c1', content: 'x' }] },
    { param: 'messages[1]' },
  ],
  [
    'a result twice',
    {
      messages: [user, calling('c1'), ...['x', 'y'].map((content) => ({ role: 'tool', tool_call_id: 'c1', content }))],
    },
    { param: 'messages[3]' },
  ],
  [
    'audio in a result',
    { messages: [user, calling('c1'), { role: 'tool', tool_call_id: 'c1', content: [{ type: 'input_audio' }] }] },
    { param: 'messages[2].content[0].type' },
  ],
  ['an image in bad base64', image('data:image/png;base64,@@@'), { param: IMAGE, says: /base64/ }],
  [
    'an image of the wrong type',
    image(`data:image/jpeg;base64,${png}`),
    { param: IMAGE, says: /its bytes are image\/png/ },
  ],
  ['an SVG', image('data:image/svg+xml;base64,PHN2Zy8+'), { param: IMAGE }],
  ['an image of 21 MB', image(`data:image/png;base64,${'A'.repeat(28 * 1_048_576)}`), { param: IMAGE, status: 413 }],
  ['an image in a file', image('file:///etc/passwd'), { param: IMAGE, says: /file:/ }],
  ['an image over http', image('http://example.com/a.png'), { param: IMAGE }],
  ['an image at a private address', image('https://10.0.0.1/a.png'), { param: IMAGE, says: /private/ }],
  ['an image at this machine', image('https://0x7f.1/a.png'), { param: IMAGE }],
  ['an unknown format', { response_format: { type: 'xml' } }, { param: 'response_format.type' }],
  [
    'a format without a schema',
    { response_format: { type: 'json_schema', json_schema: { name: 'a' } } },
    { param: 'response_format.json_schema.schema' },
  ],
  [
    'a format without a name',
    { response_format: { type: 'json_schema', json_schema: { schema: {} } } },
    { param: 'response_format.json_schema.name' },
  ],
  [
    'a schema of a list',
    { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'array' } } } },
    { param: 'response_format.json_schema.schema.type' },
  ],
  [
    'a schema with a remote reference',
    { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { $ref: 'https://evil.example/' } } } },
    { param: 'response_format.json_schema.schema' },
  ],
  ['an unknown model', { model: 'openai/model-under-tset' }, { param: 'model', status: 404, says: new RegExp(MODEL) }],
  ['a model with two dots', { model: 'openai/../x' }, { param: 'model' }],
  ['a model that is an address', { model: 'https://evil.example/x' }, { param: 'model' }],
  ['a model with a line break', { model: 'openai/x\nx' }, { param: 'model' }],
  ['a model of 257 bytes', { model: `openai/${'x'.repeat(250)}` }, { param: 'model' }],
  ['an empty model', { model: '' }, { param: 'model' }],
  ['an unknown strategy', { model: 'auto:cheapest' }, { param: 'model' }],
  ['an unknown tier', { model: 'tier:huge' }, { param: 'model' }],
];

describe('POST /v1/chat/completions refuses', () => {
  test.each(REFUSALS)('%s', async (_name, more, refusal) => {
    await expectRefusal(await service.post('/v1/chat/completions', { ...ask, ...more }), refusal);
    await expectRefusal(
      await service.post('/v1/chat/completions', {
        stream: true,
        ...ask,
        ...('stream_options' in more ? { stream: undefined } : {}),
        ...more,
      }),
      refusal,
    );
  });

  test.each([
    ['no JSON', '{"model": "auto"', null],
    ['nothing', '', null],
    ['a list', '[]', null],
    ['null', 'null', null],
    ['a model twice', '{"model":"auto","model":"b","messages":[]}', 'model'],
    ['a number beyond all', `${BEGUN}"temperature":1e999}`, 'temperature'],
    ['such a number in a schema', `${BEGUN}"tools":[${TOOL.replace('0', '1e999')}]}`, parameters],
    ['a prototype', '{"__proto__":{"model":"auto"}}', '__proto__'],
    ['half a surrogate pair', '{"model":"auto","messages":[{"role":"user","content":"\\ud800"}]}', null],
    ['nesting without end', `{"model":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, null],
  ])('a body that is %s', async (_name, body, param) => {
    await expectRefusal(await service.post('/v1/chat/completions', body), { param });
  });

  test('a provider that nobody configured, naming the header that asked for it', async () => {
    const response = await service.post('/v1/chat/completions', ask, { 'x-signalbox-provider': 'nobody' });
    await expectRefusal(response, { param: 'x-signalbox-provider', status: 404, says: /nobody/ });
  });

  test('a hint of the headers it does not know', async () => {
    const response = await service.post('/v1/chat/completions', ask, { 'x-signalbox-base-url': 'http://evil.example' });
    await expectRefusal(response, { param: 'x-signalbox-base-url' });
  });
});
