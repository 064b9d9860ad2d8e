import type { Verification } from '../../../src/core/verification.ts';
import type { Finding } from '../reconcile/evidence.ts';
import type { Heard } from './calls.ts';
import { costOf, differing, inputOf, type RequestRow, tellingAttempt, verificationOf } from './rows.ts';

/** The lines of one process that count here. */
export type ProcessLog = {
  readonly wasKilled: boolean;
  readonly events: readonly RoutingEvent[];
  readonly refusals: readonly { readonly requestId: string; readonly code: string }[];
  /** Of level `error`, alerts aside: there should be none. */
  readonly errors: readonly string[];
};

type LoggedAttempt = {
  readonly role?: string;
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
  readonly verification?: Partial<Verification> & { readonly checkCostUsd?: number | null };
};

export function readLog(text: string, wasKilled: boolean): ProcessLog {
  const lines = text.split('\n').filter((line) => line.startsWith('{'));
  const entries = lines.map((line) => ({ line, entry: JSON.parse(line) }));
  return {
    wasKilled,
    events: entries.flatMap(({ entry }) => (entry.event === 'request' ? [entry] : [])),
    refusals: entries.flatMap(({ entry }) => (entry.message === 'a request was refused' ? [entry] : [])),
    errors: entries.flatMap(({ line, entry }) => (entry.level === 'error' && entry.event !== 'alert' ? [line] : [])),
  };
}

/**
 * Each request has one line of the log, of one process, that says of it what its rows do. Who was killed may not have
 * come to write the line, or to book the end that it tells of. `calledKilled`: work that was asked of such a process.
 */
export function compareLogs(
  rows: readonly RequestRow[],
  logs: readonly ProcessLog[],
  calledKilled: ReadonlySet<string>,
): readonly Finding[] {
  const booked = new Set(rows.map(({ id }) => id));
  const ended = new Set(rows.flatMap(({ id, ended_at_ms }) => (ended_at_ms === null ? [] : [id])));
  const events = Map.groupBy(
    logs.flatMap((log) => log.events.filter(({ requestId }) => !log.wasKilled || ended.has(requestId))),
    ({ requestId }) => requestId,
  );
  return [
    ...logs.flatMap(({ errors }) => errors.map((what): Finding => ({ invariant: 'F57', what }))),
    ...[...events.keys()].flatMap((id) => differing(`request ${id}`, { 'that it is logged': [true, booked.has(id)] })),
    ...rows.flatMap((row) => {
      const [event, ...more] = events.get(row.id) ?? [];
      if (!event && calledKilled.has(row.client)) return [];
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
    verification: [outlineOf(event.verification), outlineOf(verificationOf(row))],
    checkCostUsd: [event.verification?.checkCostUsd ?? null, checkCostOf(row)],
    fallbackReason: [event.fallbackReason, fallbackReasonOf(event)],
  });
}

function outlineOf(verification: RoutingEvent['verification']): readonly unknown[] {
  const { outcome, reasons, first, peer, keptBecause } = verification ?? {};
  return [outcome, reasons, first, peer, keptBecause];
}

/** What the peers of a checked answer cost, in dollars. */
function checkCostOf(row: RequestRow): number | null {
  const cost = row.verification === null ? null : costOf(row.attempts.filter(({ role }) => role === 'peer'));
  return cost === null ? null : cost / 1e9;
}

function attemptText({ role, model, key, status, code }: { [Key in keyof LoggedAttempt]: unknown }): string {
  return [role ?? 'answer', model, key, status, code ?? ''].join(' ');
}

/** What ended the turn of the first candidate, once another one was asked; one that had no turn has no attempt to say it. */
function fallbackReasonOf({ candidates, attempts, fallbackReason }: RoutingEvent): string | undefined {
  const [first] = candidates;
  const inTurn = attempts.filter(({ role }) => role !== 'peer');
  if (inTurn.every(({ model }) => model === first)) return undefined;
  const ofFirst = inTurn.findLast(({ model }) => model === first);
  return ofFirst ? ofFirst.code : fallbackReason;
}

/** Whoever was killed may not have come to book the end of a request, but has booked who answered. */
function modelOf({ status, model, attempts }: RequestRow, wasKilled = false): string | null {
  if (status === 'success' || !wasKilled) return model;
  return attempts.findLast((attempt) => attempt.role !== 'peer' && attempt.status === 'settled')?.model ?? null;
}

/** Whoever was answered was told of the request what its rows say; whoever was turned away has no row. */
export function compareHeard(
  heard: readonly Heard[],
  rows: readonly RequestRow[],
  logs: readonly ProcessLog[],
): readonly Finding[] {
  const booked = new Map(rows.map((row) => [row.id, row]));
  const refused = new Map(logs.flatMap(({ refusals }) => refusals.map(({ requestId, code }) => [requestId, code])));
  return heard.flatMap(({ tag, tenant, outcome, requestId, cache, model, tier, usage, diedLater }) => {
    if (requestId === undefined) return [];
    const where = `the answer "${outcome}" to work ${tag}, request ${requestId}`;
    const row = booked.get(requestId);
    // Nothing was paid for it, so nobody waited until its row was durable.
    if (!row && diedLater && outcome !== 'answered') return [];
    if (!row) return differing(where, { 'that it has a row or was refused': [refused.has(requestId), true] });
    const telling = tellingAttempt(row);
    return differing(where, {
      'that it was refused': [refused.has(requestId), false],
      tag: [tag, row.client],
      tenant: [tenant, row.tenant],
      ...(cache && { cache: [cache, row.cache] }),
      ...(model && { model: [model, modelOf(row, diedLater)] }),
      ...(tier && { tier: [tier, row.tier] }),
      ...(usage && { usage: [usage, [inputOf(telling), telling?.output_tokens ?? 0]] }),
    });
  });
}
