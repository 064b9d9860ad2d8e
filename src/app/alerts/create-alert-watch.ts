import { randomUUID } from 'node:crypto';
import type { LoadedConfig } from '../../config/load-config.ts';
import { BACKGROUND_CLOCK } from '../../resilience/system-clock.ts';
import type { Foundation } from '../foundation.ts';
import { AlertWatch, type AlertWatchParts } from './alert-watch.ts';
import { QueueLengths } from './queue-lengths.ts';
import { takeReadings } from './readings.ts';
import { sendWebhook } from './send-webhook.ts';

export type AlertWatchOptions = Pick<AlertWatchParts, 'role' | 'onResult'> & {
  /** As it is in force now. */
  readonly config: () => LoadedConfig;
  /** How many requests wait in this process. */
  readonly waiting: () => number;
};

/** The alerts of one process. Nothing is watched before `start`, and its timers keep no process alive. */
export function createAlertWatch(
  { store, random, logger }: Foundation,
  { config, waiting, ...options }: AlertWatchOptions,
): AlertWatch {
  const clock = BACKGROUND_CLOCK;
  const queue = new QueueLengths({ states: store.states, clock, process: randomUUID(), own: waiting });
  let faulty = false;
  return new AlertWatch({
    ...options,
    states: store.states,
    clock,
    random,
    logger,
    rules: () => config().alerts,
    publish: () => queue.publish(),
    async read(rules, nowMs) {
      let fault: unknown;
      const sources = {
        traffic: store.traffic,
        ledger: store.ledger,
        health: () => store.health.snapshot(),
        queueLength: () => queue.total(),
        config,
      };
      const look = await takeReadings(rules, sources, { nowMs, onFault: (error) => (fault = error) });
      if (fault !== undefined && !faulty) logger.warn({ error: fault }, 'some alerts cannot be watched at the moment');
      faulty = fault !== undefined;
      return look;
    },
    send: (webhook, message, signal) => sendWebhook(webhook, message, { signal, proxies: config().proxies }),
  });
}
