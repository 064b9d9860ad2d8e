import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { AttemptSummary } from '../../src/core/books.ts';
import { createCallId } from '../../src/core/ids.ts';
import type { RequestEvent } from '../../src/core/observer.ts';
import { collectProcessMetrics } from '../../src/telemetry/metrics/process-metrics.ts';
import { createRequestMetrics } from '../../src/telemetry/metrics/request-metrics.ts';

const ATTEMPT: AttemptSummary = { model: 'main/m', key: '0', status: 'settled', startedAtMs: 0, latencyMs: 400 };

/** What the metrics say after these requests, each a second long. */
async function measure(...requests: readonly Partial<RequestEvent>[]): Promise<string> {
  const registry = new Registry();
  const metrics = createRequestMetrics(registry, () => true);
  for (const more of requests) {
    metrics.requestEnded({
      id: createCallId(),
      startedAtMs: 0,
      kind: 'chat',
      tenant: 'local',
      client: 'test',
      status: 'success',
      cache: 'miss',
      streamed: false,
      plan: { candidates: [], strategy: 'complexity', reason: 'a test', configHash: '' },
      attempts: [],
      latencyMs: 1_000,
      ...more,
    });
  }
  return registry.metrics();
}

describe('the metrics of requests', () => {
  it('take for upstream only the time of attempts whose bytes left', async () => {
    const unsent: AttemptSummary = { ...ATTEMPT, status: 'not_sent', latencyMs: 300 };
    const text = await measure({ attempts: [unsent, ATTEMPT] });
    expect(text).toContain('signalbox_overhead_seconds_sum 0.6\n');
    expect(text).toContain('signalbox_upstream_latency_seconds_count{provider="main",model="main/m"} 1\n');
    expect(text).toContain('signalbox_attempts_total{provider="main",model="main/m",status="not_sent"} 1\n');
  });

  it('count the requests under the cost target by side, those that reached a model', async () => {
    const pacing = { side: 'strong', by: 'threshold', score: 0.8, threshold: 0.7, share: 0.3, shareMax: 0.3 } as const;
    const plan = { candidates: [], strategy: 'complexity', reason: 'a test', configHash: '', pacing } as const;
    const text = await measure({ plan, attempts: [ATTEMPT] }, { plan, cache: 'hit' }, {});
    expect(text).toContain('signalbox_paced_requests_total{side="strong"} 1\n');
    expect(text).not.toContain('side="cheap"');
  });

  it('count what became of checked answers, and why they were replaced, in a bounded number of labels', async () => {
    const verification = {
      outcome: 'escalated',
      doubt: 1,
      reasons: ['truncated'],
      first: 'main/m',
      checkMs: 1,
    } as const;
    const odd = Array.from({ length: 60 }, (_, index) => ({
      ...verification,
      reasons: [`reason-${'x'.repeat(index)}`],
    }));
    const text = await measure(
      { verification },
      { verification: { ...verification, outcome: 'kept', keptBecause: 'budget_exceeded' } },
      { verification: { ...verification, reasons: ['Any text, such as a prompt'] } },
      { verification: { ...verification, outcome: 'passed', reasons: [] } },
      ...odd.map((one) => ({ verification: one })),
    );
    expect(text).toContain('signalbox_verifications_total{outcome="passed"} 1\n');
    expect(text).toContain('signalbox_verifications_total{outcome="kept"} 1\n');
    expect(text).toContain('signalbox_escalations_total{reason="truncated"} 1\n');
    expect(text.match(/^signalbox_escalations_total\{/gm)?.length).toBeLessThanOrEqual(51);
    expect(text).not.toContain('Any text');
  });

  it('take a peer for upstream only as far as it outlasts the answer beside it', async () => {
    const peer: AttemptSummary = { ...ATTEMPT, role: 'peer', latencyMs: 500 };
    expect(await measure({ attempts: [ATTEMPT, peer] })).toContain('signalbox_overhead_seconds_sum 0.5\n');
    const shorter = { ...peer, latencyMs: 300 };
    expect(await measure({ attempts: [ATTEMPT, shorter] })).toContain('signalbox_overhead_seconds_sum 0.6\n');
  });

  it('count an answer of a call already under way as one that cost nothing', async () => {
    const text = await measure({ cache: 'hit' }, { cache: 'coalesced' }, { cache: 'miss' }, { cache: 'off' });
    expect(text).toContain('signalbox_cache_hits_total 2\n');
    expect(text).toContain('signalbox_cache_misses_total 1\n');
  });
});

it('the longest delay of the event loop is that since the last scrape', async () => {
  const registry = new Registry();
  const stop = collectProcessMetrics(registry);
  const longest = async () =>
    Number(/^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(await registry.metrics())?.[1] ?? Number.NaN);
  const turn = () => new Promise((resolve) => setTimeout(resolve, 60));
  await turn();
  const endMs = performance.now() + 400;
  while (performance.now() < endMs);
  await turn();
  const blocked = await longest();
  await turn();
  const free = await longest();
  stop();
  expect(blocked).toBeGreaterThan(0.2);
  expect(free).toBeLessThan(blocked);
});
