import { createServer, type IncomingMessage } from 'node:http';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendWebhook } from '../../../src/app/alerts/send-webhook.ts';
import { readProxies } from '../../../src/core/network/proxies.ts';
import { createAuthority, createCertificate } from '../../support/certificates.ts';
import { listening } from '../../support/local-server.ts';
import { startTlsFront, startWebProxy } from '../../support/web-proxy.ts';

const HOST = 'hooks.example.com';
const MESSAGE = { id: 'rule-1-1800000000000', body: '{"type":"alert.firing"}', sentAtMs: 1_800_000_000_999 };
const URL_ = `https://${HOST}/hook/very-secret?token=x`;

const authority = createAuthority('Company Authority');
const before = getCACertificates('default');
beforeAll(() => setDefaultCACertificates([...before, authority.cert]));
afterAll(() => setDefaultCACertificates([...before]));

async function receiver(status = 200, certificate = createCertificate({ host: HOST, authority })) {
  const heard: { readonly path: string | undefined; readonly headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    heard.push({ path: request.url, headers: request.headers, body });
    response.writeHead(status, { 'content-type': 'text/html' }).end('ok');
  });
  return { heard, hosts: { [HOST]: await startTlsFront(certificate, await listening(server)) } };
}

function send(env: Record<string, string>, { url = URL_, timeoutMs = 10_000 } = {}) {
  const { signal } = new AbortController();
  const lookup = (_name: string, _options: object, done: (error: Error, found: []) => void) => {
    done(Object.assign(new Error('There is no DNS here.'), { code: 'ENOTFOUND' }), []);
  };
  const webhook = { url, secret: 'a long secret', allow: ['127.0.0.1'] };
  return sendWebhook(webhook, MESSAGE, { signal, timeoutMs, lookup, proxies: readProxies(env) });
}

const proxyAt = (port: number) => ({ HTTPS_PROXY: `http://user:pass@127.0.0.1:${port}` });

describe('a webhook where a proxy is the only way out', () => {
  it('goes through its tunnel, which looks the name up and sees nothing of the notice', async () => {
    const { heard, hosts } = await receiver();
    const proxy = await startWebProxy({ hosts });
    expect(await send(proxyAt(proxy.port))).toEqual({ type: 'delivered' });
    expect(heard).toMatchObject([{ path: '/hook/very-secret?token=x', body: MESSAGE.body }]);
    expect(heard[0]?.headers).toMatchObject({ host: HOST, 'webhook-id': MESSAGE.id });
    expect(heard[0]?.headers['webhook-signature']).toMatch(/^v1,/);
    expect(heard[0]?.headers).not.toHaveProperty('proxy-authorization');
    const basic = `Basic ${Buffer.from('user:pass').toString('base64')}`;
    expect(proxy.requests).toMatchObject([{ line: `CONNECT ${HOST}:443`, headers: { 'proxy-authorization': basic } }]);
  });

  it('goes past it to this machine, and to what NO_PROXY names', async () => {
    const proxy = await startWebProxy({ hosts: {} });
    const port = await listening(createServer((_request, response) => response.end()));
    const both = { ...proxyAt(proxy.port), HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
    expect(await send(both, { url: `http://127.0.0.1:${port}/` })).toEqual({ type: 'delivered' });
    expect(await send({ ...both, NO_PROXY: '.example.com' })).toMatchObject({ reason: 'ENOTFOUND' });
    expect(proxy.requests).toEqual([]);
  });

  it('is judged by what its receiver answers, and is not followed', async () => {
    const gone = await receiver(410);
    expect(await send(proxyAt((await startWebProxy(gone)).port))).toMatchObject({
      reason: 'status 410',
      isFinal: true,
    });
    const moved = await receiver(302);
    expect(await send(proxyAt((await startWebProxy(moved)).port))).toMatchObject({ isFinal: true });
  });

  it('does not go to who has no right certificate, nor to private addresses', async () => {
    const { heard, hosts } = await receiver(200, createCertificate({ host: HOST }));
    const proxy = await startWebProxy({ hosts });
    expect(await send(proxyAt(proxy.port))).toMatchObject({ type: 'failed', isFinal: false });
    expect(heard).toEqual([]);
    const refused = await send(proxyAt(proxy.port), { url: 'https://169.254.169.254/latest' });
    expect(refused).toMatchObject({ reason: 'it leads to an address that is not allowed', isFinal: true });
    expect(proxy.requests).toHaveLength(1);
  });

  it.each([
    ['refuses', { reply: 'HTTP/1.1 407 No\r\n\r\n' }, /HTTPS_PROXY .*407/, 10_000],
    ['says nothing', { reply: '' }, /^no answer within 300 ms$/, 300],
  ])('is tried again when the proxy %s, and the reason tells no secret', async (_what, options, reason, timeoutMs) => {
    const proxy = await startWebProxy({ hosts: {}, ...options });
    const result = await send(proxyAt(proxy.port), { timeoutMs });
    expect(result).toMatchObject({ type: 'failed', reason: expect.stringMatching(reason), isFinal: false });
    expect(JSON.stringify(result)).not.toMatch(/very-secret|token|pass\b/);
  });

  it('is not sent past a variable that is faulty', async () => {
    const result = await send({ HTTPS_PROXY: 'socks5://127.0.0.1:1080' });
    expect(result).toMatchObject({ type: 'failed', reason: expect.stringContaining('SOCKS'), isFinal: false });
  });
});
