import { expect, it, onTestFinished } from 'vitest';
import { OPENAI_WIRE } from '../../src/demo/vendors/openai.ts';
import { startFakeUpstream } from '../support/fake-upstream.ts';
import { postChat } from '../support/post-chat.ts';
import { startServe } from '../support/serve.ts';
import { MODEL } from './workplace.ts';

/** 10 MB as it is sent; one character is enough to make each of them two bytes on the heap. */
const PROMPT = `${'lorem ipsum dolor '.repeat(580_000)}😀`;

it('more large prompts at once than the memory takes are told to come back, and the process lives', async () => {
  const upstream = await startFakeUpstream(OPENAI_WIRE, { models: [MODEL] });
  onTestFinished(() => upstream.close());
  const served = await startServe({
    upstreams: [{ id: 'vendor', kind: 'openai', upstream }],
    env: { NODE_OPTIONS: '--max-old-space-size=256' },
    config: { models: { [`vendor/${MODEL}`]: { contextTokens: 10_000_000 } } },
  });
  const ask = async (index: number) => {
    // Who still sends when it is refused may lose its connection before it reads why.
    const response = await postChat(served, `${index} ${PROMPT}`).catch(() => undefined);
    await response?.text();
    return response;
  };
  const answers = await Promise.all(Array.from({ length: 16 }, (_, index) => ask(index)));
  const answered = answers.filter((response) => response !== undefined);
  expect(answered.some(({ status }) => status === 200)).toBe(true);
  for (const { status, headers } of answered.filter((response) => response.status !== 200)) {
    expect([status, Number(headers.get('retry-after')) > 0]).toEqual([503, true]);
  }
  const alone = await ask(99);
  expect(alone?.status).toBe(200);
  expect(await served.stop()).toBe(0);
});
