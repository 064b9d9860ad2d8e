import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from 'undici';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openLearner } from '../../src/app/learning.ts';
import { CANARY, createWorkplace, MODEL } from '../e2e/workplace.ts';
import { chat, failure } from '../support/gateway.ts';
import { startUpstream } from '../support/start-upstream.ts';
import { inspect } from '../support/store.ts';

const TOKENS = { before: 'caller-before-3kT9vXq2LmZ8', after: 'caller-after-8Yb4LmW1qZ' };
const NEW_KEY = 'vendor-after-8vN1bK4RzWm2';
const HEADER = 'header-after-5mWzR4bK8v';
const SIGNING = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const HOOK = { path: '/services/T7Qx/B9fT', query: '?key=2mWzR4bK8v' };

async function open(more: object = {}) {
  const upstream = await startUpstream();
  const place = createWorkplace(
    [
      { id: 'vendor', kind: 'openai', upstream },
      { id: 'other', kind: 'openai', upstream },
    ],
    more,
  );
  const service = await place.openService({ secrets: [TOKENS.before] });
  onTestFinished(async () => {
    await service.close();
    place.remove();
  });
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  return {
    upstream,
    service,
    rows: () => inspect(join(place.dataDir, 'ledger.db'), 'SELECT status FROM attempts ORDER BY id'),
    /** What the log makes of a line with these in it. */
    logged(...words: readonly string[]): string {
      service.logger.error({ words }, 'a line');
      return String(written.mock.lastCall?.[0]);
    },
    async rotate() {
      const { config } = service;
      const keys = config.providers[0]?.keys.map((key) => ({ ...key, value: NEW_KEY })) ?? [];
      const providers = config.providers.map((one) => ({ ...one, keys, headers: { 'x-key': HEADER } }));
      const webhooks = [`https://hooks.example.com${HOOK.path}${HOOK.query}`, 'https://example.com/alerts'].map(
        (url) => ({
          url,
          secret: SIGNING,
          allow: [],
        }),
      );
      const alerts = config.alerts.map((rule) => ({ ...rule, webhooks }));
      await service.reload({ ...config, providers, alerts }, [TOKENS.after]);
    },
  };
}

it('the log hides the keys and tokens in force from the start, and after a reload those of calls that still run too', async () => {
  const { upstream, service, logged, rotate } = await open();
  expect(logged(CANARY, TOKENS.before, NEW_KEY)).not.toMatch(new RegExp(`${TOKENS.before}|canary`));
  upstream.script({ fault: { type: 'stall-before-headers' } });
  const leaving = new AbortController();
  const running = failure(service.gateway.complete(chat('one'), { signal: leaving.signal }));
  await upstream.received(0);
  await rotate();
  const line = logged(CANARY, NEW_KEY, HEADER, TOKENS.after, SIGNING, HOOK.path + HOOK.query, '/alerts');
  for (const secret of ['canary', NEW_KEY, HEADER, TOKENS.after, SIGNING, HOOK.query]) {
    expect(line).not.toContain(secret);
  }
  // A path as short as a word is none.
  expect(line).toContain('/alerts');
  leaving.abort();
  await running;
});

it('a token that came with a reload is hidden in what providers say, too', async () => {
  const { upstream, service, rotate } = await open();
  await rotate();
  upstream.script({ say: { failure: 'invalid', message: `You sent ${TOKENS.after}.` } });
  const { message } = await failure(service.gateway.complete(chat('one'), { signal: new AbortController().signal }));
  expect(message).toContain('You sent');
  expect(message).not.toContain(TOKENS.after);
});

it('a service that closes waits for the calls it has, also for those of a former configuration, and books them', async () => {
  const { upstream, service, rows, rotate } = await open();
  const slow = { say: { text: 'Done.', pace: { firstMs: 300, frameMs: 0 } } };
  upstream.script(slow, slow);
  const { signal } = new AbortController();
  const former = service.gateway.complete(chat('one'), { signal });
  await upstream.received(0);
  await rotate();
  const current = service.gateway.complete(chat('two'), { signal });
  await upstream.received(1);
  await service.close();
  await expect(Promise.all([former, current])).resolves.toHaveLength(2);
  expect(rows()).toEqual([{ status: 'settled' }, { status: 'settled' }]);
});

it('the books are closed also when the connections cannot be, and whoever closes hears of those', async () => {
  const { upstream, service, rows, rotate } = await open();
  upstream.script({ say: { text: 'Done.', pace: { firstMs: 300, frameMs: 0 } } }, { say: { text: 'Done.' } });
  const { signal } = new AbortController();
  const former = service.gateway.complete(chat('one'), { signal });
  await upstream.received(0);
  await rotate();
  await service.gateway.complete(chat('two'), { signal });
  const stuck = vi.spyOn(Pool.prototype, 'destroy').mockRejectedValueOnce(new Error('stuck'));
  onTestFinished(() => void stuck.mockRestore());
  await expect(service.close()).rejects.toThrow('stuck');
  // SQLite removes its log when the last connection to the file is closed.
  expect(existsSync(join(service.config.dataDir, 'ledger.db-wal'))).toBe(false);
  await former;
  expect(rows()).toEqual([{ status: 'settled' }, { status: 'settled' }]);
});

it('what was learnt last is written before a service is closed', async () => {
  const { upstream, service } = await open({ learning: { enabled: true } });
  const unfit = { say: { text: 'No JSON.' } };
  upstream.script(unfit, unfit, { say: { text: '{"fits":true}' } });
  const asked = chat('one', {}, { responseFormat: { type: 'json-object' } });
  const { model } = await service.gateway.complete(asked, { signal: new AbortController().signal });
  expect(model).toBe(`other/${MODEL}`);
  await service.close();
  const { learner, close } = await openLearner(service.config);
  expect(learner.status().outcomes).toBe(1);
  await close();
});
