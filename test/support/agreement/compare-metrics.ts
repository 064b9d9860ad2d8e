import type { Finding } from '../reconcile/evidence.ts';
import type { Figures } from '../scrape.ts';
import type { Heard } from './calls.ts';
import type { ProcessLog } from './compare-log.ts';
import { type AttemptRow, costOf, differing, type RequestRow, verificationOf } from './rows.ts';

const NO_LOG: ProcessLog = { wasKilled: false, events: [], refusals: [], errors: [] };

/** Every counter of one process against the rows of the requests it had, and what its log has beyond the books. */
export function compareMetrics(
  where: string,
  figures: Figures,
  all: readonly RequestRow[],
  log: ProcessLog = NO_LOG,
): readonly Finding[] {
  const own = new Set(log.events.map(({ requestId }) => requestId));
  const due = new Tally();
  for (const row of all) if (own.has(row.id)) addRequest(due, row);
  for (const { code } of log.refusals) due.add('refusals_total', { code });
  for (const { fallbackReason, attempts } of log.events) {
    if (fallbackReason) due.add('fallbacks_total', { code: fallbackReason });
    for (const { model, status, code } of attempts) {
      if (status === 'not_sent')
        addAttemptEnd(due, { model, provider: providerOf(model), status, error: code ?? null });
    }
  }
  const said = [...figures.keys()].filter(
    (key) => key !== CROWD && COUNTED.some((name) => key === name || key.startsWith(`${name}{`)),
  );
  return [...new Set([...said, ...due.counts.keys()])].flatMap((key) =>
    // Sums of dollars are rounded on the way; nothing costs less than a nano-dollar.
    differing(where, { [key]: [rounded(figures.get(key)), rounded(due.counts.get(key))] }),
  );
}

/** Whoever was sent away with a crowd, and those alone, are counted so; who left may have been one, and not have heard it. */
export function compareCrowd(figures: readonly Figures[], heard: readonly Heard[]): readonly Finding[] {
  const said = figures.reduce((sum, one) => sum + (one.get(CROWD) ?? 0), 0);
  const withoutId = heard.filter(({ requestId }) => requestId === undefined);
  const crowd = withoutId.filter(({ outcome }) => /overloaded|503/.test(outcome)).length;
  const left = withoutId.filter(({ outcome }) => outcome === 'cancelled').length;
  if (said >= crowd && said <= crowd + left) return [];
  return [{ invariant: 'I23', what: `metrics say ${said} were sent away, ${crowd} were told so and ${left} left` }];
}

/** A crowd is turned away without a word in the log, and without an id. */
const CROWD = 'signalbox_refusals_total{code="provider_overloaded"}';
const COUNTED = [
  'requests_total',
  'request_errors_total',
  'refusals_total',
  'fallbacks_total',
  'attempts_total',
  'attempt_errors_total',
  'tokens_total',
  'reasoning_tokens_total',
  'cost_usd_total',
  'verifications_total',
  'escalations_total',
  'unpriced_requests_total',
  'cache_hits_total',
  'cache_misses_total',
  'request_duration_seconds_count',
  'overhead_seconds_count',
  'upstream_latency_seconds_count',
  'first_token_seconds_count',
].map((name) => `signalbox_${name}`);

class Tally {
  readonly counts = new Map<string, number>();

  add(name: string, labels: Readonly<Record<string, string>> = {}, value = 1): void {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
    const key = `signalbox_${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + value);
  }
}

function addRequest(due: Tally, row: RequestRow): void {
  const { kind, cache, error, attempts, model } = row;
  due.add('requests_total', { kind, status: row.status ?? 'none', cache });
  due.add('request_duration_seconds_count', { kind });
  due.add('overhead_seconds_count');
  if (cache === 'hit' || cache === 'coalesced') due.add('cache_hits_total');
  if (cache === 'miss') due.add('cache_misses_total');
  if (error) due.add('request_errors_total', { code: error });
  if (costOf(attempts) === null) due.add('unpriced_requests_total');
  const checked = verificationOf(row);
  if (checked) due.add('verifications_total', { outcome: checked.outcome });
  if (checked?.outcome === 'escalated') due.add('escalations_total', { reason: checked.reasons[0] ?? 'other' });
  for (const attempt of attempts) addAttempt(due, attempt);
  const answered = attempts.findLast((attempt) => attempt.model === model && attempt.role !== 'peer');
  if (answered && answered.first_token_ms !== null) due.add('first_token_seconds_count', targetOf(answered));
}

function addAttempt(due: Tally, attempt: AttemptRow): void {
  const target = targetOf(attempt);
  addAttemptEnd(due, attempt);
  due.add('upstream_latency_seconds_count', target);
  due.add('tokens_total', { ...target, class: 'input' }, attempt.input_tokens);
  due.add('tokens_total', { ...target, class: 'cached_input' }, attempt.cached_input_tokens);
  due.add('tokens_total', { ...target, class: 'cache_write' }, attempt.cache_write_tokens);
  due.add('tokens_total', { ...target, class: 'output' }, attempt.output_tokens);
  due.add('reasoning_tokens_total', target, attempt.reasoning_tokens);
  due.add('cost_usd_total', target, (attempt.cost_nano_usd ?? 0) / 1e9);
}

type AttemptEnd = Pick<AttemptRow, 'provider' | 'model' | 'status' | 'error'>;

function addAttemptEnd(due: Tally, { provider, model, status, error }: AttemptEnd): void {
  due.add('attempts_total', { provider, model, status });
  if (error) due.add('attempt_errors_total', { provider, code: error });
}

function targetOf({ provider, model }: AttemptRow) {
  return { provider, model };
}

function providerOf(model: string): string {
  return model.slice(0, model.indexOf('/'));
}

function rounded(value = 0): number {
  return Math.round(value * 1e9) / 1e9;
}
