import * as z from 'zod';
import type { RoutePreview } from '../../gateway/gateway.ts';
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
  cached: z.boolean(),
});

/** The live decision without the call. */
export const routePreview = defineTool({
  name: 'route_preview',
  title: 'Preview the route',
  description:
    'Which model complete would choose now, why, and the expected cost. Calls and costs nothing. Arguments: as complete.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  notes: ['The same code decides as for `complete`. A cost is null when the price is unknown.'],
  input: CHAT_INPUT,
  inputBare: true,
  output: OUTPUT,
  run: async (input, { gateway, caller }) => {
    const preview = await gateway.preview(toChatRequest(input, caller));
    return { structured: toStructured(preview), text: toText(preview) };
  },
});

function toStructured({ plan, cached }: RoutePreview): z.input<typeof OUTPUT> {
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
    cached,
  };
}

function toText({ plan, cached }: RoutePreview): string {
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
  ];
  return lines.join('\n');
}
