import { createServer } from 'node:net';
import { expect, vi } from 'vitest';
import type { ErrorCode } from '../../src/core/error-codes.ts';
import { SCRIPTED_FAILURES, type ScriptedFailure } from '../../src/demo/vendors/scripted.ts';
import { createTransport } from '../../src/providers/shared/transport/transport.ts';
import type { Fault } from '../support/faults.ts';
import { startClock } from '../support/given-time.ts';
import { until } from '../support/until.ts';
import { ask, failureOf, MODES, type Mode } from './answers.ts';
import type { Check } from './contract.ts';
import { type Bench, createProvider, expectNoSecret, type ProviderHarness, SECRET_KEY } from './harness.ts';

const CODES: Readonly<Record<ScriptedFailure['failure'], ErrorCode>> = {
  auth: 'provider_auth',
  rate_limited: 'rate_limited',
  quota: 'quota_exhausted',
  unknown_model: 'unknown_model',
  invalid: 'invalid_request',
  context_too_long: 'context_too_long',
  content_filter: 'content_filtered',
  overloaded: 'provider_overloaded',
  unavailable: 'provider_unavailable',
  server_error: 'provider_error',
};

const MALFORMED: Readonly<Record<string, Fault>> = {
  'a web page with status 200': {
    type: 'replace',
    headers: { 'content-type': 'text/html' },
    body: '<html>Log in</html>',
  },
  'an empty body with status 200': { type: 'replace', body: '' },
  'JSON that is cut or broken': { type: 'replace', headers: { 'content-type': 'application/json' }, body: '{"a": [1,' },
  'JSON of another shape': {
    type: 'replace',
    headers: { 'content-type': 'application/json' },
    body: '{"hello":"world"}',
  },
  'JSON that is no object': { type: 'replace', headers: { 'content-type': 'application/json' }, body: 'null' },
};

export function describeFailures(check: Check, harness: ProviderHarness): void {
  for (const mode of MODES) {
    describeVendorFailures(check, mode, harness);
    describeBrokenAnswers(check, mode);
    describeNetwork(check, mode);
  }
  describeSecrets(check);
}

/** Every failure of the suite goes through here, so the secret is looked for in all of them. */
async function fail(bench: Bench, mode: Mode) {
  const error = await failureOf(ask(bench.provider, mode, bench.request(), bench.context()));
  expectNoSecret(error);
  return error;
}

