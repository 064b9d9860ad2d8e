import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SCRIPTED_FAILURES } from '../../src/demo/vendors/scripted.ts';
import type { Step } from '../support/fake-upstream.ts';
import { call, type RawCall } from '../support/raw-http.ts';
import { startServe, TOKEN } from '../support/serve.ts';
import { startUpstream } from '../support/start-upstream.ts';
import { CANARY } from './workplace.ts';

const BEARER = { authorization: `Bearer ${TOKEN}` };
const messages = [{ role: 'user', content: 'Hello' }];

function completeWith(model: string): object {
  return { name: 'complete', arguments: { prompt: 'Hello', cache: 'off', model }, _meta: MODERN };
}

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

/** The canary in words that no model says by chance, as its first letters alone might be. */
const ENCODED = [
  encodeURIComponent(CANARY),
  JSON.stringify({ CANARY }),
  ...[CANARY, `Bearer ${CANARY}`, `user:${CANARY}`].flatMap((text) => [
    Buffer.from(text).toString('base64'),
    Buffer.from(text).toString('base64url'),
  ]),
];

/** What a provider says that repeats everything it was sent, and more. */
const ECHO = `bad key ${[...SPELLINGS, ...CREDENTIALS].join(' and ')}, said in ${JSON.stringify({ key: CANARY, token: TOKEN })}`;

function postOf(path: string, body: object, headers: Record<string, string> = {}): RawCall {
  const all = { ...BEARER, 'content-type': 'application/json', ...headers };
  return { method: 'POST', path, headers: all, body: JSON.stringify(body) };
}

const rpc = (method: string, params: object) => ({ jsonrpc: '2.0', id: 1, method, params });
const MODERN = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'canary', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

const FRESH = { 'x-signalbox-cache': 'off' };
const MCP_HEADERS = {
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': 'tools/call',
  'mcp-name': 'complete',
};

/** One call of every kind that asks a provider. */
const CALLS: readonly ((model: string) => RawCall)[] = [
  (model) => postOf('/v1/chat/completions', { model, messages }, FRESH),
  (model) => postOf('/v1/chat/completions', { model, messages, stream: true }, FRESH),
  (model) => postOf('/v1/responses', { model, input: 'Hello' }, FRESH),
  (model) => postOf('/v1/responses', { model, input: 'Hello', stream: true }, FRESH),
  (model) => postOf('/v1/messages', { model, messages, max_tokens: 20 }, FRESH),
  (model) => postOf('/v1/messages', { model, messages, max_tokens: 20, stream: true }, FRESH),
  (model) => postOf('/v1/embeddings', { model, input: 'Hello' }),
  (model) => postOf('/mcp', rpc('tools/call', completeWith(model)), MCP_HEADERS),
];

/** What a provider does with them. */
const STEPS: readonly Step[] = [
  ...SCRIPTED_FAILURES.map((failure) => ({
    say: { failure, message: ECHO, headers: { 'x-echo': CANARY, 'retry-after': '0' } },
  })),
  { say: { text: `I was sent Bearer ${CANARY}, twice ${CANARY}.`, pieces: 17, reasoning: `What is ${CANARY}?` } },
  { say: { toolCalls: [{ id: 'call_1', name: 'tell', argumentsJson: `{"key":"${CANARY}"}` }], argumentPieces: 4 } },
  { say: { toolCalls: [{ id: CANARY, name: CANARY, argumentsJson: '{}' }] } },
  { say: { text: `In other words: ${ENCODED.join(', ')}.`, pieces: 23, reasoning: ENCODED.join(' ') } },
  { fault: { type: 'replace', status: 500, body: `<html>${ECHO}</html>` } },
  { fault: { type: 'replace', status: 200, body: ECHO } },
  { fault: { type: 'error-event', afterFrames: 2, failure: { failure: 'server_error', message: ECHO } } },
  { fault: { type: 'extra-frame', afterFrames: 2, frame: `data: ${ECHO}\n\n` } },
];

/** Each call has its own model and key, since a failure puts them to rest. */
const NAMES = CALLS.map((_, index) => `model-${index}`);
const PROVIDERS = STEPS.map((_, index) => `vendor-${index}`);

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
  const upstream = await startUpstream('openai', { models: NAMES });
  const served = await startServe({
    upstreams: [],
    config: {
      providers: Object.fromEntries(
        PROVIDERS.map((id) => [
          id,
          { kind: 'openai-compatible', baseUrl: upstream.baseUrl, keys: NAMES.map((name) => keyFor(name)) },
        ]),
      ),
      routing: { tiers: { simple: ['vendor-0/model-0'] } },
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
  for (const [stepIndex, step] of STEPS.entries()) {
    for (const [callIndex, callOf] of CALLS.entries()) {
      upstream.script(step);
      await ask(callOf(`${PROVIDERS[stepIndex]}/${NAMES[callIndex]}`));
    }
  }
  expect(upstream.requests).toHaveLength(STEPS.length * CALLS.length);
  for (const each of REFUSED) expect(await ask(each)).toBeGreaterThanOrEqual(400);
  const status = { name: 'provider_status', arguments: {}, _meta: MODERN };
  await ask(postOf('/mcp', rpc('tools/call', status), { ...MCP_HEADERS, 'mcp-name': 'provider_status' }));
  await ask({ path: '/metrics', headers: BEARER });
  await ask({ path: '/readyz' });
  const commandLine = readFileSync(`/proc/${served.pid}/cmdline`, 'utf8');
  expect(await served.stop()).toBe(0);

  const books = readdirSync(served.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  expect(books.length).toBeGreaterThan(0);
  for (const text of [...told, ...books, served.stderr(), commandLine]) {
    for (const spelling of SOUGHT) {
      const at = text.indexOf(spelling);
      expect(at < 0 ? '' : text.slice(Math.max(0, at - 200), at + 200)).toBe('');
    }
  }
  for (const text of told) expect(text).not.toMatch(/node_modules|node:internal|\.[mc]?[jt]s:\d+/);
});

function keyFor(name: string) {
  return { name, value: '${VENDOR_KEY}', models: [name] };
}
