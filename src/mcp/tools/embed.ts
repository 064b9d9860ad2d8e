import * as z from 'zod';
import { GatewayError } from '../../core/errors.ts';
import { checkModelName } from '../../core/model-name.ts';
import { totalInputTokens } from '../../core/usage.ts';
import { checkMetadata, checkTextBytes } from '../arguments/to-chat-request.ts';
import { formatCost, formatCount, formatPlural, usdOrNull } from '../rendering/format.ts';
import { answeredOnce } from './answered-once.ts';
import { defineTool } from './tool.ts';

/** Clients close the connection at a message of 10 MB; 64 vectors of 4,096 numbers are six. */
const INPUTS_MAX = 64;

const INPUT = z.strictObject({
  input: z.union([z.string(), z.array(z.string())], { error: 'must be a text or a list of texts' }),
  model: z.string().optional().describe('provider/model or a known model name'),
  metadata: z.record(z.string(), z.string()).optional(),
});

const OUTPUT = z.object({
  model: z.string(),
  dimensions: z.int(),
  embeddings: z.array(z.array(z.number())),
  usage: z.object({ input_tokens: z.int(), source: z.enum(['reported', 'partial', 'estimated', 'none']) }),
  cost_usd: z.number().nullable().describe('null: the price is unknown'),
});

/** Texts to vectors. Off unless the configuration enables it. */
export const embed = defineTool({
  name: 'embed',
  title: 'Embed texts',
  description: 'Embedding vectors of texts, for search and similarity. Spends money.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  notes: [
    'Listed only when `tools.enabled` of the configuration names it.',
    '`metadata.idempotency_key`: as in `complete`.',
    `At most ${formatCount(INPUTS_MAX)} texts, 10 MB in all. The vectors are in \`structuredContent\`; the text names only their number and size.`,
  ],
  input: INPUT,
  output: OUTPUT,
  run: answeredOnce(
    'embed',
    async ({ input, model, metadata }: z.output<typeof INPUT>, { gateway, caller, signal }) => {
      const texts = checkTexts(typeof input === 'string' ? [input] : input);
      checkMetadata(metadata);
      const named = model !== undefined && { model: checkModelName(model) };
      const request = { input: texts, ...named, ...(metadata && { metadata }), caller };
      const answer = await gateway.embed(request, { signal });
      const dimensions = answer.embeddings[0]?.length ?? 0;
      const inputTokens = totalInputTokens(answer.usage);
      const structured = {
        model: answer.ref,
        dimensions,
        embeddings: answer.embeddings.map((vector) => [...vector]),
        usage: { input_tokens: inputTokens, source: answer.usage.source },
        cost_usd: usdOrNull(answer.costNanoUsd),
      };
      const facts = [answer.ref, `${formatCount(inputTokens)} in`, formatCost(answer.costNanoUsd), answer.requestId];
      const count = formatPlural(answer.embeddings.length, 'embedding');
      return { structured, text: `${count} of ${formatPlural(dimensions, 'dimension')} [${facts.join(' · ')}]` };
    },
  ),
});

function checkTexts(texts: readonly string[]): readonly string[] {
  if (texts.length === 0) throw new GatewayError('invalid_request', '"input" must have at least 1 text.');
  if (texts.length > INPUTS_MAX) {
    const message = `"input" must have at most ${formatCount(INPUTS_MAX)} texts, not ${formatCount(texts.length)}.`;
    throw new GatewayError('invalid_request', message, { hint: 'Embed them in several calls.' });
  }
  const blank = texts.findIndex((text) => text.trim() === '');
  if (blank >= 0) {
    throw new GatewayError(
      'invalid_request',
      `${texts.length === 1 ? '"input"' : `"input[${blank}]"`} must not be empty.`,
    );
  }
  checkTextBytes('input', texts, 'Embed the texts in several calls.');
  return texts;
}