function describeVendorFailures(check: Check, mode: Mode, { failureCodes, sevenSecondsHint }: ProviderHarness): void {
  for (const failure of SCRIPTED_FAILURES) {
    check(`understands the failure ${failure} (${mode})`, async (bench) => {
      bench.upstream.script({ say: { failure } });
      const error = await fail(bench, mode);
      expect(error.code).toBe(failureCodes?.[failure] ?? CODES[failure]);
      expect(error.status).toBe(bench.upstream.requests.at(-1)?.status);
      expect(error).toMatchObject({ provider: `my-${bench.kind}`, model: bench.model.ref });
      expect(error.message).toContain(`my-${bench.kind}`);
    });
  }

  check(`takes a hint how long to wait, and none for nonsense (${mode})`, async (bench) => {
    bench.upstream.script(
      { say: { failure: 'rate_limited', ...(sevenSecondsHint ?? { headers: { 'retry-after': '7' } }) } },
      { say: { failure: 'rate_limited', headers: { 'retry-after': '-5' } } },
      { say: { failure: 'rate_limited', headers: { 'retry-after': 'abc' } } },
      { say: { failure: 'rate_limited', headers: { 'retry-after': new Date(Date.now() + 60_000).toUTCString() } } },
    );
    expect((await fail(bench, mode)).retryAfterMs).toBe(7_000);
    expect((await fail(bench, mode)).retryAfterMs).toBeUndefined();
    expect((await fail(bench, mode)).retryAfterMs).toBeUndefined();
    const { retryAfterMs = 0 } = await fail(bench, mode);
    expect(retryAfterMs).toBeGreaterThan(30_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  check(`says what to do about a wrong key and a missing model (${mode})`, async (bench) => {
    bench.upstream.script({ say: { failure: 'auth' } }, { say: { failure: 'unknown_model' } });
    expect((await fail(bench, mode)).message).toMatch(new RegExp(`key.*my-${bench.kind}`));
    expect((await fail(bench, mode)).message).toContain(bench.model.name);
  });

  check(
    `takes the statuses of web pages for what they are, and none for what the caller or the key did (${mode})`,
    async (bench) => {
      const expected: Readonly<Record<number, ErrorCode>> = {
        307: 'provider_unavailable',
        400: 'malformed_response',
        401: 'provider_auth',
        402: 'quota_exhausted',
        403: 'malformed_response',
        404: 'unknown_model',
        405: 'unknown_model',
        408: 'provider_timeout',
        413: 'too_large',
        429: 'rate_limited',
        500: 'provider_error',
        501: 'provider_error',
        502: 'provider_unavailable',
        504: 'provider_timeout',
        508: 'loop_detected',
        529: 'provider_overloaded',
      };
      for (const [status, code] of Object.entries(expected)) {
        const headers = { 'content-type': 'text/html', location: 'http://127.0.0.1:1/' };
        const fault: Fault = { type: 'replace', status: Number(status), headers, body: '<h1>Oops</h1>' };
        bench.upstream.script({ fault });
        const error = await fail(bench, mode);
        expect([status, error.code, error.status]).toEqual([status, code, Number(status)]);
        expect(error.message).not.toMatch(/<h1>|ollama pull/);
      }
    },
  );
}

function describeBrokenAnswers(check: Check, mode: Mode): void {
  for (const [name, fault] of Object.entries(MALFORMED)) {
    check(`calls ${name} what it is (${mode})`, async (bench) => {
      bench.upstream.script({ fault });
      const { code } = await fail(bench, mode);
      // In a stream that holds no event at all, broken and cut look alike.
      const allowed: readonly ErrorCode[] =
        mode === 'whole' ? ['malformed_response'] : ['malformed_response', 'stream_truncated'];
      expect(allowed).toContain(code);
    });
  }

  check(`reads no more than the limit of an answer (${mode})`, async (bench) => {
    const transport = createTransport({ connectMs: 2_000, bodyBytesMax: 20_000 });
    const provider = await createProvider(bench.kind, { baseUrl: bench.upstream.baseUrl }, transport);
    bench.upstream.script({ say: { text: 'x'.repeat(30_000) } });
    const error = await failureOf(ask(provider, mode, bench.request(), bench.context()));
    expect(error).toMatchObject({ code: 'malformed_response', provider: `my-${bench.kind}` });
    await transport.close();
  });

  check(`calls a body that is shorter than announced a cut one (${mode})`, async (bench) => {
    bench.upstream.script({ fault: { type: 'short-body', missingBytes: 5 } });
    expect((await fail(bench, mode)).code).toBe('stream_truncated');
  });
}

function describeNetwork(check: Check, mode: Mode): void {
  check(`knows a refused connection, and that nothing was sent (${mode})`, async (bench) => {
    const provider = await bench.create({ baseUrl: `http://127.0.0.1:${await closedPort()}` });
    const onSent = vi.fn();
    const error = await failureOf(ask(provider, mode, bench.request(), bench.context({ onSent })));
    expect(error).toMatchObject({ code: 'provider_unavailable', retrySame: 'no' });
    expect(onSent).not.toHaveBeenCalled();
    expectNoSecret(error);
  });

  check(`asks once more after a reset before any byte, at once on a kept connection (${mode})`, async (bench) => {
    const transport = createTransport({ connectMs: 1_000 });
    const provider = await createProvider(bench.kind, { baseUrl: bench.upstream.baseUrl }, transport);
    const reset = { fault: { type: 'reset-before-headers' } } as const;
    const retries = async () => (await failureOf(ask(provider, mode, bench.request(), bench.context()))).retrySame;
    bench.upstream.script(reset);
    expect(await retries()).toBe('once');
    await ask(provider, mode, bench.request(), bench.context());
    bench.upstream.script(reset);
    expect(await retries()).toBe('at-once');
    // On another connection, that has not answered yet.
    bench.upstream.script(reset);
    expect(await retries()).toBe('once');
    await transport.close();
  });

  check(`ends at once when cancelled before the headers (${mode})`, async (bench) => {
    const count = bench.upstream.requests.length;
    bench.upstream.script({ fault: { type: 'stall-before-headers' } });
    const cancel = new AbortController();
    const call = failureOf(ask(bench.provider, mode, bench.request(), bench.context({ signal: cancel.signal })));
    const request = await bench.upstream.received(count);
    const elapsedMs = startClock();
    cancel.abort();
    expect((await call).code).toBe('cancelled');
    expect(elapsedMs()).toBeLessThan(250);
    expect(await until(() => request.outcome === 'aborted')).toBeLessThan(1_000);
  });

  check(`sends nothing when cancelled before it starts (${mode})`, async (bench) => {
    const count = bench.upstream.requests.length;
    const onSent = vi.fn();
    const context = bench.context({ signal: AbortSignal.abort(), onSent });
    expect((await failureOf(ask(bench.provider, mode, bench.request(), context))).code).toBe('cancelled');
    expect(onSent).not.toHaveBeenCalled();
    expect(bench.upstream.requests).toHaveLength(count);
  });
}

function describeSecrets(check: Check): void {
  check('never shows a key the vendor echoes', async (bench) => {
    const encoded = Buffer.from(SECRET_KEY).toString('base64');
    const message = `Bad key ${SECRET_KEY}, ${SECRET_KEY.slice(0, 8)}***, Bearer ${SECRET_KEY}, ${encoded}`;
    bench.upstream.script({ say: { failure: 'auth', message } }, { say: { failure: 'server_error', message } });
    expect((await fail(bench, 'whole')).code).toBe('provider_auth');
    expect((await fail(bench, 'streamed')).message.length).toBeLessThan(800);
  });

  check('never shows a secret of a configured header', async (bench) => {
    const headers = { 'x-gateway-token': 'header-secret-987', 'x-portkey-provider': 'mistral' };
    const provider = await bench.create({ headers });
    bench.upstream.script({
      say: {
        failure: 'invalid',
        message: 'mistral: Bad token header-secret-987 (header-s***)',
        headers: { 'x-request-id': 'header-secret-987' },
      },
    });
    const error = await failureOf(ask(provider, 'whole', bench.request(), bench.context()));
    expect(error.message).toContain('mistral: Bad token [secret] ([secret])');
    expect(error.providerRequestId).toBeUndefined();
  });

  check('refuses a key no header can carry, without showing it', async (bench) => {
    const onSent = vi.fn();
    const context = bench.context({ apiKey: `${SECRET_KEY}\nx`, onSent });
    for (const mode of MODES) {
      const error = await failureOf(ask(bench.provider, mode, bench.request(), context));
      expect(error).toMatchObject({ code: 'provider_auth', provider: `my-${bench.kind}` });
      expectNoSecret(error);
    }
    expect(onSent).not.toHaveBeenCalled();
  });

  check('understands failures of the model list', async (bench) => {
    bench.upstream.script({ say: { failure: 'auth' } });
    const error = await failureOf(bench.provider.listModels?.(bench.context()) ?? Promise.resolve());
    expect(error.code).toBe('provider_auth');
    expectNoSecret(error);
  });
}

/** A port nobody listens on: one that was just given back. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 1;
}
