import dns, { type LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readProxies } from '../../src/core/network/proxies.ts';
import type { CallContext } from '../../src/core/provider.ts';
import { createAuthority, createCertificate } from '../support/certificates.ts';
import { listening, serve } from '../support/local-server.ts';
import { contextOf, fetchOf, transportOf } from '../support/transport.ts';
import { startRawServer, startTlsFront, startWebProxy } from '../support/web-proxy.ts';
import { failureOf } from './answers.ts';

type Looked = (error: null, found: readonly LookupAddress[]) => void;

const HOST = 'api.vendor.example';
const PASSWORD = 'pass/w:rd#7';
const CREDENTIALS = `user:${encodeURIComponent(PASSWORD)}`;
const BASIC = `Basic ${Buffer.from(`user:${PASSWORD}`).toString('base64')}`;

const authority = createAuthority('Company Authority');
const certificate = createCertificate({ host: HOST, authority });
const before = getCACertificates('default');
beforeAll(() => setDefaultCACertificates([...before, authority.cert]));
afterAll(() => setDefaultCACertificates([...before]));

/** What the vendor's own server saw of each request. */
async function startVendor() {
  const seen: unknown[] = [];
  const url = await serve(({ url: path, headers }, response) => {
    seen.push([path, headers.host, headers['proxy-authorization'], headers['proxy-connection']]);
    response.end('{"ok":true}');
  });
  return { port: Number(new URL(url).port), seen };
}

async function startSecureVendor() {
  const { port, seen } = await startVendor();
  return { seen, hosts: { [HOST]: await startTlsFront(certificate, port) } };
}

function fetchThrough(env: Record<string, string>, context: Partial<CallContext> = {}, connectMs = 2_000) {
  return fetchOf(transportOf({ connectMs, proxies: readProxies(env) }), contextOf(context));
}

describe('a call through a proxy', () => {
  it('to https is a tunnel that the proxy opens once, with its password, of which the vendor sees nothing', async () => {
    const { seen, hosts } = await startSecureVendor();
    const proxy = await startWebProxy({ hosts });
    const send = fetchThrough({ HTTPS_PROXY: `http://${CREDENTIALS}@127.0.0.1:${proxy.port}` });
    for (let index = 0; index < 2; index += 1) {
      expect(await (await send(`https://${HOST}/v1/a?b=c`, { method: 'POST', body: '{}' })).json()).toEqual({
        ok: true,
      });
      // The pool takes a connection back one turn after its answer ended.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(proxy.requests).toMatchObject([
      { line: `CONNECT ${HOST}:443`, headers: { host: `${HOST}:443`, 'proxy-authorization': BASIC } },
    ]);
    expect(seen).toEqual(Array(2).fill(['/v1/a?b=c', HOST, undefined, undefined]));
  });

  it('to http names the whole address', async () => {
    const { seen, port } = await startVendor();
    const proxy = await startWebProxy({ hosts: { [HOST]: port } });
    const send = fetchThrough({ http_proxy: `${CREDENTIALS}@127.0.0.1:${proxy.port}` });
    for (let index = 0; index < 2; index += 1) {
      expect(await (await send(`http://${HOST}/v1/a`, { method: 'POST', body: '{}' })).json()).toEqual({ ok: true });
    }
    const request = { line: `POST http://${HOST}/v1/a`, headers: { host: HOST, 'proxy-authorization': BASIC } };
    expect(proxy.requests).toMatchObject([request, request]);
    expect(seen).toEqual(Array(2).fill(['/v1/a', HOST, undefined, undefined]));
  });

  it('goes to a proxy over TLS as well', async () => {
    const { hosts } = await startSecureVendor();
    const proxy = await startWebProxy({ hosts, certificate: createCertificate({ host: 'localhost', authority }) });
    const send = fetchThrough({ HTTPS_PROXY: `https://localhost:${proxy.port}` });
    expect(await (await send(`https://${HOST}/`)).json()).toEqual({ ok: true });
    expect(proxy.requests).toHaveLength(1);
  });

  it('to one spoken to over TLS finds it by its address of IPv6, whose certificate it has to show', async () => {
    const { hosts } = await startSecureVendor();
    const address = '2001:db8:1:2:3:4:5:6';
    const proxy = await startWebProxy({ hosts, certificate: createCertificate({ host: address, authority }) });
    const found = [{ address: '127.0.0.1', family: 4 }];
    const lookup = vi
      .spyOn(dns, 'lookup')
      .mockImplementation(
        ((...[, , done]: [string, object, Looked]) =>
          void setImmediate(done, null, found)) as unknown as typeof dns.lookup,
      );
    onTestFinished(() => lookup.mockRestore());
    const send = fetchThrough({ HTTPS_PROXY: `https://[${address}]:${proxy.port}` });
    expect(await (await send(`https://${HOST}/`)).json()).toEqual({ ok: true });
  });

  it('is not made to this machine, nor to what NO_PROXY names', async () => {
    const { port } = await startVendor();
    const proxy = await startWebProxy({ hosts: {} });
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: '.invalid' };
    const send = fetchThrough(env);
    expect(await (await send(`http://127.0.0.1:${port}/`)).json()).toEqual({ ok: true });
    expect((await failureOf(send('http://nowhere.invalid/'))).message).toContain('DNS');
    expect(proxy.requests).toEqual([]);
  });
});

