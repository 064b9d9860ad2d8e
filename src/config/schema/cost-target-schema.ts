import * as z from 'zod';

/** The cost target in `routing`, as written: one of the two, or none. */
export const COST_TARGET_KEYS = {
  strongShareMax: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      'The share of user turns, 0.3 for 30 %, that the router gives to the stronger tiers ("complex" and up): the hardest of recent ones. The rest stays below.',
    ),
  usdPerThousandMax: z
    .number()
    .positive()
    .max(1_000_000)
    .optional()
    .describe('The same by money: the share at which a thousand of these requests cost so many US dollars.'),
} as const;
