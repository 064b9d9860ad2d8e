import { toUsd } from '../../core/money.ts';
import type { EmbedAnswer, GatewayAnswer, GatewayStream } from '../../gateway/gateway.ts';

/** What every answer tells about how it came to be: `x-signalbox-*`. The cost is absent where it is not known yet. */
export function answerHeaders(answer: GatewayAnswer | GatewayStream | EmbedAnswer): Record<string, string> {
  const headers: Record<string, string> = {
    'x-signalbox-request-id': answer.requestId,
    'x-signalbox-model': headerText('ref' in answer ? answer.ref : answer.model),
  };
  if ('plan' in answer) {
    if (answer.plan.tier !== undefined) headers['x-signalbox-tier'] = answer.plan.tier;
    headers['x-signalbox-cache'] = answer.cached ? 'hit' : 'miss';
    const attempts = 'attempts' in answer ? countSent(answer) : answer.attemptsCount;
    headers['x-signalbox-attempts'] = String(attempts);
    if (answer.droppedParameters.length > 0) {
      headers['x-signalbox-dropped-parameters'] = answer.droppedParameters.join(', ');
    }
  }
  if ('costNanoUsd' in answer && answer.costNanoUsd !== undefined) {
    headers['x-signalbox-cost-usd'] = usdText(answer.costNanoUsd);
  }
  return headers;
}

function countSent({ attempts }: GatewayAnswer): number {
  return attempts.filter(({ status }) => status !== 'not_sent').length;
}

/** Plain decimals: a reader of headers need not know exponents. */
function usdText(cost: Parameters<typeof toUsd>[0]): string {
  return toUsd(cost)
    .toFixed(9)
    .replace(/\.?0+$/, '');
}

/** A model's name may hold letters that a header may not. */
function headerText(text: string): string {
  return text.replace(/[^\x21-\x7e]+/g, (letters) => encodeURIComponent(letters));
}
