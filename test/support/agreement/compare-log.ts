import type { Finding } from '../reconcile/evidence.ts';
import type { Heard } from './calls.ts';
import { costOf, differing, inputOf, type RequestRow, tellingAttempt } from './rows.ts';

/** The lines of one process that count here. */
export type ProcessLog = {
  readonly events: readonly RoutingEvent[];
  readonly refusals: readonly { readonly requestId: string; readonly code: string }[];
  /** Of level `error`, alerts aside: there should be none. */
  readonly errors: readonly string[];
};

type LoggedAttempt = {
  readonly model: string;
  readonly key: string;
  readonly status: string;
  readonly code?: string;
};

type RoutingEvent = {
  readonly requestId: string;
  readonly kind: string;
  readonly status: string;
  readonly code?: string;
  readonly tenant: string;
  readonly client: string;
  readonly model?: string;
  readonly tier?: string;
  readonly task?: string;
  readonly strategy: string;
  readonly rule?: string;
  readonly candidates: readonly string[];
  readonly fallbackReason?: string;
  readonly attempts: readonly LoggedAttempt[];
  readonly cache: string;
  readonly inputTokens?: number;
  readonly cachedInputTokens?: number;
  readonly outputTokens?: number;
  readonly usageSource?: string;
  readonly costUsd: number | null;
  readonly configHash: string;
};

export function readLog(text: string): ProcessLog {
  const lines = text.split('\n').filter((line) => line.startsWith('{'));
  const entries = lines.map((line) => ({ line, entry: JSON.parse(line) }));
  return {
    events: entries.flatMap(({ entry }) => (entry.event === 'request' ? [entry] : [])),
    refusals: entries.flatMap(({ entry }) => (entry.message === 'a request was refused' ? [entry] : [])),
    errors: entries.flatMap(({ line, entry }) => (entry.level === 'error' && entry.event !== 'alert' ? [line] : [])),
  };
}

/** Each request has one line of the log, of one process, that says of it what its rows do. */
export function compareLogs(rows: readonly RequestRow[], logs: readonly ProcessLog[]): readonly Finding[] {
  const events = Map.groupBy(
    logs.flatMap((log) => log.events),
    ({ requestId }) => requestId,
  );
  const booked = new Set(rows.map(({ id }) => id));
  return [
    ...logs.flatMap(({ errors }) => errors.map((what): Finding => ({ invariant: 'F57', what }))),
    ...[...events.keys()].flatMap((id) => differing(`request ${id}`, { 'that it is logged': [true, booked.has(id)] })),
    ...rows.flatMap((row) => {
      const [event, ...more] = events.get(row.id) ?? [];
      const lines = event ? 1 + more.length : 0;
      const count = differing(`request ${row.id}`, { 'the number of its lines in the log': [lines, 1] });
      return event ? [...count, ...compareEvent(row, event)] : count;
    }),
  ];
}

function compareEvent(row: RequestRow, event: RoutingEvent): readonly Finding[] {
  const { attempts } = row;
  const telling = tellingAttempt(row);
  const sent = event.attempts.filter(({ status }) => status !== 'not_sent');
  const isFree = row.cache === 'hit' || row.cache === 'coalesced';
  const cost = costOf(attempts);
  return differing(`the log of request ${row.id}`, {
    kind: [event.kind, row.kind],
    status: [event.status, row.status],
    code: [event.code ?? null, row.error],
    tenant: [event.tenant, row.tenant],
    client: [event.client, row.client],
    cache: [event.cache, row.cache],
    model: [event.model ?? null, row.model],
    tier: [event.tier ?? null, row.tier],
    task: [event.task ?? null, row.task],
    strategy: [event.strategy, row.strategy],
    rule: [event.rule ?? null, row.rule],
    configHash: [event.configHash, row.config_hash],
    attempts: [
      sent.map(attemptText),
      attempts.map(({ error, ...attempt }) => attemptText({ ...attempt, code: error })),
    ],
    costUsd: [event.costUsd, cost === null ? null : cost / 1e9],
    inputTokens: [event.inputTokens ?? 0, inputOf(telling)],
    cachedInputTokens: [event.cachedInputTokens ?? 0, telling?.cached_input_tokens ?? 0],
    outputTokens: [event.outputTokens ?? 0, telling?.output_tokens ?? 0],
    usageSource: [event.usageSource, telling?.usage_source ?? (isFree ? 'none' : undefined)],
    fallbackReason: [event.fallbackReason, fallbackReasonOf(event)],
  });
}

function attemptText({ model, key, status, code }: { [Key in keyof LoggedAttempt]: unknown }): string {
  return [model, key, status, code ?? ''].join(' ');
}

/** What ended the turn of the first candidate, once another one was asked; one that had no turn has no attempt to say it. */
function fallbackReasonOf({ candidates, attempts, fallbackReason }: RoutingEvent): string | undefined {
  const [first] = candidates;
  if (attempts.every(({ model }) => model === first)) return undefined;
  const ofFirst = attempts.findLast(({ model }) => model === first);
  return ofFirst ? ofFirst.code : fallbackReason;
}

/** Whoever was answered was told of the request what its rows say; whoever was turned away has no row. */
export function compareHeard(
  heard: readonly Heard[],
  rows: readonly RequestRow[],
  logs: readonly ProcessLog[],
): readonly Finding[] {
  const booked = new Map(rows.map((row) => [row.id, row]));
  const refused = new Map(logs.flatMap(({ refusals }) => refusals.map(({ requestId, code }) => [requestId, code])));
  return heard.flatMap(({ tag, requestId, cache, model, tier, usage }) => {
    if (requestId === undefined) return [];
    const where = `the answer to work ${tag}, request ${requestId}`;
    const row = booked.get(requestId);
    if (!row) return differing(where, { 'that it was refused': [true, refused.has(requestId)] });
    const telling = tellingAttempt(row);
    return differing(where, {
      'that it was refused': [refused.has(requestId), false],
      tag: [tag, row.client],
      ...(cache && { cache: [cache, row.cache] }),
      ...(model && { model: [model, row.model] }),
      ...(tier && { tier: [tier, row.tier] }),
      ...(usage && { usage: [usage, [inputOf(telling), telling?.output_tokens ?? 0]] }),
    });
  });
}
