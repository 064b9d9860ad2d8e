import { expect, it } from 'vitest';
import { startInProcess, startServe } from '../../support/serve.ts';
import { modern, open, post } from './wire.ts';

const params = { notifications: { resourceSubscriptions: ['signalbox://alerts'] } };

it('one tenant that listens as often as it may leaves places to others, and gets its own back', async () => {
  const tokens = ['anna', 'bert'].map((tenant) => ({ value: `token-of-${tenant}`, caller: { tenant } }));
  const { url } = await startInProcess({ upstreams: [], settings: { tokens } });
  const listen = async (tenant: string) => {
    const { body, headers } = modern({ id: 1, method: 'subscriptions/listen', params });
    const leaving = new AbortController();
    const response = await open(`${url}/mcp`, body, { token: `token-of-${tenant}`, headers, signal: leaving.signal });
    return { response, leave: () => leaving.abort() };
  };
  const held = [];
  let last = await listen('anna');
  for (; last.response.headers.get('content-type') === 'text/event-stream'; last = await listen('anna'))
    held.push(last);
  expect(held).toHaveLength(250);
  expect([last.response.status, last.response.headers.get('retry-after')]).toEqual([429, '30']);
  expect(await last.response.json()).toMatchObject({
    id: 1,
    error: { code: -32000, message: expect.stringContaining('listen already') },
  });
  const other = await listen('bert');
  expect(other.response.headers.get('content-type')).toBe('text/event-stream');

  held.pop()?.leave();
  let again = await listen('anna');
  while (again.response.status !== 200) again = await listen('anna');
  for (const { leave } of [...held, other, again]) leave();
});

it('whoever listens leaves the room that its request took, however large that was, to the requests of others', async () => {
  // Room for the bodies of all requests: 8 MiB.
  const { url, token } = await startServe({ upstreams: [], env: { NODE_OPTIONS: '--max-old-space-size=128' } });
  const large = ({ body, headers }: ReturnType<typeof modern>) =>
    [`${url}/mcp`, JSON.stringify(body) + ' '.repeat(6 * 1_048_576), { token, headers }] as const;
  const listens = await open(...large(modern({ id: 1, method: 'subscriptions/listen', params })));
  expect((await post(...large(modern({ id: 2, method: 'tools/list' })))).status).toBe(200);
  await listens.body?.cancel();
});
