import * as z from 'zod';
import { TASKS, TIERS, type Tier } from '../../core/request.ts';

/** Greetings and thanks hold nothing to check. */
const TIERS_CHECKED: readonly Tier[] = TIERS.filter((tier) => tier !== 'trivial');

/** `routing.verify`, as written. */
export const verifySchema = z.strictObject({
  tasks: z
    .union([z.literal('all'), z.array(z.enum(TASKS)).min(1)], {
      error: `must be "all" or a list of tasks, which are ${TASKS.join(', ')}`,
    })
    .describe('Requests of these tasks are checked, or "all". One without a task counts as "general".'),
  tiers: z
    .array(z.enum(TIERS))
    .min(1)
    .default([...TIERS_CHECKED])
    .describe('Of those, the ones that complexity put into these tiers.'),
  first: z
    .enum(TIERS)
    .optional()
    .describe(
      'The tier asked first where the chosen one is higher. Left out: the chosen one, and the next when doubted.',
    ),
  peer: z
    .union([z.boolean(), z.string().min(1)], { error: 'must be true, false, or a model as provider/model or alias' })
    .default(false)
    .describe(
      'Asks a second cheap model at the same time, to see whether they agree: true, or which. One that is asked anyway is left out.',
    ),
  threshold: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('More doubt than this, from 0 to 1, goes up. Left out: what the check was calibrated to.'),
});

export type VerifyInput = z.infer<typeof verifySchema>;
