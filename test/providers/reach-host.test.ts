import dns, { type LookupAddress } from 'node:dns';
import { createServer } from 'node:http';
import { isIPv4, Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startFullServer } from '../support/full-server.ts';
import { serve } from '../support/local-server.ts';
import { fetchOf, transportOf } from '../support/transport.ts';
import { failureOf } from './answers.ts';

/** What the system says to a name; silent about what is not here. */
function dnsSays(names: Readonly<Record<string, readonly string[]>>) {
  const lookup = vi.spyOn(dns, 'lookup').mockImplementation(((name: string, _options: object, done: Answer) => {
    const found = names[name]?.map((address) => ({ address, family: isIPv4(address) ? 4 : 6 }));
    if (found) setImmediate(done, null, found);
  }) as unknown as typeof dns.lookup);
  onTestFinished(() => lookup.mockRestore());
  return lookup;
}

type Answer = (error: null, found: readonly LookupAddress[]) => void;

const HOST = 'api.vendor.example';

describe('a host of several addresses', () => {
  it.runIf(process.platform === 'linux')(
    'is reached at one that answers late although the last one refuses',
    async () => {
      const { port, letGo } = await startFullServer();
      dnsSays({ [HOST]: ['127.0.0.1', '::1'] });
      const call = fetchOf(transportOf({ connectMs: 10_000 }))(`http://${HOST}:${port}/`);
      setTimeout(letGo, 500);
      expect(await (await call).json()).toEqual({ ok: true });
    },
  );

  it.runIf(process.platform === 'linux')('is reached at the next when one does not answer', async () => {
    const { port } = await startFullServer();
    const other = createServer((_request, response) => void response.end('{"ok":true}')).listen(port, '127.0.0.2');
    onTestFinished(() => void other.close());
    dnsSays({ [HOST]: ['127.0.0.1', '127.0.0.2'] });
    const send = fetchOf(transportOf());
    expect(await (await send(`http://${HOST}:${port}/`)).json()).toEqual({ ok: true });
  });

  it('is reached at the next when one refuses, and is refused when all do', async () => {
    const url = await serve((_request, response) => void response.end('{"ok":true}'));
    dnsSays({ [HOST]: ['127.0.0.9', '::1', '127.0.0.1'], 'none.example': ['127.0.0.1', '::1'] });
    const send = fetchOf(transportOf());
    expect(await (await send(url.replace('127.0.0.1', HOST))).json()).toEqual({ ok: true });
    expect((await failureOf(send('http://none.example:1/'))).message).toMatch(/the connection was refused/);
  });
});

describe('a name that DNS is silent about', () => {
  it('is told as that', async () => {
    dnsSays({});
    const error = await failureOf(fetchOf(transportOf({ connectMs: 100 }))(`http://${HOST}/`));
    expect(error).toMatchObject({ code: 'provider_unavailable', retrySame: 'no' });
    expect(error.message).toMatch(/cannot reach api\.vendor\.example: DNS does not answer/);
  });

  it('is asked for once at a time, since the system asks for few at once', async () => {
    const lookup = dnsSays({});
    const send = fetchOf(transportOf({ connectMs: 100 }));
    const calls = Array.from({ length: 9 }, () => failureOf(send(`http://${HOST}/`)));
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(Array(9).fill('provider_unavailable'));
    expect(lookup).toHaveBeenCalledTimes(1);
  });

  it('is asked for again once that is over', async () => {
    const url = await serve((_request, response) => void response.end('{"ok":true}'));
    const lookup = dnsSays({ [HOST]: [] });
    const send = fetchOf(transportOf());
    const address = url.replace('127.0.0.1', HOST);
    expect((await failureOf(send(address))).message).toMatch(/its name is unknown to DNS/);
    lookup.mockRestore();
    dnsSays({ [HOST]: ['127.0.0.1'] });
    expect(await (await send(address)).json()).toEqual({ ok: true });
  });
});

describe('a connection that is silent', () => {
  it.each(['http', 'https'])('to %s is asked after by the system, long before the end of a call', async (scheme) => {
    const asked = vi.spyOn(Socket.prototype, 'setKeepAlive');
    onTestFinished(() => asked.mockRestore());
    const url = await serve((_request, response) => void response.end('{"ok":true}'));
    await fetchOf(transportOf())(url.replace('http', scheme)).catch(() => {});
    const client = asked.mock.calls.filter(([isOn]) => isOn);
    expect(client.length).toBeGreaterThan(0);
    for (const [, delayMs] of client) expect(delayMs).toBeLessThanOrEqual(15_000);
  });
});
