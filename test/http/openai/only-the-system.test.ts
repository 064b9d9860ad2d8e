import type { ChatCompletionMessageParam as Said } from 'openai/resources';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MODEL } from '../../e2e/workplace.ts';
import { openService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await openService(['openai', 'anthropic', 'gemini']);
});
afterAll(() => service.close());

const system = (content: string) => ({ role: 'system' as const, content });

test.each([
  ['openai', { messages: [system('Be brief.'), system('Name a fish.')] }],
  [
    'anthropic',
    { system: 'Be brief.', messages: [{ role: 'user', content: [{ type: 'text', text: 'Name a fish.' }] }] },
  ],
  [
    'gemini',
    {
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [{ role: 'user', parts: [{ text: 'Name a fish.' }] }],
    },
  ],
] as const)(
  'what the system alone says is answered by %s, who needs a user hears the last of it as one',
  async (...row) => {
    const [kind, sent] = row;
    const model = `${kind}/${MODEL}`;
    const said = [system('Be brief.'), system('Name a fish.')];
    const chat = await service.client.chat.completions.create({ model, messages: said });
    expect(chat.choices[0]?.message.content).toBe('Hello there.');
    expect(service.upstream(kind).requests.at(-1)?.body).toMatchObject(sent);
    const headers = { 'x-signalbox-cache': 'off' };
    const response = await service.client.responses.create({ model, input: said }, { headers });
    expect(response.output_text).toBe('Hello there.');
    expect(service.upstream(kind).requests.at(-1)?.body).toMatchObject(sent);
  },
);

const call = { id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{}' } } as const;
const LOOP: readonly Said[] = [
  system('Be brief.'),
  system('Name a fish.'),
  { role: 'assistant', tool_calls: [call] },
  { role: 'tool', tool_call_id: 'call_1', content: 'trout' },
];

/** What the vendor was told: its system prompt as JSON, and the roles of the turns. */
async function told(kind: 'anthropic' | 'gemini', messages: readonly Said[]) {
  const tools = [{ type: 'function' as const, function: { name: 'look_up', parameters: { type: 'object' } } }];
  await service.client.chat.completions.create({ model: `${kind}/${MODEL}`, messages: [...messages], tools });
  const body = service.upstream(kind).requests.at(-1)?.body as Record<string, unknown>;
  const turns = (body.messages ?? body.contents) as readonly { readonly role: string }[];
  return { prompt: JSON.stringify(body.system ?? body.systemInstruction), roles: turns.map(({ role }) => role) };
}

test.each([
  ['anthropic', ['user', 'assistant', 'user']],
  ['gemini', ['user', 'model', 'user']],
] as const)("%s hears the same words as the user's in the tool loop that follows", async (kind, expected) => {
  const { prompt, roles } = await told(kind, LOOP);
  expect(roles).toEqual(expected);
  expect(prompt).not.toContain('Name a fish.');
});

test('Gemini, which refuses calls that no user asked for, hears them so after the loop too', async () => {
  const more: readonly Said[] = [
    { role: 'assistant', content: 'A trout.' },
    { role: 'user', content: 'Another.' },
  ];
  const { prompt, roles } = await told('gemini', [...LOOP, ...more]);
  expect(roles).toEqual(['user', 'model', 'user', 'model', 'user']);
  expect(prompt).not.toContain('Name a fish.');
});

test.each([
  ['anthropic', ['assistant', 'user']],
  ['gemini', ['model', 'user']],
] as const)('where a greeting comes before the user, %s hears the system as the system', async (kind, expected) => {
  const greeting: Said = { role: 'assistant', content: 'Hello!' };
  const { prompt, roles } = await told(kind, [system('Name a fish.'), greeting, { role: 'user', content: 'Hi.' }]);
  expect(roles).toEqual(expected);
  expect(prompt).toContain('Name a fish.');
});

test.each([
  ['anthropic', ['user', 'assistant', 'user']],
  ['gemini', ['user', 'model', 'user']],
] as const)('%s hears the same words in the same place where its answer has to be repaired', async (kind, expected) => {
  const upstream = service.upstream(kind);
  upstream.script({ say: { text: 'no JSON' } }, { say: { text: '{"fish":"trout"}' } });
  const format = { type: 'json_object' } as const;
  const messages = [system('Be brief.'), system('Name a fish.')];
  const model = `${kind}/${MODEL}`;
  const answer = await service.client.chat.completions.create({ model, messages, response_format: format });
  expect(answer.choices[0]?.message.content).toBe('{"fish":"trout"}');
  const [asked = [], repaired = []] = upstream.requests.slice(-2).map(({ body }) => {
    const { messages: turns, contents = turns } = body as Record<string, readonly { readonly role: string }[]>;
    return contents;
  });
  expect(repaired.map(({ role }) => role)).toEqual(expected);
  expect(repaired[0]).toEqual(asked[0]);
});
