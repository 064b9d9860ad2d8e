import type { HealthSnapshot } from '../core/health.ts';
import type { ModelInfo, ModelRef } from '../core/model.ts';
import type { ModelCatalog } from '../core/ports.ts';
import type { ProviderSettings } from '../core/provider.ts';
import type { EmbedRequest } from '../core/request.ts';
import type { Candidate, Rejection, RoutingTable } from '../core/route-plan.ts';
import { estimateTextTokens } from './estimate-tokens.ts';
import { boundItems } from './input-token-bound.ts';
import { createJudge, isRejection } from './judge.ts';
import { resolveModel } from './resolve-model.ts';
import { isNamed } from './selection.ts';
import { toCandidate } from './sieve.ts';

export type EmbeddingPlanInput = {
  readonly request: EmbedRequest;
  readonly table: RoutingTable;
  readonly catalog: ModelCatalog;
  readonly providers: readonly ProviderSettings[];
  readonly health: HealthSnapshot;
  readonly nowMs: number;
};

/** The decision for one embedding. */
export type EmbeddingPlan = {
  /** One sentence for people. */
  readonly reason: string;
  /** The model that makes it, or none: vectors of another mean something else. */
  readonly candidates: readonly Candidate[];
  readonly rejected: readonly Rejection[];
  readonly inputTokensEstimated: number;
};

/**
 * Plans an embedding: by the model the caller named, or by the first known embedding model, in the order of `priority`
 * and then of the providers. Throws like `planRoute` for names it cannot use.
 */
export function planEmbedding(input: EmbeddingPlanInput): EmbeddingPlan {
  const { request, table, catalog, providers } = input;
  const tokens = request.input.map((item) => (typeof item === 'string' ? estimateTextTokens(item) : item.length));
  const inputTokens = tokens.reduce((sum, count) => sum + count, 0);
  const named = isNamed(request.model) ? resolveModel(request.model, { table, catalog, providers }).ref : undefined;
  const judge = createJudge(input, {
    use: 'embed',
    capabilities: named !== undefined && isUnknown(named, catalog) ? [] : ['embedding'],
    shownByUrl: [],
    hasTokenIds: request.input.some((item) => typeof item !== 'string'),
    inputTokens,
    inputBound: boundItems(request.input, inputTokens),
    windowTokens: tokens.reduce((longest, count) => Math.max(longest, count), 0),
    maxOutputTokens: 0,
    tier: 'trivial',
  });
  const rejected: Rejection[] = [];
  const candidates: Candidate[] = [];
  const reason = named === undefined ? 'the first embedding model' : 'named by the caller';
  for (const ref of named === undefined ? embeddingRefs(input) : [named]) {
    const verdict = judge(ref);
    if (!isRejection(verdict)) {
      candidates.push(toCandidate(verdict, reason));
      break;
    }
    rejected.push(verdict);
    if (isForNow(verdict)) break;
  }
  return { reason: reasonOf(named, candidates), candidates, rejected, inputTokensEstimated: inputTokens };
}

/** Nothing is known of it, so its provider must say whether it embeds. */
function isUnknown(ref: ModelRef, catalog: ModelCatalog): boolean {
  return catalog.find(ref)?.quality === undefined && !catalog.list().some((model) => model.ref === ref);
}

function embeddingRefs({ catalog, providers }: EmbeddingPlanInput): readonly ModelRef[] {
  const all = catalog.list().filter(({ capabilities }) => capabilities.includes('embedding'));
  const models = providers.flatMap(({ id }) => all.filter(({ provider }) => provider === id));
  const priorityOf = ({ priority = Number.MAX_VALUE }: ModelInfo) => priority;
  return models.toSorted((left, right) => priorityOf(left) - priorityOf(right)).map(({ ref }) => ref);
}

/** Later, or with another text, this model would be the one. */
function isForNow({ code, retryAfterMs }: Rejection): boolean {
  return retryAfterMs !== undefined || code === 'context_too_long';
}

function reasonOf(named: ModelRef | undefined, [first]: readonly Candidate[]): string {
  if (!first) {
    return named === undefined
      ? 'No embedding model can take the request now.'
      : `The caller named ${named}, but it cannot take the request now.`;
  }
  return named === undefined
    ? `No model was named; ${first.model.ref} is the first embedding model that can take the request.`
    : `The caller named ${named}.`;
}
