import { expect, it } from 'vitest';
import { PROVIDER_KINDS } from '../../../src/core/model.ts';
import { MODEL } from '../../e2e/workplace.ts';
import { startClock } from '../../support/given-time.ts';
import { MCP_CLIENTS } from '../../support/mcp-clients.ts';
import { postChat } from '../../support/post-chat.ts';
import { startServe } from '../../support/serve.ts';
import { startUpstream } from '../../support/start-upstream.ts';

it('the program serves every MCP client, and ends although they are still connected', async () => {
  const upstream = await startUpstream();
  const { url, token, stop } = await startServe({ upstreams: [{ id: 'first', kind: 'openai', upstream }] });
  const clients = await Promise.all(MCP_CLIENTS.map(([, connect]) => connect({ url: `${url}/mcp`, token })));
  for (const [number, client] of clients.entries()) {
    expect((await client.tools()).map(({ name }) => name)).toContain('complete');
    const { structuredContent } = await client.call('complete', { prompt: `client ${number}` });
    expect(structuredContent).toMatchObject({ text: 'Hello there.', model: `first/${MODEL}`, cached: false });
  }
  await expect(MCP_CLIENTS[0]?.[1]({ url: `${url}/mcp`, token: 'wrong' })).rejects.toThrow(/401/);
  const elapsedMs = startClock();
  expect(await stop()).toBe(0);
  expect(elapsedMs()).toBeLessThan(10_000);
  await Promise.all(clients.map((client) => client.close().catch(() => {})));
});

it('every kind of provider answers over MCP as over the other APIs of the same process', async () => {
  const upstreams = await Promise.all(
    PROVIDER_KINDS.map(async (kind) => ({
      id: kind,
      kind,
      upstream: await startUpstream(kind),
    })),
  );
  const service = await startServe({ upstreams, config: { cache: { enabled: false } } });
  for (const [name, connect] of MCP_CLIENTS) {
    const client = await connect({ url: `${service.url}/mcp`, token: service.token });
    for (const kind of PROVIDER_KINDS) {
      const model = `${kind}/${MODEL}`;
      const { structuredContent } = await client.call('complete', { prompt: `${name} asks`, model });
      expect(structuredContent, model).toMatchObject({ text: 'Hello there.', model });
      for (const stream of [false, true]) {
        const answer = await postChat(service, 'And now?', { model, stream });
        expect(await answer.text(), model).toContain(stream ? '[DONE]' : 'Hello there.');
      }
    }
    await client.close();
  }
});
