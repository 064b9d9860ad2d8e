import { expect, it } from 'vitest';
import { ask, completeCall, open, openSession, post, rpc } from '../http/mcp/wire.ts';
import type { Step } from '../support/fake-upstream.ts';
import { postChat } from '../support/post-chat.ts';
import { startServe } from '../support/serve.ts';
import { startUpstream } from '../support/start-upstream.ts';
import { MODEL } from './workplace.ts';

/** 10 MB as it is sent; one character is enough to make each of them two bytes on the heap. */
const PROMPT = `${'lorem ipsum dolor '.repeat(580_000)}😀`;

async function startSmall() {
  const upstream = await startUpstream();
  const served = await startServe({
    upstreams: [{ id: 'vendor', kind: 'openai', upstream }],
    env: { NODE_OPTIONS: '--max-old-space-size=256' },
    config: { models: { [`vendor/${MODEL}`]: { contextTokens: 10_000_000 } } },
  });
  return { upstream, served };
}

it('more large prompts at once than the memory takes are told to come back, and the process lives', async () => {
  const { served } = await startSmall();
  const sendPrompt = async (index: number) => {
    // Who still sends when it is refused may lose its connection before it reads why.
    const response = await postChat(served, `${index} ${PROMPT}`).catch(() => undefined);
    await response?.text();
    return response;
  };
  const answers = await Promise.all(Array.from({ length: 16 }, (_, index) => sendPrompt(index)));
  const answered = answers.filter((response) => response !== undefined);
  expect(answered.some(({ status }) => status === 200)).toBe(true);
  for (const { status, headers } of answered.filter((response) => response.status !== 200)) {
    expect([status, Number(headers.get('retry-after')) > 0]).toEqual([503, true]);
  }
  const alone = await sendPrompt(99);
  expect(alone?.status).toBe(200);
  expect(await served.stop()).toBe(0);
});

it('calls of an MCP session whose client has gone keep the room of their prompts until they are over', async () => {
  const { upstream, served } = await startSmall();
  upstream.script(...Array.from({ length: 16 }, (): Step => ({ fault: { type: 'stall-before-headers' } })));
  const { token } = served;
  const url = `${served.url}/mcp`;
  const session = await openSession(url, { token });
  const callAndGo = async (id: number) => {
    const abort = new AbortController();
    const { status } = await open(url, rpc(completeCall(PROMPT, id)), { token, session, signal: abort.signal });
    abort.abort();
    return status;
  };
  const ids = Array.from({ length: 8 }, (_, index) => index);
  const statuses: number[] = [];
  for (const id of ids) statuses.push(await callAndGo(id));
  expect([statuses.at(0), statuses.at(-1)]).toEqual([200, 503]);
  for (const requestId of ids) {
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } };
    await post(url, cancelled, { token, session });
  }
  // Sooner than their own limits would end them.
  await expect.poll(() => callAndGo(99), { timeout: 10_000 }).toBe(200);
  await ask(url, 'DELETE', { token, session });
  expect(await served.stop()).toBe(0);
});
