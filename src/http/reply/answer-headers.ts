import { type NanoUsd, toUsd, ZERO_USD } from '../../core/money.ts';
import type { ParameterName } from '../../core/parameters.ts';
import { shorten } from '../../core/wording/describe-value.ts';
import type { EmbedAnswer, GatewayAnswer, GatewayStream } from '../../gateway/gateway.ts';

/** What was left out of a request, in the words of its format. */
export type DroppedFields = {
  readonly toFieldName: (parameter: ParameterName) => string;
  /** Beyond the parameters the answer names: what no model is told of. */
  readonly more?: readonly string[];
};

/** What every answer tells about how it came to be: `x-signalbox-*`. The cost is absent where it is not known yet. */
export function answerHeaders(
  answer: GatewayAnswer | GatewayStream,
  { toFieldName, more = [] }: DroppedFields,
): Record<string, string> {
  const { requestId, model, plan, cache, droppedParameters, verification, outputTokensCut } = answer;
  const headers = identityHeaders(requestId, model);
  if (plan.tier !== undefined) headers['x-signalbox-tier'] = plan.tier;
  headers['x-signalbox-cache'] = cache;
  headers['x-signalbox-attempts'] = String('attempts' in answer ? countSent(answer.attempts) : answer.attemptsCount);
  if (outputTokensCut !== undefined) headers['x-signalbox-output-cut'] = String(outputTokensCut);
  if (verification) headers['x-signalbox-verification'] = verification.outcome;
  if (droppedParameters.length + more.length > 0) {
    Object.assign(headers, droppedHeader([...droppedParameters.map(toFieldName), ...more]));
  }
  if ('costNanoUsd' in answer) addCost(headers, answer.costNanoUsd);
  else if (cache === 'hit') addCost(headers, ZERO_USD);
  return headers;
}

/** Names of the caller's own are of any length, and as many as the body holds. */
const DROPPED_MAX = 32;
const DROPPED_CHARACTERS_MAX = 64;

/** What was left out, if anything was. */
export function droppedHeader(fields: readonly string[]): Record<string, string> {
  if (fields.length === 0) return {};
  const named = fields.slice(0, DROPPED_MAX).map(toldName);
  const rest = fields.length > named.length ? [`and ${fields.length - named.length} more`] : [];
  return { 'x-signalbox-dropped-parameters': [...named, ...rest].join(', ') };
}

/** Embeddings are neither put into a tier nor cached. */
export function embedHeaders({ requestId, ref, attempts, costNanoUsd }: EmbedAnswer): Record<string, string> {
  const headers = identityHeaders(requestId, ref);
  headers['x-signalbox-cache'] = 'off';
  headers['x-signalbox-attempts'] = String(countSent(attempts));
  addCost(headers, costNanoUsd);
  return headers;
}

function identityHeaders(requestId: string, model: string): Record<string, string> {
  return {
    'x-signalbox-request-id': requestId,
    // Where OpenAI's clients look for it: their `_request_id`.
    'x-request-id': requestId,
    'x-signalbox-model': headerText(model),
  };
}

function countSent(attempts: GatewayAnswer['attempts']): number {
  return attempts.filter(({ status }) => status !== 'not_sent').length;
}

/** Plain decimals: a reader of headers need not know exponents. */
function addCost(headers: Record<string, string>, cost: NanoUsd | undefined): void {
  if (cost === undefined) return;
  headers['x-signalbox-cost-usd'] = toUsd(cost)
    .toFixed(9)
    .replace(/\.?0+$/, '');
}

/** As the caller wrote it, as far as a header can hold that. */
function toldName(field: string): string {
  return shorten(field, DROPPED_CHARACTERS_MAX).replace(/[^\x20-\x7e]+/g, encodeURIComponent);
}

/** A model's name may hold letters that a header may not. */
function headerText(text: string): string {
  return text.replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}
