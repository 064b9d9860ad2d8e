import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openWorkplace, REF } from '../cli/run-signalbox.ts';
import { createAuthority, createCertificate } from '../support/certificates.ts';
import { postChat } from '../support/post-chat.ts';
import { startServe } from '../support/serve.ts';
import { startTlsFront, startWebProxy } from '../support/web-proxy.ts';
import { CANARY } from './workplace.ts';

const HOST = 'api.vendor.example';
const QUESTION = 'What is a proxy?';
const authority = createAuthority('Company Authority');
const CREDENTIALS = `user:${encodeURIComponent(CANARY)}`;
const ENCODED = Buffer.from(`user:${CANARY}`).toString('base64');

/** A vendor at an address that only the proxy finds; `more` beside it. */
function providersAt(scheme: string, more: object = {}) {
  return { vendor: { kind: 'openai', baseUrl: `${scheme}://${HOST}/v1`, apiKey: CANARY }, ...more };
}

/** A proxy that leads to this port under the vendor's name, over TLS, and what the environment of its users holds. */
async function openNetwork(port: number, folder: string, reply?: string) {
  const front = await startTlsFront(createCertificate({ host: HOST, authority }), port);
  const proxy = await startWebProxy({ hosts: { [HOST]: front }, ...(reply !== undefined && { reply }) });
  const file = join(folder, 'company.pem');
  writeFileSync(file, authority.cert);
  return {
    proxy,
    env: { HTTPS_PROXY: `http://${CREDENTIALS}@127.0.0.1:${proxy.port}`, NODE_EXTRA_CA_CERTS: file },
    address: `the proxy 127.0.0.1:${proxy.port} of HTTPS_PROXY`,
  };
}

const portOf = ({ origin }: { readonly origin: string }) => Number(new URL(origin).port);

describe('behind the proxy of a company that has its own certificates', () => {
  it('a service answers, whole and streamed', async () => {
    const { upstream, folder } = await openWorkplace();
    const { env, proxy } = await openNetwork(portOf(upstream), folder);
    const config = { providers: providersAt('https') };
    const served = await startServe({ upstreams: [{ id: 'vendor', kind: 'openai', upstream }], config, env });
    const whole = await postChat(served, 'One');
    expect([whole.status, await whole.text()]).toEqual([200, expect.stringContaining('Hello there.')]);
    expect(await (await postChat(served, 'Two', { stream: true })).text()).toContain('[DONE]');
    expect(proxy.requests[0]).toMatchObject({ line: `CONNECT ${HOST}:443` });
    expect(upstream.requests.map(({ headers }) => headers.host)).toEqual([HOST, HOST]);
    expect(await served.stop()).toBe(0);
    expect(served.stderr()).not.toMatch(new RegExp(`${ENCODED}|${CANARY.slice(0, 8)}`));
  });

  it('the doctor names the proxy and the certificates, and finds the provider', async () => {
    const { upstream, folder, run } = await openWorkplace({ providers: providersAt('https') });
    const { env, address } = await openNetwork(portOf(upstream), folder);
    const { stdout } = await run(['doctor'], { env: { ...env, NO_PROXY: '.internal.example' } });
    expect(stdout).toContain(
      `ok    network: providers at https:// are called through ${address}, but for this machine and what NO_PROXY names.`,
    );
    expect(stdout).toContain('ok    network: NODE_EXTRA_CA_CERTS adds 1 certificate.');
    expect(stdout).toMatch(/^ok {4}provider vendor: answers, and lists 1 model\.$/m);
  });

  it('a question without those certificates fails with what to set', async () => {
    const { upstream, folder, run } = await openWorkplace({ providers: providersAt('https') });
    const { NODE_EXTRA_CA_CERTS: _, ...env } = (await openNetwork(portOf(upstream), folder)).env;
    const { code, stderr } = await run(['ask', QUESTION], { env });
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot reach api\.vendor\.example: its TLS certificate .* set NODE_EXTRA_CA_CERTS/);
    const { stdout } = await run(['doctor'], { env: { ...env, NODE_EXTRA_CA_CERTS: join(folder, 'none.pem') } });
    expect(stdout).toMatch(/^warn {2}network: no certificate can be read from .*none\.pem, which NODE_EXTRA_CA_CERTS/m);
  });
});

describe('a proxy that does not let through', () => {
  it('is named by the error, and with another provider on this machine nobody notices', async () => {
    const { upstream, folder, run } = await openWorkplace({ providers: providersAt('https') });
    const { env, address } = await openNetwork(portOf(upstream), folder, 'HTTP/1.1 403 Forbidden\r\n\r\n');
    const { code, stderr } = await run(['ask', QUESTION], { env });
    expect(code).toBe(1);
    expect(stderr).toContain(`${address} opens no way to ${HOST}:443: it answered 403`);
    const near = { kind: 'openai', baseUrl: upstream.baseUrl, apiKey: CANARY };
    const upstreams = ['far', 'near'].map((id) => ({ id, kind: 'openai', upstream }) as const);
    const config = { providers: { far: providersAt('https').vendor, near } };
    const served = await startServe({ upstreams, config, env });
    const answer = await postChat(served, 'One');
    expect([answer.status, answer.headers.get('x-signalbox-model')]).toEqual([200, REF.replace('vendor', 'near')]);
  });

  it('shows nobody its password, even when it repeats it', async () => {
    const { vendor } = providersAt('http');
    const { run } = await openWorkplace({ providers: { vendor: { ...vendor, apiKey: 'key-of-the-vendor' } } });
    const page = `Bad credentials: Basic ${ENCODED}, which is ${CANARY}`;
    const reply = `HTTP/1.1 407 No\r\ncontent-length: ${page.length}\r\n\r\n${page}`;
    const proxy = await startWebProxy({ hosts: {}, reply });
    const env = { HTTP_PROXY: `http://${CREDENTIALS}@127.0.0.1:${proxy.port}` };
    const { code, stderr } = await run(['ask', QUESTION], { env });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /a proxy on the way to it asks for a password, or refuses the one in HTTP_PROXY.*Bad credentials/,
    );
    expect(stderr).not.toContain(ENCODED.slice(8, -4));
    expect((await run(['log', '--json'], { env })).stdout).not.toContain(ENCODED.slice(8, -4));
  });
});

describe('a variable that names no proxy', () => {
  it.each([
    ['SOCKS', `socks5://${CREDENTIALS}@127.0.0.1:1080`, 'HTTPS_PROXY names a SOCKS proxy'],
    ['what is no address', `http://user:12#${CANARY}@127.0.0.1:1`, 'HTTPS_PROXY is no address such as'],
  ])('but %s is told at the start, by the doctor and by each call', async (_name, value, said) => {
    const { run } = await openWorkplace({ providers: providersAt('https') });
    const env = { HTTPS_PROXY: value };
    const asked = await run(['ask', QUESTION], { env });
    expect(asked.code).toBe(1);
    expect(asked.stderr).toContain(`Providers at https:// cannot be reached: the environment variable ${said}`);
    expect(asked.stderr).toContain(`cannot reach ${HOST}: ${said}`);
    const { stdout } = await run(['doctor'], { env });
    expect(stdout).toContain(
      `warn  configuration: Providers at https:// cannot be reached: the environment variable ${said}`,
    );
    expect((await run([], { env })).stderr).toContain(said);
  });
});
