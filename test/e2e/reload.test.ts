import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import type { FakeUpstream } from '../support/fake-upstream.ts';
import { startOtlpReceiver } from '../support/otlp-receiver.ts';
import { postChat } from '../support/post-chat.ts';
import { scrape } from '../support/scrape.ts';
import { type Served, startServe, TOKEN } from '../support/serve.ts';
import { startUpstream } from '../support/start-upstream.ts';

type Config = Record<string, Record<string, unknown>>;

async function start(upstream: FakeUpstream, config: Record<string, object> = {}) {
  const served = await startServe({ upstreams: [{ id: 'vendor', kind: 'openai', upstream }], config });
  const path = join(dirname(served.dataDir), 'mcp.config.json');
  const read = () => JSON.parse(readFileSync(path, 'utf8')) as Config;
  return {
    served,
    path,
    /** Changes the file in place and waits for what the log says of it. */
    async edit(change: (config: Config) => void, said = 'the configuration was reloaded') {
      const config = read();
      change(config);
      const heard = hears(served, said);
      writeFileSync(path, JSON.stringify(config));
      await heard();
    },
  };
}

/** Waits until the log has said it once more than now. */
function hears(served: Served, text: string): () => Promise<void> {
  const count = () => served.stderr().split(text).length;
  const before = count();
  return async () => {
    while (count() === before) await delay(10);
  };
}

const statusOf = async (response: Promise<Response>) => {
  const answered = await response;
  await answered.text();
  return answered.status;
};

const keysOf = (upstream: FakeUpstream) => upstream.requests.map(({ call }) => call?.key);

it('a file that becomes invalid, or is written by halves, is refused with the place, and the old one stays', async () => {
  const { served, path, edit } = await start(await startUpstream());
  const good = readFileSync(path, 'utf8');

  let refused = hears(served, 'the last good one stays: mcp.config.json:1:');
  writeFileSync(path, good.slice(0, good.length / 2));
  await refused();
  expect(await statusOf(postChat(served, 'one'))).toBe(200);

  refused = hears(served, 'ruoting');
  writeFileSync(path, good.replace('"routing"', '"ruoting"'));
  await refused();
  expect(served.stderr()).toMatch(/the last good one stays: mcp\.config\.json:1:\d+ ruoting: .*routing/);
  expect(await statusOf(postChat(served, 'two'))).toBe(200);

  refused = hears(served, 'does not exist');
  rmSync(path);
  await refused();
  expect(await statusOf(postChat(served, 'three'))).toBe(200);

  const back = hears(served, 'the configuration was reloaded');
  writeFileSync(path, good.replace('"dataDir"', '"log":{"level":"info"},"dataDir"'));
  await back();
  await edit((config) => {
    config.server = { tokens: ['${NOT_SET_ANYWHERE}'] };
  }, 'NOT_SET_ANYWHERE');
  expect(await statusOf(postChat(served, 'four'))).toBe(200);
  const figures = await scrape(served);
  expect(figures.get('signalbox_config_reloads_total{result="applied"}')).toBe(1);
  expect(figures.get('signalbox_config_reloads_total{result="refused"}')).toBeGreaterThanOrEqual(4);
});

it('a new key is used from then on, while a stream that runs finishes with the old one', async () => {
  const oldKey = 'key-before-7Qx9fT2mWzR4';
  const newKey = 'key-after-8vN1bK4RzWm2';
  const upstream = await startUpstream('openai', { keys: [oldKey, newKey] });
  const { served, path } = await start(upstream);
  const secret = join(dirname(path), 'vendor.key');
  writeFileSync(secret, oldKey);
  const config = JSON.parse(readFileSync(path, 'utf8')) as Config;
  Object.assign(config.providers?.vendor as object, { apiKey: `file:${secret}` });
  const reloaded = hears(served, 'the configuration was reloaded');
  writeFileSync(path, JSON.stringify(config));
  await reloaded();

  const text = 'one two three four five six seven eight nine ten';
  upstream.script({ say: { text, pace: { firstMs: 0, frameMs: 200 } } });
  const running = await postChat(served, 'long', { stream: true });
  const rotated = hears(served, 'the configuration was reloaded');
  writeFileSync(secret, newKey);
  served.child.kill('SIGHUP');
  await rotated();
  expect(await statusOf(postChat(served, 'short'))).toBe(200);
  expect(await running.text()).toContain('[DONE]');
  expect(keysOf(upstream)).toEqual([oldKey, newKey]);
  expect(served.stderr()).not.toContain(newKey);
  expect(served.stderr()).not.toContain(oldKey);
});

