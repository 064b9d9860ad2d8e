import { execFile } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createAuthority, createCertificate } from '../support/certificates.ts';
import { startClock } from '../support/given-time.ts';
import { listening, serve } from '../support/local-server.ts';
import { contextOf, fetchOf, transportOf } from '../support/transport.ts';
import { failureOf } from './answers.ts';

const SOURCE = join(import.meta.dirname, '../../src/providers/shared/transport/transport.ts');

describe('what leaves', () => {
  it('is a request with method, headers, body and the hop mark', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      request.on('data', (data) => seen.push(String(data)));
      request.on('end', () => {
        seen.push([request.method, request.headers['x-a'], request.headers['x-signalbox-hop'], request.url]);
        response.end('{"ok":true}');
      });
    });
    const response = await fetchOf(transportOf())(`${url}path?q=1`, {
      method: 'POST',
      headers: { 'x-a': 'b' },
      body: 'hello',
    });
    expect(seen).toEqual(['hello', ['POST', 'b', '1', '/path?q=1']]);
    expect([response.ok, response.status, await response.json()]).toEqual([true, 200, { ok: true }]);
  });

  it('reuses its connections', async () => {
    let connections = 0;
    const server = createServer((_request, response) => void response.end('{}'));
    server.on('connection', () => {
      connections += 1;
    });
    const port = await listening(server);
    const transport = transportOf();
    for (let index = 0; index < 9; index++) {
      await (await fetchOf(transport)(`http://127.0.0.1:${port}/`)).text();
    }
    // The pool frees a connection one turn late, so a second one may join.
    expect(connections).toBeLessThanOrEqual(2);
  });

  it('says it sent once the connection stands, before the answer', async () => {
    const events: string[] = [];
    const url = await serve((_request, response) => {
      events.push('received');
      response.end('x');
    });
    const seen = contextOf({ onSent: () => events.push('sent'), onActivity: () => events.push('activity') });
    await (await fetchOf(transportOf(), seen)(url)).text();
    expect(events.slice(0, 3)).toEqual(['sent', 'received', 'activity']);
    expect(events.filter((event) => event === 'sent')).toHaveLength(1);
  });
});

describe('connections that do not come about', () => {
  it.each([
    ['a refused one', 'http://127.0.0.1:1/', /refused/],
    ['an unknown name', 'http://nowhere.invalid/', /DNS.*; if a proxy is the way out of this network, set HTTPS_PROXY/],
    ['http spoken to https', 'https', /TLS/],
  ])('names %s and sends nothing', async (_name, address, said) => {
    const url =
      address === 'https' ? (await serve((_q, response) => void response.end())).replace('http', 'https') : address;
    const onSent = vi.fn();
    const error = await failureOf(fetchOf(transportOf(), contextOf({ onSent }))(url));
    expect(error).toMatchObject({ code: 'provider_unavailable', retrySame: 'no' });
    expect(error.message).toMatch(said);
    expect(onSent).not.toHaveBeenCalled();
  });

  it.skipIf(process.platform === 'win32')(
    "says that no file is left, and that this is nobody else's fault (skipped on Windows)",
    async () => {
      const script = `
        import { openSync } from 'node:fs';
        import { createTransport } from ${JSON.stringify(SOURCE)};
        const transport = createTransport({ connectMs: 2_000 });
        const send = (origin) =>
          transport.send({ address: { origin, host: 'vendor', path: '/', href: origin }, method: 'GET', headers: [], body: null }, [], {});
        try { for (;;) openSync('/dev/null'); } catch {}
        for (const origin of ['http://127.0.0.1:9', 'http://nowhere.invalid']) {
          await send(origin).catch(({ code, isLocal, message }) => console.log(code, isLocal, message));
        }
        process.exit();`;
      const node = ['--experimental-strip-types', '--no-warnings', '--input-type=module', '-e', script];
      const limited = ['-c', 'ulimit -n 64 && exec "$@"', 'sh', process.execPath, ...node];
      const { stdout } = await promisify(execFile)('sh', limited);
      const said = 'Signalbox has as many files open as the system lets it; raise that limit (ulimit -n).';
      expect(stdout.trim().split('\n')).toEqual(
        ['127.0.0.1:9', 'nowhere.invalid'].map((host) => `provider_unavailable true cannot reach ${host}: ${said}`),
      );
    },
  );

  it('gives up a handshake that hangs, and is aborted at once within it', async () => {
    const port = await listening(createTcpServer(() => {}));
    const onSent = vi.fn();
    const late = await failureOf(
      fetchOf(transportOf({ connectMs: 200 }), contextOf({ onSent }))(`https://127.0.0.1:${port}/`),
    );
    expect(late).toMatchObject({ code: 'provider_unavailable', retrySame: 'no' });
    expect(late.message).toMatch(/took the connection, but the TLS handshake was not over in time\.$/);
    const cancel = new AbortController();
    const hanging = fetchOf(transportOf(), contextOf({ signal: cancel.signal, onSent }))(`https://127.0.0.1:${port}/`);
    setTimeout(() => cancel.abort(new Error('enough')), 20);
    const elapsedMs = startClock();
    await expect(hanging).rejects.toThrow('enough');
    expect(elapsedMs()).toBeLessThan(270);
    expect(onSent).not.toHaveBeenCalled();
  });

  it('sends nothing on a connection that stands only after the abort', async () => {
    const onSent = vi.fn();
    const received = vi.fn();
    const url = await serve((_request, response) => {
      received();
      response.end();
    });
    const cancel = new AbortController();
    const call = fetchOf(transportOf(), contextOf({ signal: cancel.signal, onSent }))(url);
    cancel.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(onSent).not.toHaveBeenCalled();
    expect(received).not.toHaveBeenCalled();
  });
});

