import { expect, it, onTestFinished } from 'vitest';
import { MODEL, WIRES } from '../../e2e/workplace.ts';
import { INITIALIZE } from '../../mcp/spawn-server.ts';
import { startFakeUpstream } from '../../support/fake-upstream.ts';
import { startInProcess } from '../../support/serve.ts';
import { completeCall, messagesIn, open, post, rpc } from './wire.ts';

it('a call whose question the client has not answered is answered, as failed, when the server ends', async () => {
  const upstream = await startFakeUpstream(WIRES.openai, { models: [MODEL] });
  onTestFinished(upstream.close);
  const { url, token, http } = await startInProcess({
    upstreams: [{ id: 'first', kind: 'openai', upstream }],
    config: { budgets: [{ name: 'tiny', limitUsd: 0.000_001, onReached: 'ask' }] },
  });
  const mcp = `${url}/mcp`;
  const handshake = { ...INITIALIZE, params: { ...INITIALIZE.params, capabilities: { elicitation: {} } } };
  const session = (await post(mcp, handshake, { token })).headers.get('mcp-session-id') ?? '';
  const { body } = await open(mcp, rpc(completeCall('May I?', 7)), { token, session });
  const text = body?.pipeThrough(new TextDecoderStream()) ?? [];
  let said = '';
  let ended: Promise<unknown> | undefined;
  for await (const chunk of text) {
    said += chunk;
    if (said.includes('elicitation/create')) ended ??= http.close(0);
  }
  await ended;
  const answer = messagesIn(said).at(-1);
  expect(answer).toMatchObject({ id: 7, result: { isError: true } });
  expect(JSON.stringify(answer)).toContain('shutting down');
  expect(upstream.requests).toHaveLength(0);
});
