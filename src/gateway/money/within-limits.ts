import { mayBeUsedFor, type ProviderSettings } from '../../core/provider.ts';
import type { ChatRequest } from '../../core/request.ts';
import type { Candidate, Rejection, RoutePlan } from '../../core/route-plan.ts';
import { isTermsRefusal, type Terms, type TermsRefusal } from '../../resilience/attempt-terms.ts';
import { isBound } from '../../routing/selection.ts';
import type { GatewayParts } from '../parts.ts';
import { CheaperModels } from './cheaper-models.ts';
import { hasLimits, type Spending } from './spending.ts';
import { spendingOf } from './spending-of.ts';

/** A plan as budgets and rate limits leave it now: whom they refuse is rejected, and what they cut costs less. */
export async function withinLimits(parts: GatewayParts, request: ChatRequest, plan: RoutePlan): Promise<RoutePlan> {
  if (!hasLimits(parts.spendingLimits)) return plan;
  const spending = spendingOf(parts, request, plan);
  const cheaper = new CheaperModels(parts, { plan, request });
  const waiting = [...plan.candidates];
  const candidates: Candidate[] = [];
  const rejected: Rejection[] = [...plan.rejected];
  for (const candidate of waiting) {
    const verdict = await weigh(parts, { spending, candidate, request, plan });
    if ('model' in verdict) {
      candidates.push(verdict);
      continue;
    }
    const { refusals, ...rejection } = verdict;
    rejected.push({ model: candidate.model.ref, ...rejection, isByLimit: true });
    if (isBound(request.routing) || spending.onReached(refusals) !== 'downgrade') continue;
    waiting.push(...(await cheaper.offer(candidate)));
  }
  return { ...plan, candidates, rejected };
}

type Weighed = {
  readonly spending: Spending;
  readonly candidate: Candidate;
  readonly request: ChatRequest;
  readonly plan: RoutePlan;
};

async function weigh(
  { ledger, providers }: GatewayParts,
  { spending, candidate, request, plan }: Weighed,
): Promise<Candidate | TermsRefusal> {
  const { maxOutputTokens } = request;
  const terms = spending.termsFor(candidate, { inputTokens: plan.inputTokensEstimated, maxOutputTokens });
  let refusal: TermsRefusal | undefined;
  for (const keyName of keysFor(providers.settings, candidate)) {
    const verdict = await weighKey(ledger, terms, keyName);
    if (!('code' in verdict)) {
      const { costMax } = candidate;
      const cut = verdict.grantedNanoUsd !== undefined && costMax !== undefined && verdict.grantedNanoUsd < costMax;
      return cut ? { ...candidate, costMax: verdict.grantedNanoUsd } : candidate;
    }
    refusal = verdict;
  }
  return refusal ?? candidate;
}

async function weighKey(ledger: GatewayParts['ledger'], terms: Terms, keyName: string) {
  const own = terms.of(keyName);
  if (isTermsRefusal(own)) return own;
  own.dropped();
  const admission = await ledger.weighClaims(own.claims);
  return admission.type === 'refused' ? terms.refused(admission.refusals) : admission;
}

function keysFor(settings: readonly ProviderSettings[], { model }: Candidate): readonly string[] {
  const keys = settings.find(({ id }) => id === model.provider)?.keys ?? [];
  return keys.filter((key) => mayBeUsedFor(key, model.name)).map(({ name }) => name);
}
