import { Client, InMemoryTransport } from '@modelcontextprotocol/client';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { expect, it, onTestFinished } from 'vitest';
import type { AlertBoard } from '../../src/core/alerts.ts';
import type { AlertUpdates } from '../../src/mcp/alerts.ts';
import { createSignalboxServer } from '../../src/mcp/server.ts';
import { createScriptedGateway } from '../support/scripted-gateway.ts';

const URI = 'signalbox://alerts';
const STANDING = {
  name: 'test',
  key: 'groq',
  severity: 'warning',
  metric: 'error_rate',
  limit: 0.2,
  value: 0.5,
  sinceMs: 1_800_000_000_000,
  summary: 'Half of it failed.',
  audience: 'all',
} as const;

/** Alerts that change when a test says so. */
function createBoard() {
  const listeners = new Set<() => void>();
  const board: AlertBoard = {
    report: () => ({
      alerts: [{ ...STANDING, status: 'firing' }],
      recent: [{ ...STANDING, id: '1', type: 'firing', atMs: STANDING.sinceMs }],
    }),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const change = () => {
    for (const listener of listeners) listener();
  };
  return { board, listeners, change };
}

/** The SDK's connection of a client of either era, to our server as it runs over stdio. */
async function connect(mode: 'legacy' | { pin: '2026-07-28' }) {
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const { gateway } = createScriptedGateway();
  const { board, listeners, change } = createBoard();
  const updates: Readonly<Record<'modern' | 'legacy', AlertUpdates>> = { modern: 'always', legacy: 'subscribed' };
  const server = serveStdio(
    ({ era }) =>
      createSignalboxServer({
        gateway,
        enabledTools: () => ['complete'],
        version: '0.0.0-test',
        alerts: { board, updates: updates[era] },
      }),
    { transport: ours },
  );
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  const updated: string[] = [];
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => void updated.push(params.uri));
  await client.connect(theirs);
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  const settled = async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return { client, server, updated, listeners, settled, change };
}

it('a client of the older era hears of alerts from when it subscribes until it does so no more', async () => {
  const { client, updated, change, settled } = await connect('legacy');
  expect(client.getServerCapabilities()?.resources).toMatchObject({ subscribe: true });
  change();
  await settled();
  await client.subscribeResource({ uri: 'signalbox://models' });
  change();
  await settled();
  expect(updated).toEqual([]);
  await client.subscribeResource({ uri: URI });
  change();
  await settled();
  expect(updated).toEqual([URI]);
  await client.unsubscribeResource({ uri: URI });
  change();
  await settled();
  expect(updated).toEqual([URI]);
});

it('a client of 2026-07-28 hears of alerts while it listens to them, and of nothing it did not ask for', async () => {
  const { client, updated, change, settled } = await connect({ pin: '2026-07-28' });
  change();
  const other = await client.listen({ resourceSubscriptions: ['signalbox://models'] });
  change();
  await settled();
  expect(updated).toEqual([]);
  const subscription = await client.listen({ resourceSubscriptions: [URI] });
  change();
  await settled();
  expect(updated).toEqual([URI]);
  await subscription.close();
  await other.close();
  change();
  await settled();
  expect(updated).toEqual([URI]);
});

it.each(['legacy', { pin: '2026-07-28' }] as const)('a connection that ended is forgotten (%j)', async (mode) => {
  const { client, server, listeners, change, settled } = await connect(mode);
  expect(listeners.size).toBeGreaterThan(0);
  await client.close();
  await server.close();
  await settled();
  expect(listeners.size).toBe(0);
  change();
});

it.each(['legacy', { pin: '2026-07-28' }] as const)(
  'the resource says what fires, and since when (%j)',
  async (mode) => {
    const { client } = await connect(mode);
    expect((await client.listResources()).resources.map(({ uri }) => uri)).toContain(URI);
    const { contents } = await client.readResource({ uri: URI });
    const [content] = contents;
    const since = '2027-01-15T08:00:00.000Z';
    const facts = { name: 'test', key: 'groq', severity: 'warning', metric: 'error_rate', limit: 0.2, value: 0.5 };
    expect(JSON.parse(content && 'text' in content ? content.text : '')).toEqual({
      alerts: [{ ...facts, summary: 'Half of it failed.', status: 'firing', since }],
      recent: [{ ...facts, summary: 'Half of it failed.', status: 'firing', id: '1', at: since }],
    });
  },
);
