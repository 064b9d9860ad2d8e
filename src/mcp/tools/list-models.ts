import * as z from 'zod';
import { GatewayError } from '../../core/errors.ts';
import { CAPABILITIES, type ModelInfo, type Price } from '../../core/model.ts';
import { checkProviderName } from '../../core/model-name.ts';
import type { NanoUsdPerMTok } from '../../core/money.ts';
import { formatUsd } from '../../core/wording/format-usd.ts';
import type { ModelListing } from '../../gateway/gateway.ts';
import { alignColumns, formatCount } from '../rendering/format.ts';
import { defineTool } from './tool.ts';

const ROWS_MAX = 50;

const INPUT = z.strictObject({
  provider: z.string().optional(),
  capability: z.enum(CAPABILITIES).optional(),
  query: z.string().max(256).optional().describe('Part of a name'),
});

const PRICE = z.object({
  input_per_mtok: z.number(),
  output_per_mtok: z.number(),
  cached_input_per_mtok: z.number().optional(),
});

const OUTPUT = z.object({
  models: z.array(
    z.object({
      model: z.string(),
      context_tokens: z.int(),
      price: PRICE.optional().describe('USD per million tokens; absent when unknown'),
      capabilities: z.array(z.string()),
      tiers: z.array(z.string()),
      available: z.boolean(),
    }),
  ),
  omitted: z.int().optional().describe('Further models that match; narrow the search'),
  hint: z.string().optional().describe('What to do when none or not all are listed'),
});

export type ListModelsOutput = z.output<typeof OUTPUT>;

/** The models there are to choose from. */
export const listModels = defineTool({
  name: 'list_models',
  title: 'List models',
  description: 'LLM models to choose from: context window, price per million tokens, capabilities, tiers.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  notes: [
    `At most ${ROWS_MAX} models are listed, those of the routing's tiers and the available ones first; \`omitted\` counts the rest.`,
    'A price is that of the lowest context-length tier.',
  ],
  input: INPUT,
  output: OUTPUT,
  run: async ({ provider, capability, query }, { gateway, rowsMax = ROWS_MAX }) => {
    if (query !== undefined && query.trim() === '')
      throw new GatewayError('invalid_request', '"query" must not be empty.');
    const found = await gateway.listModels({
      ...(provider !== undefined && { provider: checkProviderName(provider) }),
      ...(capability !== undefined && { capability }),
      ...(query !== undefined && { query: query.trim() }),
    });
    const listed = [...found].sort(byUse).slice(0, rowsMax);
    const omitted = found.length - listed.length;
    const narrowed = provider !== undefined || capability !== undefined || query !== undefined;
    const hint = hintFor(listed.length, omitted, narrowed);
    return {
      structured: {
        models: listed.map(toStructured),
        ...(omitted > 0 && { omitted }),
        ...(hint !== undefined && { hint }),
      },
      text: [...toLines(listed), ...(hint === undefined ? [] : [hint])].join('\n'),
    };
  },
});

/** Models of a tier first, then available ones, then by name. */
function byUse(left: ModelListing, right: ModelListing): number {
  return (
    Number(right.tiers.length > 0) - Number(left.tiers.length > 0) ||
    Number(right.available) - Number(left.available) ||
    (left.model.ref < right.model.ref ? -1 : 1)
  );
}

function toStructured({ model, tiers, available }: ModelListing): z.input<typeof OUTPUT>['models'][number] {
  return {
    model: model.ref,
    context_tokens: model.contextTokens,
    ...(model.price !== undefined && { price: toPrice(model.price) }),
    capabilities: [...model.capabilities],
    tiers: [...tiers],
    available,
  };
}

function toPrice({ tiers: [{ inputPerMTok, outputPerMTok, cachedInputPerMTok }] }: Price): z.input<typeof PRICE> {
  return {
    input_per_mtok: perMTok(inputPerMTok),
    output_per_mtok: perMTok(outputPerMTok),
    ...(cachedInputPerMTok !== undefined && { cached_input_per_mtok: perMTok(cachedInputPerMTok) }),
  };
}

/** A client may show its model the structured result only, so the hint stands there too. */
function hintFor(count: number, omitted: number, narrowed: boolean): string | undefined {
  if (omitted > 0) return `${formatCount(omitted)} more; narrow with provider, capability or query.`;
  if (count > 0) return undefined;
  if (narrowed) return 'No model matches; ask with fewer of provider, capability and query.';
  return 'No model is known: no provider is configured, or none of its models is listed; "signalbox check" shows what is.';
}

function toLines(listed: readonly ModelListing[]): readonly string[] {
  if (listed.length === 0) return [];
  const rows = listed.map(({ model, tiers, available }) => [
    model.ref,
    `${formatCount(model.contextTokens)} tokens`,
    priceText(model),
    [
      ...(available ? [] : ['not available now']),
      ...(tiers.length === 0 ? [] : [`tiers ${tiers.join(' ')}`]),
      ...(model.capabilities.length === 0 ? [] : [model.capabilities.join(' ')]),
    ].join(' · '),
  ]);
  return [alignColumns(rows)];
}

function priceText({ price }: ModelInfo): string {
  if (price === undefined) return 'price unknown';
  const { input_per_mtok, output_per_mtok } = toPrice(price);
  return `${formatUsd(input_per_mtok)} in, ${formatUsd(output_per_mtok)} out`;
}

function perMTok(price: NanoUsdPerMTok): number {
  return price / 1e9;
}