it('providers, tokens and tools are those of the new file, and the books name it', async () => {
  const [first, second] = [await startUpstream(), await startUpstream()];
  const { served, edit } = await start(first);
  expect(await statusOf(postChat(served, 'one'))).toBe(200);
  const other = 'another-token-5mWzR4bK8v';
  await edit((config) => {
    Object.assign(config.providers?.vendor as object, { baseUrl: second.baseUrl });
    config.server = { tokens: [{ name: 'other', value: other }] };
    config.tools = { enabled: ['route_preview'] };
  });
  expect(await statusOf(postChat(served, 'two'))).toBe(401);
  expect(await statusOf(postChat({ ...served, token: other }, 'two'))).toBe(200);
  expect([first.requests.length, second.requests.length]).toEqual([1, 1]);
  expect(await toolNames(served, other)).toEqual(['route_preview']);
  const events = served
    .stderr()
    .split('\n')
    .filter((line) => line.includes('"event":"request"'))
    .map((line) => JSON.parse(line) as { configHash: string; tenant: string });
  expect(events).toHaveLength(2);
  expect(events[1]?.tenant).toBe('other');
  expect(new Set(events.map(({ configHash }) => configHash)).size).toBe(2);
  expect(served.stderr()).not.toContain('next start');
});

async function toolNames({ url }: Served, token: string): Promise<string[]> {
  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const client = new Client({ name: 'test', version: '1' });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit }));
  const { tools } = await client.listTools();
  await client.close();
  return tools.map(({ name }) => name);
}

it('what watches the service goes by the new file: figures, traces, readiness and the level of the log', async () => {
  const collector = await startOtlpReceiver();
  onTestFinished(collector.close);
  const { served, edit, path } = await start(await startUpstream(), { telemetry: { otlpEndpoint: collector.origin } });
  expect(await statusOf(postChat(served, 'zero'))).toBe(200);
  await edit((config) => {
    const renamed = JSON.stringify(config).replaceAll(/"vendor(?=["/])/g, '"other');
    const alerts = [{ name: 'own', when: { metric: 'latency', above: '60s' } }];
    Object.assign(config, JSON.parse(renamed), { alerts });
  });
  expect(await statusOf(postChat(served, 'one'))).toBe(200);
  const names = [...(await scrape(served)).keys()];
  expect(names.filter((name) => name.startsWith('signalbox_breaker_state'))).toEqual([
    'signalbox_breaker_state{provider="other"}',
  ]);
  expect(names).toContain('signalbox_alerts_firing{alert="own",severity="warning"}');
  const [, hash] = /"configHash":"(\w+)","message":"the configuration was reloaded"/.exec(served.stderr()) ?? [];
  expect(names).toContain(`signalbox_config_info{hash="${hash}"}`);

  const quiet = {
    ...JSON.parse(readFileSync(path, 'utf8')),
    providers: {},
    models: {},
    routing: {},
    log: { level: 'error' },
  };
  writeFileSync(path, JSON.stringify(quiet));
  while ((await fetch(`${served.url}/readyz`).then((response) => response.text())).includes('"ready"')) await delay(50);
  const before = served.stderr();
  expect(await statusOf(postChat(served, 'two'))).toBeGreaterThanOrEqual(400);
  expect(await served.stop()).toBe(0);
  expect(served.stderr().replace(before, '')).not.toContain('"level"');
  const attributes = { 'gen_ai.provider.name': 'openai', 'server.address': '127.0.0.1' };
  const asked = collector.spans().filter(({ kind }) => kind === 'client');
  expect(asked).toMatchObject([{ attributes }, { attributes }]);
});

it('a token rotated in a file of its own counts after SIGHUP, and a file that is as it was at the start counts again', async () => {
  const { served, path } = await start(await startUpstream());
  const file = join(dirname(path), 'caller.token');
  writeFileSync(file, TOKEN);
  const atStart = readFileSync(path, 'utf8');
  const reloadedBy = async (change: () => void) => {
    const heard = hears(served, 'the configuration was reloaded');
    change();
    await heard();
  };
  await reloadedBy(() =>
    writeFileSync(path, JSON.stringify({ ...JSON.parse(atStart), server: { tokens: [`file:${file}`] } })),
  );
  const rotated = 'rotated-token-8vN1bK4RzWm2';
  await reloadedBy(() => {
    writeFileSync(file, rotated);
    served.child.kill('SIGHUP');
  });
  expect(await statusOf(postChat({ ...served, token: TOKEN }, 'one'))).toBe(401);
  expect(await statusOf(postChat({ ...served, token: rotated }, 'two'))).toBe(200);
  await reloadedBy(() => writeFileSync(path, atStart));
  expect(await statusOf(postChat({ ...served, token: TOKEN }, 'three'))).toBe(200);
});

