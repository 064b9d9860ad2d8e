import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { model, partsOf } from '../support/gateway.ts';
import { answer, createScriptedProvider } from '../support/scripted-provider.ts';
import { gatewayOf } from './gateway-pair.ts';

const STREAMS = 10_000;
const AT_ONCE = 50;

it('ten thousand streams, a fifth of them left early, leave no listener, timer or pending row', async () => {
  const provider = createScriptedProvider('only', ({ messages }) => {
    const begin = [{ type: 'sent' }, { type: 'text-delta', text: 'one ' }] as const;
    return JSON.stringify(messages).includes('stuck')
      ? [...begin, { type: 'hang' }]
      : [...begin, ...answer('two').slice(1)];
  });
  const { stream, books, store, gateway, events } = await gatewayOf({
    providers: [provider],
    models: [model('only/m')],
  });
  const server = new AbortController();
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const calls = { begun: 0, left: 0 };
  async function serve(): Promise<void> {
    while (calls.begun < STREAMS) {
      calls.begun += 1;
      const leaves = calls.begun % 5 === 0;
      const opened = await stream(
        `${leaves ? 'stuck' : 'number'} ${calls.begun}`,
        { cache: 'off' },
        { signal: server.signal },
      );
      if (!leaves) await partsOf(opened);
      else for await (const _ of opened.parts) break;
      if (leaves) calls.left += 1;
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, serve));
  await gateway.drain();
  expect(calls).toEqual({ begun: STREAMS, left: STREAMS / 5 });
  expect(events).toHaveLength(STREAMS);
  expect(getEventListeners(server.signal, 'abort')).toEqual([]);
  for (const { context } of provider.calls)
    expect(getEventListeners(context.signal, 'abort').length).toBeLessThanOrEqual(1);
  expect(timers()).toBeLessThanOrEqual(before);
  await books();
  const rows = await store.ledger.recentRequests({ limit: STREAMS });
  expect(rows).toHaveLength(STREAMS);
  expect(rows.filter(({ status }) => status === undefined)).toEqual([]);
  expect(rows.filter(({ status }) => status === 'cancelled')).toHaveLength(STREAMS / 5);
  expect(rows.flatMap(({ attempts }) => attempts).filter(({ status }) => status === 'pending')).toEqual([]);
});
