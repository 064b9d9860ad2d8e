/**
 * Ask for an answer and for JSON, see which model a question would get, ask again for free, and
 * read what it cost. Run it: `npx node examples/ask-and-account.ts`
 */
import assert from 'node:assert/strict';
import { withSignalbox } from './with-signalbox.ts';

await withSignalbox(async (call) => {
  const preview = await call('route_preview', { prompt: 'What are your hours?' });
  process.stdout.write(`A simple question would go to ${JSON.stringify(preview.candidates)}\n`);

  const first = await call('complete', { prompt: 'What are your hours?' });
  const again = await call('complete', { prompt: 'What are your hours?' });
  process.stdout.write(`${first.text} (${first.model}, ${first.cost_usd} $), then from the cache: ${again.cached}\n`);
  assert.equal(first.cached, false);
  assert.equal(again.cached, true);

  const json_schema = {
    type: 'object',
    properties: { city: { type: 'string' }, country: { type: 'string' } },
    required: ['city', 'country'],
    additionalProperties: false,
  };
  const structured = await call('complete', { prompt: 'Name a capital.', json_schema });
  assert.deepEqual(structured.data, { city: 'Paris', country: 'France' });

  const report = await call('cost_report', { period: 'today', group_by: 'model' });
  process.stdout.write(`The books: ${JSON.stringify(report.totals)}\n`);
  const totals = report.totals as { requests: number; cost_usd: number };
  assert.equal(totals.requests, 3);
  assert.equal(totals.cost_usd, Number(first.cost_usd) + Number(structured.cost_usd));
});