describe('a proxy that is no way', () => {
  const answering = (head: string) => async () =>
    (await startWebProxy({ hosts: {}, reply: `HTTP/1.1 ${head}\r\n\r\n` })).port;

  it.each([
    ['refuses the host', answering('403 Forbidden'), /opens no way to api\.vendor\.example:443: it answered 403/],
    ['knows no way itself', answering('502 Bad Gateway'), /it cannot reach it either \(502\)/],
    ['does not know the name', answering('404 No such domain'), /it cannot reach it either \(404\)/],
    ['knows no way either', answering('500 Unable to connect'), /it cannot reach it either \(500\)/],
    [
      'does not take the password',
      answering('407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="x"'),
      /does not accept the user and password in HTTPS_PROXY \(407\)/,
    ],
    [
      'asks for what is not supported',
      answering('407 Proxy Authentication Required\r\nproxy-authenticate: Negotiate\r\nproxy-authenticate: NTLM'),
      /asks for Negotiate authentication, and only Basic is supported/,
    ],
    [
      'never answers',
      () => startWebProxy({ hosts: {}, reply: '' }).then(({ port }) => port),
      /did not connect in time/,
    ],
    ['opens a tunnel to nowhere', () => startRawServer('HTTP/1.1 200 OK\r\n\r\n'), /did not connect in time/],
    ['is none', () => startRawServer('SSH-2.0-OpenSSH_9.6\r\n'), /does not speak HTTP; check HTTPS_PROXY/],
    ['hangs up', () => listening(createTcpServer((socket) => socket.destroy())), /closed the connection/],
    ['is not there', async () => 1, /refused; check that it runs and that HTTPS_PROXY is right/],
  ])('that %s is named with its variable, and nothing is sent', async (_name, start, said) => {
    const port = await start();
    const onSent = vi.fn();
    const send = fetchThrough({ HTTPS_PROXY: `http://${CREDENTIALS}@127.0.0.1:${port}` }, { onSent }, 300);
    const error = await failureOf(send(`https://${HOST}/`, { method: 'POST', body: '{}' }));
    expect(error).toMatchObject({ code: 'provider_unavailable', retrySame: 'no' });
    expect(error.message).toMatch(said);
    expect(error.message).toContain(`the proxy 127.0.0.1:${port} of HTTPS_PROXY`);
    expect(onSent).not.toHaveBeenCalled();
    const cause =
      error.cause instanceof Error ? [error.cause.message, error.cause.stack, JSON.stringify(error.cause)] : [];
    for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), BASIC.slice(6)]) {
      expect([error.message, ...cause].join()).not.toContain(secret);
    }
  });

  it('says how a password is given when it asks for one', async () => {
    const port = await answering('407 Proxy Authentication Required')();
    const error = await failureOf(fetchThrough({ https_proxy: `127.0.0.1:${port}` })(`https://${HOST}/`));
    expect(error.message).toContain('write them into https_proxy as http://user:password@host:port');
  });

  it.each([
    ['http', 'nowhere.invalid', /cannot reach the proxy nowhere\.invalid:80 of HTTP_PROXY: .*DNS/],
    ['http', '127.0.0.1:1', /cannot reach the proxy 127\.0\.0\.1:1 of HTTP_PROXY: the connection was refused/],
    ['http', 'socks5://127.0.0.1:1', /cannot reach api\.vendor\.example: HTTP_PROXY names a SOCKS proxy/],
    ['https', 'http://user:12#34@127.0.0.1:1', /cannot reach api\.vendor\.example: HTTPS_PROXY is no address such as/],
  ])('to %s at %s is said too', async (scheme, proxy, said) => {
    const error = await failureOf(fetchThrough({ [`${scheme.toUpperCase()}_PROXY`]: proxy })(`${scheme}://${HOST}/`));
    expect(error).toMatchObject({ code: 'provider_unavailable', retrySame: 'no' });
    expect(error.message).toMatch(said);
    expect(error.message).not.toContain('34');
  });

  it('keeps nobody who cancels', async () => {
    const { port } = await startWebProxy({ hosts: {}, reply: '' });
    const cancel = new AbortController();
    const call = fetchThrough(
      { HTTPS_PROXY: `http://127.0.0.1:${port}` },
      { signal: cancel.signal },
    )(`https://${HOST}/`);
    setTimeout(() => cancel.abort(new Error('enough')), 20);
    await expect(call).rejects.toThrow('enough');
  });

  it.each(['http', 'https'])('leaves no connection to %s on its way when all are closed', async (scheme) => {
    const sockets: Socket[] = [];
    const server = createTcpServer((socket) => sockets.push(socket.resume().on('error', () => {})));
    // Nobody answers the greeting of TLS there.
    const address = `https://127.0.0.1:${await listening(server)}`;
    const proxies = readProxies({ HTTP_PROXY: address, HTTPS_PROXY: address });
    const transport = transportOf({ connectMs: 600_000, proxies });
    const call = failureOf(fetchOf(transport)(`${scheme}://${HOST}/`));
    await once(server, 'connection');
    await transport.close();
    expect((await call).code).toBe('provider_unavailable');
    await new Promise((resolve) => sockets[0]?.once('close', resolve));
  });

  it('that reads along is told by the authority of its certificates', async () => {
    const { port } = await startVendor();
    const strange = createCertificate({ host: HOST, authority: createAuthority('Stranger') });
    const proxy = await startWebProxy({ hosts: { [HOST]: await startTlsFront(strange, port) } });
    const error = await failureOf(fetchThrough({ HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` })(`https://${HOST}/`));
    expect(error).toMatchObject({ code: 'provider_unavailable', retrySame: 'no' });
    expect(error.message).toMatch(/cannot reach api\.vendor\.example: .*unknown authority; .*NODE_EXTRA_CA_CERTS/);
  });
});
