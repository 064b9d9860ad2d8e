import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { call } from '../support/raw-http.ts';
import { startServe, TOKEN } from '../support/serve.ts';
import { startUpstream } from '../support/start-upstream.ts';
import { openWorkplace, signalbox } from './run-signalbox.ts';

const ANOTHER = 'another-token-8Yb4LmW1';

describe('serve starts only when nobody unknown gets in', () => {
  it('refuses to without a token, on loopback too, and says how', async () => {
    const { run } = await openWorkplace();
    const { code, stderr, stdout } = await run(['serve', '--port', '0']);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/needs a token/);
    expect(stderr).toMatch(/SIGNALBOX_TOKEN/);
    expect(stderr).toMatch(/--insecure-no-auth/);
  });

  it.each(['0.0.0.0', '::', '192.0.2.7', 'gateway.example.com'])('refuses to on %s without a token', async (host) => {
    const { run } = await openWorkplace();
    const plain = await run(['serve', '--port', '0', '--host', host]);
    expect(plain.code).toBe(2);
    expect(plain.stderr).toMatch(/without a token/);
    expect(plain.stderr).not.toMatch(/insecure/);
    const insecure = await run(['serve', '--port', '0', '--host', host, '--insecure-no-auth']);
    expect(insecure.code).toBe(2);
    expect(insecure.stderr).toMatch(/loopback only/);
  });

  it('refuses an empty address, which would be every one there is', async () => {
    const { run } = await openWorkplace({ server: { tokens: [TOKEN] } });
    const { code, stderr } = await run(['serve', '--port', '0', '--host', '']);
    expect(code).toBe(2);
    expect(stderr).toContain('must not be empty');
  });

  it('refuses a token that no header can carry, and names its place', async () => {
    const { run } = await openWorkplace({ server: { tokens: ['two words'] } });
    const { code, stderr } = await run(['serve', '--port', '0']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/server\.tokens\[0\]: holds characters/);
    expect(stderr).not.toContain('two words');
  });

  it('refuses a token whose variable is not set, while other commands do not mind', async () => {
    const { run } = await openWorkplace({ server: { tokens: ['${NOT_THERE}'] } });
    const { code, stderr } = await run(['serve', '--port', '0']);
    expect(code).toBe(2);
    expect(stderr).toContain('NOT_THERE');
    expect(stderr).toContain('makes a token');
    expect((await run(['check'])).code).toBe(0);
  });

  it('and asks for no token where none is needed', async () => {
    const served = await startServe({
      upstreams: [],
      config: { server: { tokens: ['${NOT_THERE}'] } },
      args: ['--insecure-no-auth'],
    });
    expect(served.stderr()).toMatch(/WITHOUT a token; no provider yet/);
  });

  it('refuses a provider that is itself', async () => {
    const { run } = await openWorkplace({
      providers: { self: { kind: 'openai-compatible', baseUrl: 'http://localhost:8799/v1' } },
      models: {},
      routing: {},
      server: { tokens: [TOKEN] },
    });
    const { code, stderr } = await run(['serve', '--port', '8799']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/providers\.self\.baseUrl.*circle/);
  });
});

describe('serve is told where to listen', () => {
  it.each(['65536', '-1', '80a', '', '1e3', '8080.5'])('and refuses the port %j', async (port) => {
    const { code, stderr } = await signalbox(['serve', `--port=${port}`], { env: { SIGNALBOX_TOKEN: TOKEN } });
    expect(code).toBe(2);
    expect(stderr).toMatch(/0 to 65535/);
  });

  it('and says in one sentence when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => {
      other.close();
    });
    const { port } = other.address() as AddressInfo;
    const { run } = await openWorkplace({ server: { tokens: [TOKEN] } });
    const { code, stderr } = await run(['serve', '--port', String(port)]);
    expect(code).toBe(1);
    expect(stderr).toContain(`port ${port}: another program uses it`);
  });

  it('and says so when the machine has no such address', async () => {
    const { run } = await openWorkplace({ server: { tokens: [TOKEN] } });
    const { code, stderr } = await run(['serve', '--host', '192.0.2.7', '--port', '0']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/no such address/);
  });
});

