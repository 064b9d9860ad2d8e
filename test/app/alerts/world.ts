import { onTestFinished } from 'vitest';
import type { Reading } from '../../../src/app/alerts/advance.ts';
import { AlertWatch, type AlertWatchParts } from '../../../src/app/alerts/alert-watch.ts';
import type { WebhookMessage, WebhookResult } from '../../../src/app/alerts/send-webhook.ts';
import type { AlertAudience, AlertRule } from '../../../src/core/alerts.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { openTestStore, recordingLogger } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

export const MINUTE_MS = 60_000;
const random = { next: () => 0.5 };
export const HOOK = { url: 'https://hooks.example.com/T0/very-secret', allow: [] };
export const DELIVERED: WebhookResult = { type: 'delivered' };
export const FAILED: WebhookResult = { type: 'failed', reason: 'status 500', isFinal: false };

/** What all processes read, and what they do with it. */
export type World = {
  readonly folder: string;
  readonly clock: FakeClock;
  value: number | undefined;
  audience: AlertAudience;
  answer: (message: WebhookMessage) => Promise<WebhookResult>;
  readonly sent: WebhookMessage[];
};

export function createWorld(): World {
  const folder = temporaryFolder();
  return { folder, clock: createFakeClock(), value: 0, audience: 'all', sent: [], answer: async () => DELIVERED };
}

/** A process of its own on the folder: its own connection, log and watch. */
export async function startProcess(world: World, rules: readonly AlertRule[], more: Partial<AlertWatchParts> = {}) {
  const logger = recordingLogger();
  const store = await openTestStore(world.folder, { logger });
  const watch = new AlertWatch({
    states: store.states,
    clock: world.clock,
    random,
    logger,
    role: 'client',
    rules: () => rules,
    read: async (asked, nowMs) => ({
      rules: asked,
      nowMs,
      readings: asked.map(
        (one): Reading => ({
          rule: one,
          key: '',
          audience: world.audience,
          ...(world.value !== undefined && { value: world.value }),
        }),
      ),
    }),
    send: async (_webhook, message) => {
      world.sent.push(message);
      return world.answer(message);
    },
    ...more,
  });
  onTestFinished(() => watch.close());
  const told = () =>
    logger.lines.filter(({ fields }) => 'event' in fields).map(({ level, message }) => `${level}: ${message}`);
  return { watch, logger, told, store };
}

/** Everybody looks every 15 seconds, at the same moment. */
export async function pass(world: World, watches: readonly { watch: AlertWatch }[], minutes: number): Promise<void> {
  for (let tick = 0; tick < minutes * 4; tick += 1) {
    await Promise.all(watches.map(({ watch }) => watch.look()));
    await world.clock.advance(15_000);
  }
}
