import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { LookupFunction } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { sendWebhook } from '../../../src/app/alerts/send-webhook.ts';
import type { Webhook } from '../../../src/core/alerts.ts';
import { createCertificate } from '../../support/certificates.ts';
import { listening } from '../../support/local-server.ts';

const MESSAGE = { id: 'rule-1-1800000000000', body: '{"type":"alert.firing"}', sentAtMs: 1_800_000_000_999 };
const signal = new AbortController().signal;
const LOOPBACK = ['127.0.0.1'];

type Heard = { readonly headers: IncomingMessage['headers']; readonly body: string; readonly path: string };

/** Answers every request with this status, and keeps what came. */
async function receiver(status: number, headers: Record<string, string> = {}) {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    heard.push({ headers: request.headers, body, path: request.url ?? '' });
    response.writeHead(status, headers).end();
  });
  const port = await listening(server);
  return { heard, port, url: `http://127.0.0.1:${port}/hook?token=x` };
}

/** A name service that says this, each time the next. */
function saying(...answers: readonly (readonly string[])[]): { lookup: LookupFunction; asked: () => number } {
  let asked = 0;
  const lookup: LookupFunction = (_name, _options, done) => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return { lookup, asked: () => asked };
}

const send = (webhook: Webhook, more: object = {}) => sendWebhook(webhook, MESSAGE, { signal, ...more });

