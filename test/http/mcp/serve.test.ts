import { expect, it, onTestFinished } from 'vitest';
import { MODEL, WIRES } from '../../e2e/workplace.ts';
import { startFakeUpstream } from '../../support/fake-upstream.ts';
import { MCP_CLIENTS } from '../../support/mcp-clients.ts';
import { startServe } from '../../support/serve.ts';

it('the program serves every MCP client, and ends although they are still connected', async () => {
  const upstream = await startFakeUpstream(WIRES.openai, { models: [MODEL] });
  onTestFinished(upstream.close);
  const { url, token, stop } = await startServe({ upstreams: [{ id: 'first', kind: 'openai', upstream }] });
  const clients = await Promise.all(MCP_CLIENTS.map(([, connect]) => connect({ url: `${url}/mcp`, token })));
  for (const [number, client] of clients.entries()) {
    expect((await client.tools()).map(({ name }) => name)).toContain('complete');
    const { structuredContent } = await client.call('complete', { prompt: `client ${number}` });
    expect(structuredContent).toMatchObject({ text: 'Hello there.', model: `first/${MODEL}`, cached: false });
  }
  await expect(MCP_CLIENTS[0]?.[1]({ url: `${url}/mcp`, token: 'wrong' })).rejects.toThrow();
  const startMs = performance.now();
  expect(await stop()).toBe(0);
  expect(performance.now() - startMs).toBeLessThan(10_000);
  await Promise.all(clients.map((client) => client.close().catch(() => {})));
});
