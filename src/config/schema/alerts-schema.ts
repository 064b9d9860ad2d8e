import * as z from 'zod';
import { ALERT_METRICS, ALERT_SEVERITIES } from '../../core/alerts.ts';
import { nameSchema } from './name-schema.ts';

const text = z.string().min(1);
const NOTIFY_FAULT = 'must be "log" or an object with webhook, and perhaps secret and allow';

const webhookSchema = z.strictObject({
  webhook: text.describe(`Where notices are sent: "https://…", or "\${NAME}" where the address is a secret.`),
  secret: text.min(8).optional().describe('Signs what is sent (standardwebhooks.com); left out: unsigned.'),
  allow: z
    .array(text)
    .max(100)
    .default([])
    .describe('Private addresses or networks it may lead to: "10.1.0.0/16", "127.0.0.1". None by default.'),
});

const conditionSchema = z.strictObject({
  metric: z.enum(ALERT_METRICS).describe('What is watched.'),
  above: z
    .union([text, z.number()])
    .optional()
    .describe('From here on it is bad: a share (0.2), a time ("20s"), US dollars an hour, a number of requests.'),
  below: z.number().optional().describe('Of cache_hit_rate: down from here it is bad.'),
  over: text.optional().describe('How far it looks back: "5m", "1h".'),
  requestsMin: z.int().min(1).max(1_000_000).optional().describe('With fewer requests there is nothing to judge.'),
  provider: text.optional().describe('Of this provider, or "*" for each by itself.'),
  budget: text.optional().describe('Of this budget; left out: of each.'),
});

/** One entry of `alerts`, as written. */
export const alertSchema = z.strictObject({
  name: nameSchema.describe('Its own; the name of a default alert changes that one.'),
  enabled: z.boolean().default(true).describe('false turns it off, a default alert as well.'),
  when: conditionSchema.optional().describe('Required, unless it changes a default alert.'),
  for: text.optional().describe('How long it must last: "2m". Left out: it is told at once.'),
  severity: z.enum(ALERT_SEVERITIES).optional().describe('"warning" when left out.'),
  notify: z
    .array(z.union([z.literal('log'), webhookSchema], { error: NOTIFY_FAULT }))
    .max(10)
    .optional()
    .describe('Left out: the log.'),
});

export const alertsSchema = z.array(alertSchema).max(200);

export type AlertInput = z.infer<typeof alertSchema>;
export type ConditionInput = z.infer<typeof conditionSchema>;
export type WebhookInput = z.infer<typeof webhookSchema>;
