import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { startServe } from '../../support/serve.ts';
import { startUpstream } from '../../support/start-upstream.ts';
import { completeCall, modern, open, openSession, post, rpc, sendModern } from './wire.ts';

it('a tool that a reload takes away is neither listed nor called, in open sessions too, and who listens is told', async () => {
  const upstream = await startUpstream();
  const { url, token, dataDir } = await startServe({ upstreams: [{ id: 'first', kind: 'openai', upstream }] });
  const mcp = `${url}/mcp`;
  const session = await openSession(mcp, { token });
  const asked = { id: 1, method: 'subscriptions/listen', params: { notifications: { toolsListChanged: true } } };
  const { body, headers } = modern(asked);
  const leaving = new AbortController();
  const heard = readerOf(await open(mcp, body, { token, headers, signal: leaving.signal }));
  expect(await heard()).toContain('"toolsListChanged":true');

  const configPath = join(dirname(dataDir), 'mcp.config.json');
  const config = JSON.parse(readFileSync(configPath, 'utf8'));
  writeFileSync(configPath, JSON.stringify({ ...config, tools: { enabled: ['route_preview', 'embed'] } }));
  expect(await heard()).toContain('notifications/tools/list_changed');
  leaving.abort();

  const both = (request: Parameters<typeof modern>[0]) => [
    sendModern(mcp, request, { token }),
    post(mcp, rpc(request), { token, session }),
  ];
  for (const answer of await Promise.all(both({ id: 2, method: 'tools/list' }))) {
    const tools: readonly { readonly name: string }[] = answer.messages[0]?.result.tools;
    expect(tools.map(({ name }) => name).toSorted()).toEqual(['embed', 'route_preview']);
  }
  for (const answer of await Promise.all(both(completeCall('And now?', 3)))) {
    expect(answer.messages).toMatchObject([{ id: 3, error: { code: -32602 } }]);
  }
  expect(upstream.requests).toHaveLength(0);
});

/** Gives what came since, as soon as anything came. */
function readerOf({ body }: Response): () => Promise<string> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  return async () => (await reader?.read())?.value ?? '';
}
