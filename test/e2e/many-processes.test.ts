import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import type { AttemptRecord, RequestRecord } from '../../src/core/books.ts';
import { NO_USAGE, totalInputTokens } from '../../src/core/usage.ts';
import { type FakeUpstream, type Step, startFakeUpstream } from '../support/fake-upstream.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { createWorkplace, MODEL, WIRES } from './workplace.ts';

const LAUNCHER = join(import.meta.dirname, '../../bin/signalbox.cjs');
const SERVERS = 8;

type Place = { readonly workplace: ReturnType<typeof createWorkplace>; readonly upstreams: readonly FakeUpstream[] };
type Server = { readonly client: Client; readonly transport: StdioClientTransport };

let place: Place | undefined;
let servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.map(({ client }) => client.close()));
  servers = [];
  await Promise.all(place?.upstreams.map((upstream) => upstream.close()) ?? []);
  place?.workplace.remove();
});

async function openPlace(): Promise<Place> {
  const first = await startFakeUpstream(WIRES.openai, { models: [MODEL] });
  const second = await startFakeUpstream(WIRES.anthropic, { models: [MODEL] });
  const workplace = createWorkplace(
    [
      { id: 'first', kind: 'openai', upstream: first },
      { id: 'second', kind: 'anthropic', upstream: second },
    ],
    { limits: { firstTokenMs: 1_500, firstTokenSlowMs: 1_500, idleMs: 1_500 }, log: { level: 'error' } },
  );
  place = { workplace, upstreams: [first, second] };
  return place;
}