it('what needs a restart is named, and the rest counts', async () => {
  const { served, edit } = await start(await startUpstream());
  await edit((config) => {
    config.server = { ...config.server, host: '127.0.0.2', port: 9_999, connectionsMax: 9 };
    const telemetry = { otlpEndpoint: 'http://127.0.0.1:9' };
    Object.assign(config, { dataDir: `${served.dataDir}-other`, cache: { enabled: false }, telemetry });
    Object.assign(config, { log: { level: 'debug' } });
    Object.assign(config.providers as object, { keyless: { kind: 'groq', apiKey: '${NOT_SET_ANYWHERE}' } });
  }, 'takes effect with the next start only: server.host, server.port, server.connectionsMax, dataDir, cache, telemetry.otlpEndpoint');
  // So does what is odd about it.
  expect(served.stderr()).toContain('NOT_SET_ANYWHERE');
  expect(await statusOf(postChat(served, 'one'))).toBe(200);
});

it('a file that was refused and is as before again is said to be', async () => {
  const { served, path } = await start(await startUpstream());
  const good = readFileSync(path, 'utf8');
  const refused = hears(served, 'the last good one stays');
  writeFileSync(path, '{');
  await refused();
  expect(served.stderr()).not.toContain('the configuration is as it was');
  const heard = hears(served, 'the configuration is as it was');
  writeFileSync(path, good);
  await heard();
});

it('a file that is written without a change, or replaced by the same, changes nothing', async () => {
  const { served, path } = await start(await startUpstream(), { log: { level: 'debug' } });
  const text = readFileSync(path, 'utf8');
  for (const write of [() => writeFileSync(path, `${text}\n`), () => replaceWith(path, text)]) {
    const heard = hears(served, 'the configuration is as it was');
    write();
    await heard();
  }
  expect(served.stderr()).not.toContain('the configuration was reloaded');
});

function replaceWith(path: string, text: string): void {
  writeFileSync(`${path}~`, text);
  renameSync(`${path}~`, path);
}

it('100 reloads and key rotations under load fail no request', async () => {
  const keys = Array.from({ length: 101 }, (_, index) => `rotating-key-number-${index}-9fT2mWzR`);
  const upstream = await startUpstream('openai', { keys });
  const { served, path } = await start(upstream);
  const config = JSON.parse(readFileSync(path, 'utf8')) as Config;
  const vendor = config.providers?.vendor as Record<string, unknown>;
  const secret = join(dirname(path), 'vendor.key');
  vendor.apiKey = `file:${secret}`;
  writeFileSync(secret, keys[0] ?? '');
  const first = hears(served, 'the configuration was reloaded');
  replaceWith(path, JSON.stringify(config));
  await first();

  let isOver = false;
  const outcomes: Record<string, number> = {};
  const worker = async (name: number) => {
    for (let round = 0; !isOver; round += 1) {
      const response = await postChat(served, `worker ${name} round ${round}`, { stream: round % 2 === 0 });
      const text = await response.text();
      const whole = round % 2 === 0 ? text.includes('[DONE]') : response.ok;
      outcomes[`${response.status} ${whole}`] = (outcomes[`${response.status} ${whole}`] ?? 0) + 1;
    }
  };
  const load = Promise.all(Array.from({ length: 8 }, (_, name) => worker(name)));
  for (let index = 1; index <= 100; index += 1) {
    const reloaded = hears(served, 'the configuration was reloaded');
    writeFileSync(secret, keys[index] ?? '');
    if (index % 2 === 0) {
      served.child.kill('SIGHUP');
    } else {
      config.limits = { totalMs: 600_000 - index };
      replaceWith(path, JSON.stringify(config));
    }
    await reloaded();
  }
  isOver = true;
  await load;
  expect(Object.keys(outcomes)).toEqual(['200 true']);
  expect(outcomes['200 true']).toBeGreaterThan(100);
  expect(new Set(keysOf(upstream)).size).toBeGreaterThan(90);
  expect(await statusOf(postChat({ ...served, token: TOKEN }, 'last'))).toBe(200);
  expect(keysOf(upstream).at(-1)).toBe(keys[100]);
});