describe('the running service', () => {
  it('opens no debugger when it is sent SIGUSR1, with which others are asked for a new log file', async () => {
    const served = await startServe({ upstreams: [], env: { NODE_OPTIONS: '--inspect-port=0' } });
    served.child.kill('SIGUSR1');
    await pause(200);
    expect((await call(served.url, { path: '/healthz' })).status).toBe(200);
    expect(await served.stop()).toBe(0);
    expect(served.stderr()).not.toContain('Debugger');
  });

  const vendor = async () => {
    const upstream = await startUpstream();
    return [{ id: 'vendor', kind: 'openai', upstream } as const];
  };

  it('says where it is and who may come, answers, and ends at once when it has nothing to do', async () => {
    const tokens = [TOKEN, { name: 'ci', value: ANOTHER }];
    const served = await startServe({ upstreams: await vendor(), config: { server: { tokens } } });
    expect(served.stderr()).toMatch(/listens on http:\/\/127\.0\.0\.1:\d+ \(2 tokens; vendor\)/);
    for (const token of [TOKEN, ANOTHER]) {
      const headers = { authorization: `Bearer ${token}` };
      expect((await call(served.url, { path: '/v1/models', headers })).status).toBe(200);
    }
    expect((await call(served.url, { path: '/v1/models' })).status).toBe(401);
    expect(await served.stop()).toBe(0);
    expect(served.stderr()).toMatch(/ending; what runs has 10 s/);
    expect(served.stderr()).not.toContain(TOKEN);
  });

  it('books each token for itself, and whoever owns the books sees them all', async () => {
    const tokens = [TOKEN, { name: 'ci', value: ANOTHER }];
    const served = await startServe({ upstreams: await vendor(), config: { server: { tokens } } });
    const ask = (token: string) =>
      fetch(`${served.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'Hi' }] }),
      });
    for (const token of [TOKEN, ANOTHER, ANOTHER]) expect((await ask(token)).status).toBe(200);
    const requests = async (...more: string[]) => {
      const { stdout } = await signalbox(['costs', '--json', '--data-dir', served.dataDir, ...more]);
      return JSON.parse(stdout).totals.requests;
    };
    expect(await requests()).toBe(3);
    expect(await requests('--tenant', 'ci')).toBe(2);
    expect(await requests('--tenant', 'local')).toBe(0);
  });

  it('takes its token from the environment where the configuration has none', async () => {
    const served = await startServe({
      upstreams: await vendor(),
      config: { server: { tokens: [] } },
      env: { SIGNALBOX_TOKEN: ANOTHER },
    });
    const headers = { authorization: `Bearer ${ANOTHER}` };
    expect((await call(served.url, { path: '/v1/models', headers })).status).toBe(200);
  });

  it('without tokens lets everybody on this machine in, says so, and still no web page', async () => {
    const served = await startServe({
      upstreams: await vendor(),
      config: { server: { tokens: [] } },
      args: ['--insecure-no-auth'],
    });
    expect(served.stderr()).toMatch(/WITHOUT a token/);
    expect((await call(served.url, { path: '/v1/models' })).status).toBe(200);
    expect(
      (await call(served.url, { path: '/v1/models', headers: { origin: 'http://evil.example.com' } })).status,
    ).toBe(403);
    expect((await call(served.url, { path: '/v1/models', headers: { host: 'evil.example.com' } })).status).toBe(403);
  });

  it('on every address is reached by the names it was given, and warns that it speaks plain HTTP', async () => {
    const served = await startServe({
      upstreams: await vendor(),
      config: { server: { host: '0.0.0.0', tokens: [TOKEN], allowedHosts: ['gateway.example.com'] } },
    });
    const headers = { authorization: `Bearer ${TOKEN}` };
    const statusFor = async (host: string) =>
      (await call(served.url, { path: '/v1/models', headers: { ...headers, host } })).status;
    expect(await statusFor('gateway.example.com')).toBe(200);
    expect(await statusFor(new URL(served.url).host)).toBe(200);
    expect(await statusFor('0.0.0.0')).toBe(403);
    expect(served.stderr()).toMatch(/others can reach it \(0\.0\.0\.0\), and it speaks plain HTTP/);
  });

  it.each(['::1', '[::1]'])('also listens on IPv6 (%s), and names itself as addresses are written', async (host) => {
    const served = await startServe({ upstreams: await vendor(), args: ['--host', host] });
    expect(served.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    const response = await fetch(`${served.url}/v1/models`, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(response.status).toBe(200);
  });

  it.each([
    ['0', /^http:\/\/127\.0\.0\.1:/],
    ['127.1', /^http:\/\/127\.0\.0\.1:/],
    ['::ffff:127.0.0.1', /^http:\/\/\[::ffff:7f00:1\]:/],
  ])('listening on %s names an address that it answers at, letter by letter', async (host, url) => {
    const served = await startServe({ upstreams: await vendor(), args: ['--host', host] });
    expect(served.url).toMatch(url);
    const response = await fetch(`${served.url}/v1/models`, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(response.status).toBe(200);
    expect(new URL(served.url).origin).toBe(served.url);
  });

  it.each([
    ['goes on when a promise fails with nobody waiting for it', 'Promise.reject', true],
    ['ends when an exception escapes', 'throw', false],
  ])('%s, and gives away no message', async (_what, how, livesOn) => {
    const secret = 'canary-of-a-defect';
    const error = 'new Error(process.env.DEFECT)';
    const failing = how === 'throw' ? `throw ${error}` : `Promise.reject(${error})`;
    const script = `process.once("SIGUSR2",()=>{${failing}})`;
    const served = await startServe({
      upstreams: await vendor(),
      env: { DEFECT: secret, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` },
    });
    served.child.kill('SIGUSR2');
    while (!served.stderr().includes(livesOn ? 'nobody waited for' : 'ends the process')) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(served.stderr()).not.toContain(secret);
    if (livesOn) expect((await call(served.url, { path: '/healthz' })).status).toBe(200);
    expect(await served.stop()).toBe(livesOn ? 0 : 1);
  });
});
