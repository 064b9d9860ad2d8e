/**
 * Cancel a call under way: the provider is stopped at once, and what it had already produced stands
 * in the books, estimated and marked so. Run it: `npx node examples/cancel-and-pay-what-was-burnt.ts`
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { withSignalbox } from './with-signalbox.ts';

type Totals = { attempts: number; output_tokens: number; cost_usd: number };

await withSignalbox(async (call) => {
  const readTotals = async () => (await call('cost_report', { period: 'today' })).totals as Totals;
  // The first call of a server loads the vendor's SDK: what comes after it begins at once.
  await call('complete', { prompt: 'Hello!' });
  const before = await readTotals();

  const leave = new AbortController();
  const asked = call('complete', { prompt: 'Tell me a very long story, word by word.' }, leave);
  const outcome = asked.then(
    () => 'answered',
    () => 'cancelled',
  );
  await delay(1_500);
  leave.abort();
  assert.equal(await outcome, 'cancelled');

  await delay(200);
  const totals = await readTotals();
  process.stdout.write(`Cancelled; the books say: ${JSON.stringify(totals)}\n`);
  assert.equal(totals.attempts, before.attempts + 1);
  assert.ok(totals.output_tokens > before.output_tokens && totals.cost_usd > before.cost_usd);
});
