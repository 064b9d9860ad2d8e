import * as z from 'zod';
import { COST_GROUPS, type CostGroup, PERIODS, toCostGroup } from '../../core/costs.ts';
import { GatewayError } from '../../core/errors.ts';
import { checkModelName } from '../../core/model-name.ts';
import { nearestName } from '../../core/wording/nearest-name.ts';
import { toSpan } from '../arguments/period.ts';
import { COST_REPORT, listAtMost, toReportText, toStructuredReport } from '../rendering/cost-report.ts';
import { defineTool } from './tool.ts';

const INPUT = z.strictObject({
  period: z.enum(PERIODS).optional().describe('today by default'),
  from: z.string().optional().describe('ISO date or time, UTC'),
  to: z.string().optional(),
  group_by: z
    .string()
    .optional()
    .describe(`${COST_GROUPS.join(', ')} or metadata.<name>`),
  baseline: z.string().optional().describe('A model to price the same traffic on'),
});

/** More would only fill a model's context. */
const ROWS_MAX = 50;
const OPEN_LISTED = 10;
const OPEN_LISTED_MAX = 10_000;

/** What was spent. */
export const costReport = defineTool({
  name: 'cost_report',
  title: 'Cost report',
  description:
    'What was spent on LLM calls: requests, tokens, cost, savings by cache in USD, for a period, in groups; budgets.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  notes: [
    'All times are UTC. `today` starts at midnight, `month` on the first; `24h`, `7d` and `30d` reach back from now.',
    'Instead of `period`: `from` and `to`, as `2026-11-30` or `2026-11-30T14:00:00Z`. `from` is inclusive, `to` exclusive; a `to` without a time means the end of that day. Without `from`: all before `to`; without `to`: up to now.',
    'Failed attempts that were billed count, and so do corrections that were booked later. `baseline` appears only when asked for; it prices what was answered at a known price.',
    '`group_by: "metadata.project"` splits by what callers sent as `metadata.project`. The sums of the groups are the totals, to the nano-dollar.',
    `At most ${ROWS_MAX} groups are listed, the dearest, of days and hours the latest, and as many budgets, the most used; \`groups_omitted\` and \`budgets_omitted\` count the rest.`,
    '`unpriced` and `unknown` list the newest attempts whose cost is in no sum: their price is unknown, or nobody knows how they ended (their process died, or the provider never said). `prediction` compares what attempts were expected to cost with what they did.',
    '`budgets` stand as they are now, whatever the period. `forecast_usd` goes on at a pace between that of the window before and that of this one; the more of it has passed, the more its own. What is counted for another tenant, client, team or user is not shown to callers, what is counted for a value of metadata only to whoever owns the books (`signalbox costs`).',
  ],
  input: INPUT,
  output: COST_REPORT,
  run: async (input, { gateway, caller, books, rowsMax, nowMs = Date.now }) => {
    const groupBy = input.group_by === undefined ? undefined : checkGroup(input.group_by);
    const report = await gateway.costReport({
      ...(books !== 'all' && { tenant: caller.tenant, viewer: caller }),
      ...toSpan(input, nowMs()),
      ...(groupBy !== undefined && { groupBy }),
      ...(input.baseline !== undefined && { baseline: checkModelName(input.baseline, 'baseline') }),
      openMax: Math.min(rowsMax ?? OPEN_LISTED, OPEN_LISTED_MAX),
    });
    const listed = listAtMost(report, rowsMax ?? ROWS_MAX, groupBy);
    return { structured: toStructuredReport(listed), text: toReportText(listed, groupBy) };
  },
});

function checkGroup(name: string): CostGroup {
  const group = toCostGroup(name);
  if (group !== undefined) return group;
  const near = nearestName(name, COST_GROUPS);
  const choices = `"group_by" must be one of ${COST_GROUPS.join(', ')} or metadata.<name>`;
  throw new GatewayError('invalid_request', `${choices}${near === undefined ? '.' : `; did you mean "${near}"?`}`);
}
