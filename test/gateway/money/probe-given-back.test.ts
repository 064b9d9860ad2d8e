import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { chat, failure } from '../../support/gateway.ts';
import { until } from '../../support/until.ts';
import { budget, open } from './budget-harness.ts';

it('a probe is given back by who leaves before a budget has let him in', async () => {
  const { gateway, ask, store, dataDir } = await open({ budgets: [budget(5)] });
  const target = { provider: 'one', key: '*', model: '*' };
  const openedAtMs = Date.now() - 10_000;
  await store.health.update(target, openedAtMs, () => ({
    target,
    breaker: { state: 'open', openedAtMs, cooldownMs: 5_000 },
    consecutiveFailures: 5,
  }));
  const other = new Database(join(dataDir, 'ledger.db'));
  other.exec('BEGIN IMMEDIATE');
  const leaving = new AbortController();
  const left = failure(gateway.complete(chat('one'), { signal: leaving.signal }));
  await until(() => store.health.snapshot().some(({ breaker }) => breaker.state === 'half-open'));
  leaving.abort();
  expect(await left).toMatchObject({ code: 'cancelled' });
  other.exec('ROLLBACK');
  other.close();
  await gateway.drain();
  expect((await ask('two')).model).toBe('one/m');
});
