import type { AlertBoard, AlertNotice, AlertRule, Webhook } from '../../core/alerts.ts';
import type { Logger } from '../../core/ports.ts';
import { advance, type Look } from './advance.ts';
import { ALERTS_STATE, type AlertsState, readAlerts, writeAlerts } from './alerts-state.ts';
import { type DeliverParts, deliverDue } from './deliver.ts';

export type AlertWatchParts = DeliverParts & {
  /** Those in force now: a reload brings others. */
  readonly rules: () => readonly AlertRule[];
  /** What their metrics are now. */
  readonly read: (rules: readonly AlertRule[], nowMs: number) => Promise<Look>;
  /** Before each look, whoever looks: what this process alone knows. */
  readonly publish?: () => Promise<void>;
  /** Where a service watches, the servers of clients leave it to that: its log is the one that is read. */
  readonly role: 'service' | 'client';
};

const EVERY_MS = 15_000;
/** A service says so often that it watches; one that said nothing for thrice as long is gone. */
const SERVICE_SAYS_MS = 60_000;
/** The tenant of who runs Signalbox. */
const OPERATOR = 'local';

/**
 * Watches every rule, together with all processes of a data folder: what is known of each alert is one shared
 * state, and whoever commits a change of it tells of it, once. What is well is not written at all.
 */
export class AlertWatch implements AlertBoard {
  readonly #parts: AlertWatchParts;
  readonly #listeners = new Set<() => void>();
  #cancelWake: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #seen: string;
  #isStarted = false;
  readonly #ending = new AbortController();
  #failed = false;

  constructor(parts: AlertWatchParts) {
    this.#parts = parts;
    this.#seen = seenOf(this.#state());
  }

  /** Looks now and from now on, every 15 seconds or so: not in step with other processes. */
  start(): void {
    if (this.#ending.signal.aborted || this.#isStarted) return;
    this.#isStarted = true;
    const { clock, random } = this.#parts;
    const next = () => {
      if (this.#ending.signal.aborted) return;
      this.#cancelWake = clock.wakeAfter(EVERY_MS * (0.8 + 0.4 * random.next()), () => void this.look().then(next));
    };
    void this.look().then(next);
  }

  /** One look at everything. Never throws. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  report(tenant: string): ReturnType<AlertBoard['report']> {
    const { entries, notices } = this.#state();
    const mayRead = ({ audience }: Pick<AlertNotice, 'audience'>) =>
      tenant === OPERATOR || audience === 'all' || (typeof audience === 'object' && audience.tenant === tenant);
    return {
      alerts: entries.filter(mayRead).flatMap((entry) => {
        const { rule: _rule, phase, wellSinceMs: _well, firings: _firings, seenAtMs: _seen, ...standing } = entry;
        return phase === 'calm' ? [] : [{ ...standing, status: phase }];
      }),
      recent: notices.filter(mayRead),
    };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits for what is under way; what is not sent by then another process sends, or the next start. */
  async close(): Promise<void> {
    this.#ending.abort();
    this.#cancelWake?.();
    await this.#looking;
    this.#listeners.clear();
  }

  async #look(): Promise<void> {
    const { rules, publish, logger } = this.#parts;
    try {
      await publish?.();
      const inForce = rules();
      if (!this.#isLeftToService()) {
        await this.#advance(inForce);
        await deliverDue(webhooksOf(inForce), this.#parts, this.#ending.signal);
      }
      this.#failed = false;
    } catch (error) {
      if (!this.#failed) logger.warn({ error }, 'alerts cannot be watched at the moment');
      this.#failed = true;
    }
    this.#tellListeners();
  }

  #isLeftToService(): boolean {
    const { role, clock } = this.#parts;
    return role === 'client' && Math.abs(clock.nowMs() - this.#state().serviceAtMs) < 3 * SERVICE_SAYS_MS;
  }

  async #advance(rules: readonly AlertRule[]): Promise<void> {
    const { clock, read, states, logger, role } = this.#parts;
    const nowMs = clock.nowMs();
    const look = await read(rules, nowMs);
    const isDueToSay = (state: AlertsState) =>
      role === 'service' && Math.abs(nowMs - state.serviceAtMs) >= SERVICE_SAYS_MS;
    const state = this.#state();
    if (!isDueToSay(state) && !advance(state, look).changed) return;
    let notices: readonly AlertNotice[] = [];
    const isWritten = await states.update(ALERTS_STATE, (stored) => {
      const known = readAlerts(stored);
      const next = advance(known, look);
      notices = next.notices;
      return writeAlerts({ ...next.state, serviceAtMs: isDueToSay(known) ? nowMs : known.serviceAtMs });
    });
    if (!isWritten) return;
    const logged = new Set(rules.filter(({ log }) => log).map(({ name }) => name));
    for (const notice of notices) if (logged.has(notice.name)) logNotice(logger, notice);
  }

  #state(): AlertsState {
    return readAlerts(this.#parts.states.read(ALERTS_STATE));
  }

  /** Also of what another process has found. */
  #tellListeners(): void {
    const seen = seenOf(this.#state());
    if (seen === this.#seen) return;
    this.#seen = seen;
    for (const listener of this.#listeners) listener();
  }
}

function seenOf({ sequence, entries }: AlertsState): string {
  return `${sequence} ${entries.map(({ rule, key, phase }) => `${rule} ${key} ${phase}`).join()}`;
}

function webhooksOf(rules: readonly AlertRule[]): readonly Webhook[] {
  return rules.flatMap(({ webhooks }) => webhooks);
}

function logNotice(logger: Logger, notice: AlertNotice): void {
  const { name, key, severity, type, metric, limit, value, summary } = notice;
  const level = severity === 'info' ? 'info' : severity === 'critical' && type === 'firing' ? 'error' : 'warn';
  const fields = { event: 'alert', alert: name, status: type, severity, metric, limit };
  const message = type === 'firing' ? `alert "${name}": ${summary}` : `alert "${name}" is over: ${summary}`;
  logger[level]({ ...fields, ...(key !== '' && { key }), ...(value !== undefined && { value }) }, message);
}
