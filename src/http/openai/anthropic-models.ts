import { GatewayError } from '../../core/errors.ts';
import type { OfferedModel } from './models-route.ts';

const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 1_000;
/** `beta` is what the beta part of Anthropic's clients adds to every path; it changes nothing here. */
const QUERY = ['limit', 'after_id', 'before_id', 'lifecycle', 'beta'];

/** "May be set to an epoch value if the release date is unknown", says its reference. */
const CREATED_UNKNOWN = '1970-01-01T00:00:00Z';

/** A page of Anthropic's model list. Source: platform.claude.com/docs/en/api/models/list. */
export function toAnthropicModelPage(models: readonly OfferedModel[], query: URLSearchParams) {
  const limit = readLimit(query.get('limit'));
  for (const name of query.keys()) {
    if (!QUERY.includes(name)) throw invalid(name, `is not known; there are ${QUERY.join(', ')}`);
  }
  const after = placeOf(models, query, 'after_id') ?? -1;
  const before = placeOf(models, query, 'before_id') ?? models.length;
  const isBackwards = query.has('before_id');
  const rest = models.slice(after + 1, before);
  const page = isBackwards ? rest.slice(-limit) : rest.slice(0, limit);
  return {
    data: page.map(toAnthropicModel),
    has_more: rest.length > page.length,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  };
}

export function toAnthropicModel({ id, model }: OfferedModel) {
  return {
    type: 'model',
    id,
    display_name: id,
    created_at: CREATED_UNKNOWN,
    max_input_tokens: model?.contextTokens ?? null,
    max_tokens: model?.outputTokensMax ?? null,
    capabilities: null,
    deprecated_at: null,
    retires_at: null,
    lifecycle: 'active',
    line: null,
  };
}

function readLimit(text: string | null): number {
  if (text === null) return LIMIT_DEFAULT;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > LIMIT_MAX) throw invalid('limit', `must be a whole number from 1 to ${LIMIT_MAX}`);
  return limit;
}

function placeOf(models: readonly OfferedModel[], query: URLSearchParams, name: string): number | undefined {
  const id = query.get(name);
  if (id === null) return undefined;
  const place = models.findIndex((model) => model.id === id);
  if (place < 0) throw invalid(name, `is ${JSON.stringify(id.slice(0, 80))}, which is not in the list`);
  return place;
}

function invalid(param: string, fault: string): GatewayError {
  return new GatewayError('invalid_request', `"${param}" ${fault}.`, { param });
}