async function startServer({ workplace }: Place): Promise<Server> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [LAUNCHER, '--config', workplace.configPath],
    env: { HOME: workplace.folder, PATH: process.env.PATH ?? '' },
    stderr: 'inherit',
  });
  const client = new Client({ name: 'many', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(transport);
  const server = { client, transport };
  servers.push(server);
  return server;
}

function randomSteps(random: () => number, count: number): Step[] {
  const faults: readonly Step[] = [
    { say: { failure: 'server_error' } },
    { say: { failure: 'invalid' } },
    { fault: { type: 'reset', afterBytes: 300 } },
    { fault: { type: 'stall', afterFrames: 1 } },
    { fault: { type: 'reset-before-headers' } },
  ];
  return Array.from({ length: count }, () =>
    random() < 0.3 ? (faults[Math.floor(random() * faults.length)] ?? {}) : {},
  );
}

function chats({ requests }: FakeUpstream) {
  return requests.filter(({ call }) => call?.type === 'chat');
}

function attemptsOn(log: readonly RequestRecord[], provider: string): readonly AttemptRecord[] {
  return log.flatMap(({ attempts }) => attempts).filter((attempt) => attempt.provider === provider);
}

/** The books of Signalbox against the vendors' own. */
function expectExactBooks({ upstreams }: Place, log: readonly RequestRecord[]): void {
  for (const [index, upstream] of upstreams.entries()) {
    const attempts = attemptsOn(log, index === 0 ? 'first' : 'second');
    expect(attempts).toHaveLength(chats(upstream).length);
    expect(new Set(attempts.map(({ id }) => id)).size).toBe(attempts.length);
    const settled = attempts.filter(({ status }) => status === 'settled').map(({ usage }) => usage ?? NO_USAGE);
    const billed = chats(upstream).flatMap(({ usage, outcome }) => (usage && outcome === 'answered' ? [usage] : []));
    const others = attempts.filter(({ status }) => status !== 'settled');
    expect(settled, JSON.stringify(others)).toHaveLength(billed.length);
    const sum = (numbers: readonly number[]) => numbers.reduce((left, right) => left + right, 0);
    expect(sum(settled.map(totalInputTokens))).toBe(sum(billed.map(({ inputTokens }) => inputTokens)));
    expect(sum(settled.map(({ outputTokens }) => outputTokens))).toBe(
      sum(billed.map(({ outputTokens }) => outputTokens)),
    );
  }
  for (const { attempts, costNanoUsd } of log) {
    expect(costNanoUsd).toBe(attempts.reduce((sum, attempt) => sum + (attempt.costNanoUsd ?? Number.NaN), 0));
    expect(attempts.length).toBeLessThanOrEqual(3);
  }
}

function integrity({ workplace }: Place): unknown {
  const ledger = new Database(join(workplace.dataDir, 'ledger.db'), { readonly: true });
  try {
    return ledger.pragma('integrity_check', { simple: true });
  } finally {
    ledger.close();
  }
}

describe('eight servers on one data folder', () => {
  it('book every attempt once, to the token, through faults', async () => {
    const opened = await openPlace();
    const random = seededRandom(20_261_120);
    for (const upstream of opened.upstreams) upstream.script(...randomSteps(random, 200));
    const started = await Promise.all(Array.from({ length: SERVERS }, () => startServer(opened)));
    const results = await Promise.all(
      started.map(async ({ client }, server) => {
        const answers: unknown[] = [];
        for (let round = 0; round < 10; round += 1) {
          const ask = (index: number) =>
            client.callTool({ name: 'complete', arguments: { prompt: `${server} ${round} ${index}` } });
          answers.push(...(await Promise.all([ask(0), ask(1), ask(2)])));
        }
        return answers;
      }),
    );
    await Promise.all(started.map(({ client }) => client.close()));
    const log = await opened.workplace.books(100_000);
    expect(results.flat()).toHaveLength(SERVERS * 30);
    expect(log).toHaveLength(SERVERS * 30);
    expect(log.filter(({ status }) => status === undefined)).toEqual([]);
    expectExactBooks(opened, log);
    expect(integrity(opened)).toBe('ok');
  });

  it('book every attempt through cancels', async () => {
    const opened = await openPlace();
    const random = seededRandom(7);
    const slow: Step = { say: { text: 'word '.repeat(30), pace: { firstMs: 5, frameMs: 30 } } };
    const started = await Promise.all(Array.from({ length: SERVERS }, () => startServer(opened)));
    // The first request of a server loads a vendor's SDK, in the midst of which nothing is to be cancelled.
    await Promise.all(
      started.map(({ client }, server) =>
        client.callTool({ name: 'complete', arguments: { prompt: `first of ${server}` } }),
      ),
    );
    for (const upstream of opened.upstreams) upstream.script(...Array.from({ length: 300 }, () => slow));
    await Promise.all(
      started.flatMap(({ client }, server) =>
        Array.from({ length: 8 }, async (_, index) => {
          const leave = new AbortController();
          const timer = setTimeout(() => leave.abort(), random() * 1_000);
          const args = { name: 'complete', arguments: { prompt: `cancel ${server} ${index}` } };
          await client.callTool(args, { signal: leave.signal }).catch(() => undefined);
          clearTimeout(timer);
        }),
      ),
    );
    await Promise.all(started.map(({ client }) => client.close()));
    const log = await opened.workplace.books(100_000);
    const cancelled = log.filter(({ status }) => status === 'cancelled').flatMap(({ attempts }) => attempts);
    expect(cancelled.length).toBeGreaterThan(5);
    for (const attempt of cancelled) {
      expect(attempt.status).not.toBe('pending');
      if (attempt.status === 'cancelled') expect(attempt.costNanoUsd).toBeGreaterThan(0);
    }
    for (const [index, upstream] of opened.upstreams.entries()) {
      expect(attemptsOn(log, index === 0 ? 'first' : 'second')).toHaveLength(chats(upstream).length);
    }
  });

  it('lose nothing that was acknowledged, and know of all that was sent, when killed at random', async () => {
    const opened = await openPlace();
    const random = seededRandom(Number(process.env.SIGNALBOX_TEST_SEED ?? 42));
    const rounds = Number(process.env.SIGNALBOX_TEST_KILL_ROUNDS ?? 6);
    const acknowledged: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const started = await Promise.all([startServer(opened), startServer(opened), startServer(opened)]);
      const work = started.flatMap(({ client }, server) =>
        Array.from({ length: 10 }, async (_, index) => {
          const result = await client
            .callTool({ name: 'complete', arguments: { prompt: `kill ${round} ${server} ${index}` } })
            .catch(() => undefined);
          const requestId = (result?.structuredContent as { request_id?: string } | undefined)?.request_id;
          if (requestId) acknowledged.push(requestId);
        }),
      );
      await new Promise((resolve) => setTimeout(resolve, 300 + random() * 1_200));
      // On a busy machine no answer may have come yet: one round at least has some.
      if (round === 0) await expect.poll(() => acknowledged.length).toBeGreaterThan(0);
      for (const { transport } of started) if (transport.pid) process.kill(transport.pid, 'SIGKILL');
      await Promise.all(work);
    }
    const log = await opened.workplace.books(100_000);
    const byId = new Map(log.map((request) => [request.id as string, request]));
    for (const id of acknowledged) {
      expect(byId.get(id)?.attempts.map(({ status }) => status)).toEqual(['settled']);
    }
    for (const [index, upstream] of opened.upstreams.entries()) {
      const attempts = attemptsOn(log, index === 0 ? 'first' : 'second');
      expect(attempts.length).toBeGreaterThanOrEqual(chats(upstream).length);
      const settled = attempts.filter(({ status }) => status === 'settled');
      expect(settled.length).toBeLessThanOrEqual(chats(upstream).length);
    }
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(integrity(opened)).toBe('ok');
  });
});
