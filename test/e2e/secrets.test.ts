import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { SCRIPTED_FAILURES } from '../../src/demo/vendors/scripted.ts';
import { startFakeUpstream } from '../support/fake-upstream.ts';
import { call, type RawCall } from '../support/raw-http.ts';
import { startServe, TOKEN } from '../support/serve.ts';
import { CANARY, MODEL, WIRES } from './workplace.ts';

const BEARER = { authorization: `Bearer ${TOKEN}` };
const messages = [{ role: 'user', content: 'Hello' }];

/** Every way one of the two secrets could be written. */
const SPELLINGS = [CANARY, TOKEN].flatMap((secret) => [
  secret,
  secret.slice(0, 8),
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret).toString('base64url'),
]);
const CREDENTIALS = [CANARY, TOKEN].map((secret) => Buffer.from(`user:${secret}`).toString('base64'));
/** Of credentials what lies between their ends, which depend on the user. */
const SOUGHT = [...SPELLINGS, ...CREDENTIALS.map((text) => text.slice(8, -4))];

/** What a provider says that repeats everything it was sent, and more. */
const ECHO = `bad key ${[...SPELLINGS, ...CREDENTIALS].join(' and ')}, said in ${JSON.stringify({ key: CANARY, token: TOKEN })}`;

function postOf(path: string, body: object, headers: Record<string, string> = {}): RawCall {
  const all = { ...BEARER, 'content-type': 'application/json', ...headers };
  return { method: 'POST', path, headers: all, body: JSON.stringify(body) };
}

const tool = { name: 'complete', arguments: { prompt: 'Hello', cache: 'off' } };
const rpc = (method: string, params: object) => ({ jsonrpc: '2.0', id: 1, method, params });
const MODERN = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'canary', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** One call of every kind that asks a provider. */
const CALLS: readonly RawCall[] = [
  postOf('/v1/chat/completions', { model: 'auto', messages }, { 'x-signalbox-cache': 'off' }),
  postOf('/v1/chat/completions', { model: 'auto', messages, stream: true }, { 'x-signalbox-cache': 'off' }),
  postOf('/v1/responses', { model: 'auto', input: 'Hello' }, { 'x-signalbox-cache': 'off' }),
  postOf('/v1/messages', { model: 'auto', messages, max_tokens: 20 }, { 'x-signalbox-cache': 'off' }),
  postOf('/v1/messages', { model: 'auto', messages, max_tokens: 20, stream: true }, { 'x-signalbox-cache': 'off' }),
  postOf('/v1/embeddings', { model: `vendor/${MODEL}`, input: 'Hello' }),
  postOf('/mcp', rpc('tools/call', { ...tool, _meta: MODERN }), {
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'complete',
  }),
];

/** Calls that are refused before anyone is asked, each of them with a secret in a wrong place. */
const REFUSED: readonly RawCall[] = [
  { path: `/v1/${TOKEN}?key=${CANARY}`, headers: BEARER },
  { path: '/v1/models', headers: { authorization: `Basic ${TOKEN}` } },
  { path: '/v1/models', headers: { authorization: `Bearer ${TOKEN}x` } },
  { path: '/v1/models', headers: { ...BEARER, host: TOKEN } },
  { path: '/v1/models', headers: { ...BEARER, origin: `http://${TOKEN}` } },
  { path: `/v1/models/${TOKEN}`, headers: BEARER },
  postOf('/v1/chat/completions', { model: TOKEN, messages }),
  postOf('/v1/chat/completions', { model: 'auto', messages, [TOKEN]: 1 }),
  postOf('/v1/chat/completions', { model: 'auto', messages, api_key: TOKEN, base_url: `http://${TOKEN}` }),
  postOf('/v1/chat/completions', { model: 'auto', messages }, { [`x-signalbox-${TOKEN}`]: '1' }),
  postOf('/v1/messages', { model: TOKEN, messages, max_tokens: 5 }),
  postOf('/mcp', rpc(TOKEN, {})),
];

it('no key and no token is ever told, however a provider or a caller provokes it', async () => {
  const upstream = await startFakeUpstream(WIRES.openai, { models: [MODEL] });
  onTestFinished(() => upstream.close());
  const served = await startServe({
    upstreams: [],
    config: {
      providers: { vendor: { kind: 'openai', baseUrl: upstream.baseUrl, apiKey: '${VENDOR_KEY}' } },
      models: { [`vendor/${MODEL}`]: { contextTokens: 32_768 } },
      routing: { tiers: { trivial: [`vendor/${MODEL}`], simple: [`vendor/${MODEL}`], medium: [`vendor/${MODEL}`] } },
      limits: { attemptsMax: 1 },
      log: { level: 'debug' },
      server: { tokens: ['${SERVE_TOKEN}'] },
    },
    env: { VENDOR_KEY: CANARY, SERVE_TOKEN: TOKEN },
  });

  const told: string[] = [];
  const ask = async (what: RawCall) => {
    const { status, headers, text } = await call(served.url, what);
    told.push(`${status} ${JSON.stringify(headers)} ${text}`);
    return status;
  };
  for (const failure of SCRIPTED_FAILURES) {
    for (const each of CALLS) {
      upstream.script({ say: { failure, message: ECHO, headers: { 'x-echo': CANARY, 'retry-after': '0' } } });
      await ask(each);
    }
  }
  for (const fault of [
    { type: 'replace', status: 500, body: `<html>${ECHO}</html>` },
    { type: 'replace', status: 200, body: ECHO },
    { type: 'error-event', afterFrames: 2, failure: { failure: 'server_error', message: ECHO } },
    { type: 'extra-frame', afterFrames: 2, frame: `data: ${ECHO}\n\n` },
  ] as const) {
    for (const each of CALLS) {
      upstream.script({ fault });
      await ask(each);
    }
  }
  for (const each of REFUSED) expect(await ask(each)).toBeGreaterThanOrEqual(400);
  await ask({ path: '/metrics', headers: BEARER });
  await ask({ path: '/readyz' });
  const commandLine = readFileSync(`/proc/${served.pid}/cmdline`, 'utf8');
  expect(await served.stop()).toBe(0);

  const books = readdirSync(served.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  expect(books.length).toBeGreaterThan(0);
  expect(told.length).toBeGreaterThan(80);
  for (const text of [...told, ...books, served.stderr(), commandLine]) {
    for (const spelling of SOUGHT) {
      const at = text.indexOf(spelling);
      expect(at < 0 ? '' : text.slice(Math.max(0, at - 200), at + 200)).toBe('');
    }
  }
  for (const text of told) expect(text).not.toMatch(/node_modules|node:internal|\bat .*:\d+:\d+/);
});
