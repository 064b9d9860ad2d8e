import type { AttemptSummary } from '../core/books.ts';
import { type Completion, completionText } from '../core/completion.ts';
import { GatewayError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import type { ModelInfo } from '../core/model.ts';
import { addUsd, type NanoUsd, ZERO_USD } from '../core/money.ts';
import type { ProviderRequest } from '../core/provider.ts';
import type { ChatRequest } from '../core/request.ts';
import type { Candidate, Rejection, RoutePlan } from '../core/route-plan.ts';
import { type CallFrame, timeOver } from '../resilience/attempt.ts';
import { type CandidateResult, runCandidate, sentCount } from '../resilience/run-candidate.ts';
import { isNamed } from '../routing/selection.ts';
import { chatExchange } from './chat-exchange.ts';
import { mayGoOn, requestFailure } from './failures.ts';
import type { CallOptions } from './gateway.ts';
import type { GatewayParts } from './parts.ts';
import type { AnswerSchema } from './structured-output.ts';

export type PlanRun = {
  readonly plan: RoutePlan;
  readonly request: ChatRequest;
  readonly frame: CallFrame;
  readonly schema: AnswerSchema | undefined;
  readonly onProgress: NonNullable<CallOptions['onProgress']>;
};

/** What the first candidate that could answer answered. */
export type PlanAnswer = {
  readonly completion: Completion;
  readonly data?: JsonValue;
  readonly model: ModelInfo;
  readonly attempts: readonly AttemptSummary[];
  /** Of all attempts; absent when one of unknown price may have been billed. */
  readonly costNanoUsd?: NanoUsd;
};

/** Goes through the candidates until one answers or the kind of error says stop. */
export async function runPlan(parts: GatewayParts, run: PlanRun): Promise<PlanAnswer> {
  const { plan, request } = run;
  const forced = isNamed(request.routing.model) || request.routing.provider !== undefined;
  const attempts: AttemptSummary[] = [];
  const errors: GatewayError[] = [];
  const rejected: Rejection[] = [];
  let windowMin = 0;

  for (const [index, candidate] of plan.candidates.entries()) {
    if (sentCount(attempts) >= parts.limits.attemptsMax) break;
    const over = timeOver(run.frame, parts.clock);
    if (over) throw over.with({ attempts });
    if (candidate.model.contextTokens < windowMin) continue;
    const refusal = overSpent(candidate, attempts, request.routing.costMax);
    if (refusal) {
      rejected.push(refusal);
      continue;
    }
    const result = await answerBy(parts, run, candidate.model, {
      attemptsLeft: parts.limits.attemptsMax - sentCount(attempts),
      hasNext: index < plan.candidates.length - 1,
    });
    if (result.type === 'rejected') {
      const { code, retryAfterMs } = result;
      rejected.push({ model: candidate.model.ref, code, reason: `resting after ${code}`, retryAfterMs });
      continue;
    }
    attempts.push(...result.attempts);
    if (result.type === 'answered') {
      const { completion, data } = result.answer;
      const cost = totalCost(attempts);
      return {
        completion: { ...completion, usage: result.usage },
        ...(data !== undefined && { data }),
        model: candidate.model,
        attempts,
        ...(cost !== undefined && { costNanoUsd: cost }),
      };
    }
    errors.push(result.error);
    if (!mayGoOn(result.error)) break;
    if (result.error.policy.tryNext === 'larger-window') windowMin = candidate.model.contextTokens + 1;
  }
  throw requestFailure({ plan, attempts, errors, rejected, forced });
}

type CheckedAnswer = { readonly completion: Completion; readonly data?: JsonValue };
type Allowance = { readonly attemptsLeft: number; readonly hasNext: boolean };

/** One candidate's answer, checked against the caller's schema and repaired once when it does not fit. */
async function answerBy(
  parts: GatewayParts,
  run: PlanRun,
  model: ModelInfo,
  allowance: Allowance,
): Promise<CandidateResult<CheckedAnswer>> {
  const first = await ask(parts, run, model, allowance, providerRequest(run.request, model));
  if (first.type !== 'answered') return first;
  const checked = checkAnswer(first.answer, run.schema);
  if ('answer' in checked) return { ...first, answer: checked.answer };

  const attemptsLeft = allowance.attemptsLeft - sentCount(first.attempts);
  const unfit = markUnfit(first.attempts, checked.problem);
  if (attemptsLeft <= 0) return { type: 'failed', error: notTheJson(model, checked.problem), attempts: unfit };
  run.onProgress({ phase: 'retrying', model: model.ref, outputTokens: 0 });
  const second = await ask(
    parts,
    run,
    model,
    { ...allowance, attemptsLeft },
    repairRequest(run.request, model, first.answer, checked.problem),
  );
  if (second.type === 'rejected') return { type: 'failed', error: notTheJson(model, checked.problem), attempts: unfit };
  const attempts = [...unfit, ...second.attempts];
  if (second.type === 'failed') return { ...second, attempts };
  const repaired = checkAnswer(second.answer, run.schema);
  if ('answer' in repaired) return { ...second, answer: repaired.answer, attempts };
  return {
    type: 'failed',
    error: notTheJson(model, repaired.problem),
    attempts: [...unfit, ...markUnfit(second.attempts, repaired.problem)],
  };
}

function ask(
  parts: GatewayParts,
  run: PlanRun,
  model: ModelInfo,
  allowance: Allowance,
  request: ProviderRequest,
): Promise<CandidateResult<Completion>> {
  const progress = (phase: 'waiting' | 'receiving' | 'retrying', outputTokens: number) =>
    run.onProgress({ phase, model: model.ref, outputTokens });
  progress('waiting', 0);
  return runCandidate(parts, {
    ...allowance,
    frame: run.frame,
    info: model,
    exchange: chatExchange(request, (outputTokens) => progress('receiving', outputTokens)),
    onRetry: () => progress('retrying', 0),
  });
}

/** Only a complete answer is checked: a cut or refused one is a valid end of its own. */
function checkAnswer(
  completion: Completion,
  schema: AnswerSchema | undefined,
): { readonly answer: CheckedAnswer } | { readonly problem: string } {
  if (!schema || completion.finishReason.unified !== 'stop') return { answer: { completion } };
  const checked = schema.check(completionText(completion));
  return 'problem' in checked ? checked : { answer: { completion, data: checked.data } };
}

function providerRequest(request: ChatRequest, model: ModelInfo): ProviderRequest {
  const { messages, maxOutputTokens, temperature, tools, toolChoice, responseFormat } = request;
  return {
    model,
    messages,
    // Vendors refuse more than the model can give; the plan's largest cost counts no more either.
    ...(maxOutputTokens !== undefined && {
      maxOutputTokens: Math.min(maxOutputTokens, model.outputTokensMax ?? maxOutputTokens),
    }),
    ...(temperature !== undefined && { temperature }),
    ...(tools && { tools }),
    ...(toolChoice && { toolChoice }),
    ...(responseFormat && { responseFormat }),
  };
}

function repairRequest(request: ChatRequest, model: ModelInfo, answer: Completion, problem: string): ProviderRequest {
  const original = providerRequest(request, model);
  const ask = `Your answer does not fit the JSON schema: ${problem}\nAnswer again with the corrected JSON only.`;
  return {
    ...original,
    messages: [
      ...original.messages,
      { role: 'assistant', content: [{ type: 'text', text: completionText(answer) || '(empty)' }] },
      { role: 'user', content: [{ type: 'text', text: ask }] },
    ],
  };
}

function notTheJson(model: ModelInfo, problem: string): GatewayError {
  return new GatewayError('malformed_response', `The answer does not fit json_schema: ${problem}`, {
    hint: 'Simplify the schema, or name a stronger model.',
    provider: model.provider,
    model: model.ref,
  });
}

/** The call worked and is paid for, but its answer is of no use. */
function markUnfit(attempts: readonly AttemptSummary[], problem: string): readonly AttemptSummary[] {
  return attempts.map((attempt, index) =>
    index === attempts.length - 1
      ? { ...attempt, error: 'malformed_response', message: `not the JSON asked for: ${problem}` }
      : attempt,
  );
}

/** Earlier attempts count against the caller's cost limit. */
function overSpent(
  candidate: Candidate,
  attempts: readonly AttemptSummary[],
  costMax: NanoUsd | undefined,
): Rejection | undefined {
  if (costMax === undefined || attempts.length === 0) return undefined;
  const spent = totalCost(attempts);
  if (spent !== undefined && candidate.costMax !== undefined && spent + candidate.costMax <= costMax) return undefined;
  return {
    model: candidate.model.ref,
    code: 'budget_exceeded',
    reason: 'what was already spent leaves too little of max_cost_usd',
  };
}

/** Undefined as soon as one attempt's cost is unknown. */
export function totalCost(attempts: readonly AttemptSummary[]): NanoUsd | undefined {
  let total = ZERO_USD;
  for (const { costNanoUsd } of attempts) {
    if (costNanoUsd === undefined) return undefined;
    total = addUsd(total, costNanoUsd);
  }
  return total;
}
