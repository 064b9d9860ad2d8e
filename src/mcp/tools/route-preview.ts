import * as z from 'zod';
import type { VerifyPlan } from '../../core/route-plan.ts';
import type { RoutePreview } from '../../gateway/gateway.ts';
import type { CheckCosts } from '../../gateway/verify/check-costs.ts';
import { CHAT_INPUT } from '../arguments/chat-input.ts';
import { toChatRequest } from '../arguments/to-chat-request.ts';
import { formatCost, usdOrNull } from '../rendering/format.ts';
import { defineTool } from './tool.ts';

const OUTPUT = z.object({
  tier: z.string().optional(),
  evidence: z.array(z.object({ feature: z.string(), value: z.string(), weight: z.number() })),
  strategy: z.string(),
  reason: z.string(),
  rule: z.string().optional(),
  candidates: z
    .array(
      z.object({
        model: z.string(),
        reason: z.string(),
        cost_usd_expected: z.number().nullable(),
        cost_usd_max: z.number().nullable(),
      }),
    )
    .describe('In the order they would be tried'),
  rejected: z.array(z.object({ model: z.string(), reason: z.string() })),
  verify: z
    .object({
      peer: z.string().optional(),
      stronger: z.array(z.string()),
      cost_usd_expected: z.number().nullable(),
      cost_usd_doubted: z.number().nullable(),
      cost_usd_max: z.number().nullable(),
    })
    .optional()
    .describe('The answer is checked; when doubted, a stronger model is asked'),
  cached: z.boolean(),
});

export type RoutePreviewOutput = z.output<typeof OUTPUT>;

/** The live decision without the call. */
export const routePreview = defineTool({
  name: 'route_preview',
  title: 'Preview the route',
  description:
    'Which model complete would choose now, why, and the expected cost. Calls and costs nothing. Arguments: as complete.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  notes: [
    'The same code decides as for `complete`. A cost is null when the price is unknown.',
    'With `verify` its costs are of the whole request: when the first answer holds, when it is doubted, and at most.',
  ],
  input: CHAT_INPUT,
  inputBare: true,
  output: OUTPUT,
  run: async (input, { gateway, caller }) => {
    const preview = await gateway.preview(toChatRequest(input, caller));
    return { structured: toStructured(preview), text: toText(preview) };
  },
});

function toStructured({ plan, cached, checkCosts }: RoutePreview): z.input<typeof OUTPUT> {
  const { verify } = plan;
  return {
    ...(plan.tier !== undefined && { tier: plan.tier }),
    evidence: plan.evidence.map(({ feature, value, weight }) => ({ feature, value: String(value), weight })),
    strategy: plan.strategy,
    reason: plan.reason,
    ...(plan.rule !== undefined && { rule: plan.rule }),
    candidates: plan.candidates.map(({ model, reason, costExpected, costMax }) => ({
      model: model.ref,
      reason,
      cost_usd_expected: usdOrNull(costExpected),
      cost_usd_max: usdOrNull(costMax),
    })),
    rejected: plan.rejected.map(({ model, reason }) => ({ model, reason })),
    ...(verify && {
      verify: {
        ...(verify.peer && { peer: verify.peer.model.ref }),
        stronger: verify.stronger.map(({ model }) => model.ref),
        cost_usd_expected: usdOrNull(checkCosts?.holds),
        cost_usd_doubted: usdOrNull(checkCosts?.doubted),
        cost_usd_max: usdOrNull(checkCosts?.max),
      },
    }),
    cached,
  };
}

function toText({ plan, cached, checkCosts }: RoutePreview): string {
  const lines = [
    `${plan.tier === undefined ? '' : `tier ${plan.tier} · `}strategy ${plan.strategy}${cached ? ' · answer is cached' : ''}: ${plan.reason}`,
    ...plan.candidates.map(({ model, reason, costExpected, costMax }, index) => {
      const cost =
        costExpected === undefined
          ? 'cost unknown'
          : `${formatCost(costExpected)} expected, ${formatCost(costMax)} at most`;
      return `${index + 1}. ${model.ref}: ${reason}; ${cost}`;
    }),
    ...(plan.candidates.length === 0 ? ['no candidate is left'] : []),
    ...plan.rejected.map(({ model, reason }) => `not ${model}: ${reason}`),
    ...(plan.verify ? [checkLine(plan.verify, checkCosts)] : []),
  ];
  return lines.join('\n');
}

/** What the whole request costs, the check included. */
function checkLine({ peer, stronger }: VerifyPlan, { holds, doubted, max }: CheckCosts = {}): string {
  const beside = peer ? ` beside ${peer.model.ref}` : '';
  const costs = `${formatCost(holds)} expected, ${formatCost(doubted)} when doubted, ${formatCost(max)} at most`;
  return `checked${beside}; when doubted: ${stronger.map(({ model }) => model.ref).join(', ')}; in all ${costs}`;
}