describe('a webhook', () => {
  it('gets the notice, signed over id, time and body', async () => {
    const { heard, url } = await receiver(204);
    expect(await send({ url, secret: 'a long secret', allow: LOOPBACK })).toEqual({ type: 'delivered' });
    const [{ headers, body, path } = { headers: {}, body: '', path: '' }] = heard;
    expect([path, body]).toEqual(['/hook?token=x', MESSAGE.body]);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': MESSAGE.id });
    expect(headers['webhook-timestamp']).toBe('1800000000');
    const signed = `${MESSAGE.id}.1800000000.${MESSAGE.body}`;
    const expected = createHmac('sha256', 'a long secret').update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
  });

  it('is signed as the example of Standard Webhooks', async () => {
    // From the specification's reference libraries (standard-webhooks/standard-webhooks, libraries/*/test).
    const { heard, url } = await receiver(200);
    const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}', sentAtMs: 1_614_265_330_000 };
    await sendWebhook({ url, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', allow: LOOPBACK }, message, { signal });
    expect(heard[0]?.headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('without a secret is not signed', async () => {
    const { heard, url } = await receiver(200);
    await send({ url, allow: LOOPBACK });
    expect(heard[0]?.headers).not.toHaveProperty('webhook-signature');
  });

  it.each([
    [500, false],
    [503, false],
    [429, false],
    [404, false],
    [410, true],
  ])('that answers %d has not got it; given up at once: %s', async (status, isFinal) => {
    const { url } = await receiver(status);
    const result = await send({ url, allow: LOOPBACK });
    expect(result).toEqual({ type: 'failed', reason: `status ${status}`, isFinal });
  });

  it.each([301, 302, 303, 307, 308])('is not followed anywhere by a redirect (%d)', async (status) => {
    const other = await receiver(200);
    const { url } = await receiver(status, { location: other.url });
    const result = await send({ url, allow: LOOPBACK });
    expect(result).toMatchObject({ type: 'failed', isFinal: true, reason: expect.stringContaining('redirect') });
    expect(other.heard).toEqual([]);
  });

  it('that leads to this machine or a private network is not reached, whatever its name said before', async () => {
    const { heard, port } = await receiver(200);
    const private_ = [
      '127.0.0.1',
      '10.0.0.1',
      '169.254.169.254',
      '::1',
      '::ffff:127.0.0.1',
      'fd00:ec2::254',
      '0.0.0.0',
    ];
    for (const address of private_) {
      const { lookup } = saying([address]);
      expect(await send({ url: `https://hooks.example.com:${port}/`, allow: [] }, { lookup })).toEqual({
        type: 'failed',
        reason: 'it leads to an address that is not allowed',
        isFinal: true,
      });
    }
    for (const host of ['127.0.0.1', '127.1', '0x7f.1', '2130706433', '[::1]', '[::ffff:7f00:1]', '0.0.0.0']) {
      const result = await send({ url: `https://${host}:${port}/`, allow: [] });
      expect(result).toMatchObject({ isFinal: true, reason: 'it leads to an address that is not allowed' });
    }
    expect(heard).toEqual([]);
  });

  it('is connected to the very address that was checked: the name is looked up once', async () => {
    const { heard, port } = await receiver(200);
    const rebinding = saying(['192.0.2.1'], ['127.0.0.1']);
    const result = await send(
      { url: `https://hooks.example.com:${port}/`, allow: [] },
      { lookup: rebinding.lookup, timeoutMs: 500 },
    );
    expect(result).toMatchObject({ type: 'failed', isFinal: false });
    expect(rebinding.asked()).toBe(1);
    expect(heard).toEqual([]);
  });

  it('goes to what is allowed alone, where a name leads to several', async () => {
    const { heard, port } = await receiver(200);
    const { lookup } = saying(['10.0.0.1', '127.0.0.1']);
    const url = `http://hooks.localhost:${port}/`;
    expect(await send({ url, allow: LOOPBACK }, { lookup })).toEqual({ type: 'delivered' });
    expect(heard).toHaveLength(1);
  });

  it('in plain text never leaves this machine, whatever is allowed', async () => {
    const { lookup } = saying(['10.0.0.1']);
    const result = await send({ url: 'http://localhost:1/', allow: ['0.0.0.0/0'] }, { lookup });
    expect(result).toMatchObject({ isFinal: true, reason: 'it leads to an address that is not allowed' });
  });

  it.each(['1', '0'])(
    'whose certificate is not trusted does not get it, with NODE_TLS_REJECT_UNAUTHORIZED=%s',
    async (value) => {
      vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', value);
      onTestFinished(() => void vi.unstubAllEnvs());
      const { key, cert } = createCertificate({ host: 'localhost' });
      let requests = 0;
      const port = await listening(
        createTlsServer({ key, cert }, (_request, response) => {
          requests += 1;
          response.end();
        }) as never,
      );
      const result = await send({ url: `https://127.0.0.1:${port}/`, allow: LOOPBACK });
      expect(result).toMatchObject({ type: 'failed', isFinal: false });
      expect(requests).toBe(0);
    },
  );

  it('that never answers is left after a while, and at once when the process ends', async () => {
    const server = createServer(() => {});
    const url = `http://127.0.0.1:${await listening(server)}/`;
    expect(await send({ url, allow: LOOPBACK }, { timeoutMs: 100 })).toEqual({
      type: 'failed',
      reason: 'no answer within 100 ms',
      isFinal: false,
    });
    const ending = new AbortController();
    const sending = sendWebhook({ url, allow: LOOPBACK }, MESSAGE, { signal: ending.signal });
    await once(server, 'request');
    ending.abort();
    expect(await sending).toMatchObject({ type: 'failed', isFinal: false });
  });

  it('that answers without end costs nothing', async () => {
    let written = 0;
    const server = createServer((_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => {
        written += 1;
        response.write(Buffer.alloc(65_536));
      }, 5);
      response.on('close', () => clearInterval(timer));
    });
    const url = `http://127.0.0.1:${await listening(server)}/`;
    expect(await send({ url, allow: LOOPBACK })).toEqual({ type: 'delivered' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(written).toBeLessThan(20);
  });

  it('does not have its address in what went wrong', async () => {
    const port = await listening(createServer());
    const results = [
      await send({ url: `http://127.0.0.1:9/hook/very-secret`, allow: LOOPBACK }),
      await send({ url: `https://127.0.0.1:${port}/hook/very-secret`, allow: LOOPBACK }),
    ];
    for (const result of results) expect(JSON.stringify(result)).not.toMatch(/very-secret|127\.0\.0\.1/);
  });
});
