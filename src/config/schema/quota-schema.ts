import * as z from 'zod';
import { CALENDAR_UNITS } from '../../core/quota.ts';
import { nameSchema } from './name-schema.ts';

const text = z.string().min(1);
const WINDOWS = [...CALENDAR_UNITS, 'a time such as "24h" for a rolling window'].join(', ');
const WINDOW_FAULT = `must be ${WINDOWS}, or { "per": "day", "timeZone": "Europe/Berlin" }, or { "rolling": "24h" }`;

const windowSchema = z.union(
  [text, z.strictObject({ per: z.enum(CALENDAR_UNITS), timeZone: text.optional() }), z.strictObject({ rolling: text })],
  { error: WINDOW_FAULT },
);
const scope = text
  .max(320)
  .default('global')
  .describe(
    'Whom it concerns: "global"; each "provider", "model", "key", "tenant", "client", "team", "user", "task", "tier" or "metadata.<name>" for itself; or one of them alone, as "provider:openai" or "metadata.project:alpha".',
  );
const name = nameSchema.describe('Named in refusals, reports and alerts.');
const count = z.int().min(1).max(1_000_000_000_000);

/** `budgets[]`, as written. */
export const budgetSchema = z.strictObject({
  name,
  scope,
  limitUsd: z.number().min(0).max(1_000_000).describe('In each window.'),
  window: windowSchema
    .default('day')
    .describe(
      'minute, hour, day, week or month by the calendar (UTC, or a timeZone), "request" for each one, or rolling.',
    ),
  mode: z
    .enum(['hard', 'soft'])
    .default('hard')
    .describe(
      'hard: the largest possible cost is reserved before anything is sent, the limit is never passed. soft: what is under way may pass it.',
    ),
  onReached: z
    .enum(['refuse', 'downgrade', 'ask'])
    .default('refuse')
    .describe(
      'refuse; downgrade: ask models of cheaper tiers; ask: the person at the client decides, where the client can ask.',
    ),
  alertAt: z
    .array(z.number().positive().max(1))
    .max(10)
    .default([0.8, 0.95])
    .describe(
      'Tells the operator at these shares of the limit. A hard budget refuses what would not fit, often a little before 1.',
    ),
  unknownPrice: z
    .enum(['refuse', 'allow'])
    .default('refuse')
    .describe('Models whose price nobody knows: refused under a hard budget, or allowed and listed in the report.'),
});

/** `rateLimits[]`, as written. */
export const rateLimitSchema = z.strictObject({
  name,
  scope,
  window: windowSchema.default('minute').describe('As of a budget; "request" means nothing here.'),
  requests: count.optional(),
  inputTokens: count.optional(),
  outputTokens: count.optional(),
  concurrency: z.int().min(1).max(1_000_000).optional().describe('Under way at the same time.'),
});

export type WindowInput = z.infer<typeof windowSchema>;
export type BudgetInput = z.infer<typeof budgetSchema>;
export type RateLimitInput = z.infer<typeof rateLimitSchema>;
