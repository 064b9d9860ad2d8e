import type { AlertNotice, Webhook } from '../../core/alerts.ts';
import type { Clock, Logger, Random, SharedStates } from '../../core/ports.ts';
import { ALERTS_STATE, type AlertsState, type Delivery, readAlerts, writeAlerts } from './alerts-state.ts';
import type { WebhookMessage, WebhookResult } from './send-webhook.ts';
import { targetOf } from './webhook-target.ts';

export type DeliverParts = {
  readonly states: SharedStates;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly send: (webhook: Webhook, message: WebhookMessage, signal: AbortSignal) => Promise<WebhookResult>;
  readonly onResult?: (result: 'delivered' | 'failed' | 'given_up') => void;
};

/** Who has taken a notice over has so long to send it; after that it is another's. */
const TAKEN_MS = 60_000;
const FIRST_PAUSE_MS = 5_000;
const PAUSE_MS_MAX = 30 * 60_000;
/** Pauses are so much shorter or longer, so that receivers are not asked in step. */
const [SPREAD_MIN, SPREAD_MAX] = [0.8, 1.2] as const;
/** The tenth is some two hours after the first. */
const ATTEMPTS_MAX = 10;
/** A notice this old helps nobody: it lay there while no process ran. */
const STALE_MS = 24 * 3_600_000;
/** At the same time. */
const AT_ONCE_MAX = 20;

type Outcome = { readonly delivery: Delivery; readonly result: WebhookResult };

/**
 * Sends what is due to those of the webhooks that this process knows the address of. A notice is taken over in
 * one commit, so no two processes send it; one that dies over it leaves it to the others. `signal` ends what is under way. Never throws.
 */
export async function deliverDue(
  webhooks: readonly Webhook[],
  parts: DeliverParts,
  signal: AbortSignal,
): Promise<void> {
  const { states, clock, logger } = parts;
  const known = new Map(webhooks.map((webhook) => [targetOf(webhook), webhook]));
  // Later than any pause: it was put off while the clock was ahead.
  const isTime = (dueAtMs: number, nowMs: number) => dueAtMs <= nowMs || dueAtMs > nowMs + PAUSE_MS_MAX * SPREAD_MAX;
  const isDue = ({ target, dueAtMs }: Delivery, nowMs: number) => known.has(target) && isTime(dueAtMs, nowMs);
  try {
    const startMs = clock.nowMs();
    if (!readAlerts(states.read(ALERTS_STATE)).outbox.some((one) => isDue(one, startMs))) return;
    let taken: readonly Delivery[] = [];
    const isTaken = await change(states, (outbox) => {
      const nowMs = clock.nowMs();
      const fresh = outbox.filter(({ notice }) => nowMs - notice.atMs < STALE_MS);
      taken = fresh
        .filter((one) => isDue(one, nowMs))
        .slice(0, AT_ONCE_MAX)
        .map((one) => take(one, nowMs));
      return replace(fresh, taken);
    });
    if (!isTaken || taken.length === 0) return;
    const outcomes = await Promise.all(taken.map((delivery) => sendOne(delivery, known, { ...parts, signal })));
    await change(states, (outbox) => settle(outbox, outcomes, parts));
    for (const outcome of outcomes) tell(outcome, parts);
  } catch (error) {
    logger.warn({ error }, 'notices of alerts could not be sent');
  }
}

function change(states: SharedStates, of: (outbox: readonly Delivery[]) => readonly Delivery[]): Promise<boolean> {
  return states.update(ALERTS_STATE, (stored) => {
    const state: AlertsState = readAlerts(stored);
    return writeAlerts({ ...state, outbox: of(state.outbox) });
  });
}

function take(delivery: Delivery, nowMs: number): Delivery {
  return { ...delivery, attempts: delivery.attempts + 1, dueAtMs: nowMs + TAKEN_MS };
}

function replace(outbox: readonly Delivery[], changed: readonly Delivery[]): readonly Delivery[] {
  return outbox.map((one) => changed.find((other) => isSame(one, other)) ?? one);
}

function isSame(left: Delivery, right: Delivery): boolean {
  return left.notice.id === right.notice.id && left.target === right.target;
}

async function sendOne(
  delivery: Delivery,
  known: ReadonlyMap<string, Webhook>,
  { clock, send, signal }: DeliverParts & { readonly signal: AbortSignal },
): Promise<Outcome> {
  const webhook = known.get(delivery.target) as Webhook;
  const message = { id: delivery.notice.id, body: bodyOf(delivery.notice), sentAtMs: clock.nowMs() };
  return { delivery, result: await send(webhook, message, signal) };
}

/** Out of the list what is done; the rest comes again, later each time. */
function settle(
  outbox: readonly Delivery[],
  outcomes: readonly Outcome[],
  { clock, random }: DeliverParts,
): readonly Delivery[] {
  return outbox.flatMap((one): readonly Delivery[] => {
    const outcome = outcomes.find(({ delivery }) => isSame(delivery, one) && delivery.attempts === one.attempts);
    if (!outcome) return [one];
    if (isOver(outcome)) return [];
    const spread = SPREAD_MIN + (SPREAD_MAX - SPREAD_MIN) * random.next();
    const pauseMs = Math.min(PAUSE_MS_MAX, FIRST_PAUSE_MS * 3 ** (one.attempts - 1)) * spread;
    return [{ ...one, dueAtMs: clock.nowMs() + Math.round(pauseMs) }];
  });
}

function isOver({ delivery, result }: Outcome): boolean {
  return result.type === 'delivered' || result.isFinal || delivery.attempts >= ATTEMPTS_MAX;
}

function tell(outcome: Outcome, { logger, onResult }: DeliverParts): void {
  const { delivery, result } = outcome;
  if (result.type === 'delivered') {
    onResult?.('delivered');
    return;
  }
  const { notice, attempts, target } = delivery;
  const fields = { alert: notice.name, target, attempts, reason: result.reason };
  if (!isOver(outcome)) {
    onResult?.('failed');
    logger.debug(fields, 'a notice of an alert could not be sent; it is tried again');
    return;
  }
  onResult?.('given_up');
  logger.warn(
    fields,
    `the webhook of alert "${notice.name}" did not get a notice, which is given up: ${result.reason}`,
  );
}

/** As standardwebhooks.com recommends it; `text` is what chat tools show. */
function bodyOf({ atMs, type, sinceMs, id, audience: _, summary, ...facts }: AlertNotice): string {
  return JSON.stringify({
    type: `alert.${type}`,
    timestamp: new Date(atMs).toISOString(),
    text: `[${type === 'firing' ? facts.severity : 'resolved'}] ${facts.name}: ${summary}`,
    data: { id, status: type, ...facts, summary, since: new Date(sinceMs).toISOString() },
  });
}