describe('TLS', () => {
  const authority = createAuthority('Test Authority');
  const before = getCACertificates('default');
  beforeAll(() => setDefaultCACertificates([...before, authority.cert]));
  afterAll(() => setDefaultCACertificates([...before]));

  async function secure(certificate: { cert: string; key: string }): Promise<string> {
    const server = createSecureServer(certificate, (_request, response) => void response.end('{"secure":true}'));
    return `https://localhost:${await listening(server)}/`;
  }

  it('takes a good certificate', async () => {
    const url = await secure(createCertificate({ host: 'localhost', authority }));
    expect(await (await fetchOf(transportOf())(url)).json()).toEqual({ secure: true });
  });

  it.each([
    ['an expired certificate', { host: 'localhost', authority, notAfter: new Date(Date.now() - 1000) }, /expired/],
    ['a certificate of another host', { host: 'elsewhere.example', authority }, /another host/],
    ['a self-signed certificate', { host: 'localhost' }, /self-signed.*NODE_EXTRA_CA_CERTS/],
    [
      'an unknown authority',
      { host: 'localhost', authority: createAuthority('Stranger') },
      /unknown authority.*NODE_EXTRA_CA_CERTS/,
    ],
  ])('refuses %s and names it', async (_name, options, said) => {
    const url = await secure(createCertificate(options));
    const onSent = vi.fn();
    const error = await failureOf(fetchOf(transportOf(), contextOf({ onSent }))(url));
    expect(error).toMatchObject({ code: 'provider_unavailable', retrySame: 'no' });
    expect(error.message).toMatch(said);
    expect(error.message).toContain('localhost');
    expect(onSent).not.toHaveBeenCalled();
  });

  it('refuses it too where the environment switches the check off', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    onTestFinished(() => void vi.unstubAllEnvs());
    const url = await secure(createCertificate({ host: 'localhost' }));
    expect((await failureOf(fetchOf(transportOf())(url))).message).toMatch(/self-signed/);
  });
});

describe('connections that break', () => {
  it('calls an answer cut when its connection is reset in the middle', async () => {
    const url = await serve((_request, response) => {
      response.write('half of it');
      setTimeout(() => response.socket?.resetAndDestroy(), 100);
    });
    const response = await fetchOf(transportOf())(url);
    expect((await failureOf(response.text())).code).toBe('stream_truncated');
  });

  it.each([
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n', /not HTTP/],
    ['a bad chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\nhello\r\n', /not HTTP/],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\n{}', /not HTTP/],
    ['endless headers', `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(20_000)}\r\n\r\n`, /more headers than are read/],
  ])('calls %s malformed', async (_name, bytes, said) => {
    const port = await listening(createTcpServer((socket) => void socket.once('data', () => socket.write(bytes))));
    const call = async () => (await fetchOf(transportOf())(`http://127.0.0.1:${port}/`)).text();
    const error = await failureOf(call());
    expect(error.code).toBe('malformed_response');
    expect(error.message).toMatch(said);
  });

  it('ends a body at once when aborted, by either signal, and leaves no listener behind', async () => {
    const url = await serve((_request, response) => void response.write('begin'));
    for (const which of ['call', 'sdk']) {
      const call = new AbortController();
      const sdk = new AbortController();
      const response = await fetchOf(transportOf(), contextOf({ signal: call.signal }))(url, { signal: sdk.signal });
      const reading = response.text();
      (which === 'call' ? call : sdk).abort(new Error('enough'));
      await expect(reading).rejects.toThrow('enough');
      expect([...getEventListeners(call.signal, 'abort'), ...getEventListeners(sdk.signal, 'abort')]).toEqual([]);
    }
  });

  it('leaves no listener on the signal after a whole answer', async () => {
    const url = await serve((_request, response) => void response.end('all'));
    const { signal } = new AbortController();
    const transport = transportOf();
    for (let index = 0; index < 3; index++) await (await fetchOf(transport, contextOf({ signal }))(url)).text();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('leaves no connection on its way when it closes', async () => {
    const sockets: Socket[] = [];
    const server = createTcpServer((socket) => sockets.push(socket.on('error', () => {})));
    const port = await listening(server);
    const transport = transportOf({ connectMs: 600_000 });
    const call = failureOf(fetchOf(transport)(`https://127.0.0.1:${port}/`));
    await once(server, 'connection');
    await transport.close();
    expect((await call).code).toBe('provider_unavailable');
    await new Promise((resolve) => sockets[0]?.once('close', resolve).resume());
  });

  it('fails the calls under way when it closes', async () => {
    const url = await serve(() => {});
    const transport = transportOf();
    const call = failureOf(fetchOf(transport)(url));
    setTimeout(() => transport.close(), 20);
    expect((await call).code).toBe('provider_unavailable');
  });
});
