/**
 * Cancel a call under way: the provider is stopped at once, and what it had already produced stands
 * in the books, estimated and marked so. Run it: `npx node examples/cancel-and-pay-what-was-burnt.ts`
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { withSignalbox } from './with-signalbox.ts';

await withSignalbox(async (call) => {
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
  const report = await call('cost_report', { period: 'today' });
  const totals = report.totals as { attempts: number; output_tokens: number; cost_usd: number };
  process.stdout.write(`Cancelled; the books say: ${JSON.stringify(totals)}\n`);
  assert.equal(totals.attempts, 1);
  assert.ok(totals.output_tokens > 0 && totals.cost_usd > 0);
});
