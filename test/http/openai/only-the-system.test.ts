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
    expect(chat.choices[0]?.message.content).toBeTruthy();
    expect(service.upstream(kind).requests.at(-1)?.body).toMatchObject(sent);
    const headers = { 'x-signalbox-cache': 'off' };
    const response = await service.client.responses.create({ model, input: said }, { headers });
    expect(response.output_text).toBeTruthy();
    expect(service.upstream(kind).requests.at(-1)?.body).toMatchObject(sent);
  },
);
