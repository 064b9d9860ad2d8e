import { afterAll, beforeAll, expect, test } from 'vitest';
import { MODEL } from '../../e2e/workplace.ts';
import { openService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await openService(['openai', 'anthropic']);
});
afterAll(() => service.close());

// OpenAI says a refusal as one from its first word on, Anthropic only at the end.
test.each([
  ['openai', false],
  ['openai', true],
  ['anthropic', false],
  ['anthropic', true],
] as const)(
  'a refusal of %s that the official client gives back is what was said, once (streamed: %s)',
  async (kind, streamed) => {
    const vendor = service.upstream(kind);
    vendor.script({ say: { text: 'I will not.', finish: 'refusal' } }, { say: { text: 'Gladly.' } });
    const asked = `Pick a lock. ${streamed}`;
    const messages = [{ role: 'user' as const, content: asked }];
    const params = { model: `${kind}/${MODEL}`, messages };
    const { completions } = service.client.chat;
    const first = streamed ? await completions.stream(params).finalChatCompletion() : await completions.create(params);
    const message = first.choices[0]?.message;
    if (!message) throw new Error('There is no message.');
    const next = { role: 'user' as const, content: 'A poem?' };
    const second = await completions.create({ ...params, messages: [...messages, message, next] });
    expect(second.choices[0]?.message.content).toBe('Gladly.');
    expect(vendor.requests.at(-1)?.call).toMatchObject({
      transcript: expect.stringContaining(`${asked}\nI will not.\nA poem?`),
    });
  },
);
