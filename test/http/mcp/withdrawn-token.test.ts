import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { startInProcess, TEST_SETTINGS } from '../../support/serve.ts';
import { ask, modern, open, openSession, post, rpc } from './wire.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const params = { notifications: { resourceSubscriptions: ['signalbox://alerts'] } };
const PING = rpc({ id: 1, method: 'ping' });
const settingsFor = (values: Readonly<Record<string, string>>) => ({
  ...TEST_SETTINGS,
  tokens: Object.entries(values).map(([value, tenant]) => ({ value, caller: { tenant } })),
});

async function start(values: Readonly<Record<string, string>>) {
  const { url, http } = await startInProcess({ upstreams: [], settings: settingsFor(values) });
  const listen = async (token: string) => {
    const { body, headers } = modern({ id: 1, method: 'subscriptions/listen', params });
    const leaving = new AbortController();
    const response = await open(`${url}/mcp`, body, { token, headers, signal: leaving.signal });
    let hasEnded = false;
    const whole = response.text().then(
      () => {
        hasEnded = true;
      },
      () => {},
    );
    return { whole, hasEnded: () => hasEnded, leave: () => leaving.abort() };
  };
  const reload = (changed: Readonly<Record<string, string>>) => http.apply(settingsFor(changed));
  return { mcp: `${url}/mcp`, listen, reload };
}

it('whoever listens with a token that a reload takes away is cut off, others listen on', async () => {
  const { listen, reload } = await start({ 'old-token-of-anna': 'anna', 'token-of-bert': 'bert' });
  const anna = await listen('old-token-of-anna');
  const bert = await listen('token-of-bert');
  reload({ 'new-token-of-anna': 'anna', 'token-of-bert': 'bert' });
  await anna.whole;
  expect([anna.hasEnded(), bert.hasEnded()]).toEqual([true, false]);
  const again = await listen('new-token-of-anna');
  reload({ 'new-token-of-anna': 'somebody else' });
  await Promise.all([again.whole, bert.whole]);
  expect([again.hasEnded(), bert.hasEnded()]).toEqual([true, true]);
});

it('whoever has listened for long is cut off as well, though much of his request is forgotten by then', async () => {
  const { listen, reload } = await start({ 'token-of-anna': 'anna' });
  const anna = await listen('token-of-anna');
  for (let round = 0; round < 10; round += 1) {
    await delay(20);
    collectGarbage();
  }
  reload({ 'token-of-bert': 'bert' });
  await anna.whole;
  expect(anna.hasEnded()).toBe(true);
});

it('a reload that changes no token cuts nobody off', async () => {
  const { listen, reload } = await start({ 'token-of-anna': 'anna' });
  const anna = await listen('token-of-anna');
  reload({ 'token-of-anna': 'anna', 'token-of-bert': 'bert' });
  const bert = await listen('token-of-bert');
  reload({ 'token-of-anna': 'anna' });
  await bert.whole;
  expect(anna.hasEnded()).toBe(false);
  anna.leave();
});

it('a reload cuts nobody off where no token is needed', async () => {
  const settings = { tokens: 'open' } as const;
  const { url, http } = await startInProcess({ upstreams: [], settings });
  const session = await openSession(`${url}/mcp`);
  http.apply({ ...TEST_SETTINGS, ...settings });
  expect((await post(`${url}/mcp`, PING, { session })).status).toBe(200);
});

it('sessions end with the last token of their tenant, and not before', async () => {
  const { mcp, reload } = await start({ 'old-token-of-anna': 'anna', 'token-of-bert': 'bert' });
  const anna = await openSession(mcp, { token: 'old-token-of-anna' });
  const bert = await openSession(mcp, { token: 'token-of-bert' });
  reload({ 'new-token-of-anna': 'anna' });
  reload({ 'new-token-of-anna': 'anna', 'token-of-bert': 'bert' });
  expect((await post(mcp, PING, { token: 'new-token-of-anna', session: anna })).status).toBe(200);
  expect((await post(mcp, PING, { token: 'token-of-bert', session: bert })).status).toBe(404);
  expect((await ask(mcp, 'DELETE', { token: 'new-token-of-anna', session: anna })).status).toBe(200);
});
