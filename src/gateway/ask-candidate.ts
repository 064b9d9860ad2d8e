import type { AttemptSummary } from '../core/books.ts';
import { type Completion, completionText } from '../core/completion.ts';
import { afterAttempts, GatewayError } from '../core/errors.ts';
import type { JsonValue } from '../core/json/json.ts';
import type { ModelInfo } from '../core/model.ts';
import { pickParameters } from '../core/parameters.ts';
import type { ProviderRequest } from '../core/provider.ts';
import type { ChatRequest } from '../core/request.ts';
import type { Candidate } from '../core/route-plan.ts';
import type { Exchange } from '../resilience/exchange.ts';
import { type CandidateResult, type CandidateRun, sentCount } from '../resilience/run-candidate.ts';
import { runInSlot, type SlotRun } from '../resilience/run-in-slot.ts';
import { chatExchange } from './chat-exchange.ts';
import type { Patience } from './money/patience.ts';
import type { GatewayParts } from './parts.ts';
import type { PlanRun } from './run-plan.ts';
import { type AnswerSchema, type Fit, fitOf, type Unfit } from './structured-output.ts';

/** What became of one candidate; its answer with the parsed JSON, where a schema asked for one. */
export type CheckedResult = CandidateResult<Completion> & { readonly data?: JsonValue | undefined };
/** Whose turn it is, and what it may take. */
type Turn = Pick<CandidateRun<Completion>, 'attemptsLeft' | 'hasNext' | 'affords'> & {
  readonly candidate: Candidate;
  /** Absent: it neither waits nor has waited. */
  readonly patience?: Patience;
};

/** One candidate's answer, checked against the caller's schema and repaired once when it does not fit. */
export function answerBy(parts: GatewayParts, run: PlanRun, turn: Turn): Promise<CheckedResult> {
  const request = providerRequest(run.request, turn.candidate);
  const { schema } = run;
  return schema ? fitting({ parts, run, schema }, turn, request) : ask(parts, run, turn, { request });
}

type Fitting = { readonly parts: GatewayParts; readonly run: PlanRun; readonly schema: AnswerSchema };

async function fitting(how: Fitting, turn: Turn, request: ProviderRequest): Promise<CheckedResult> {
  const { model } = turn.candidate;
  const first = await askChecked(how, turn, { request });
  if (first.type !== 'answered' || !first.unfit) return first;

  const attemptsLeft = turn.attemptsLeft - sentCount(first.attempts);
  const inVain = markUnfit(first.attempts, first.unfit);
  const failed: CheckedResult = { type: 'failed', error: notTheJson(model, first.unfit), attempts: inVain };
  if (attemptsLeft <= 0 || !turn.affords(inVain)) return failed;
  how.run.onProgress({ phase: 'retrying', model: model.ref, outputTokens: 0 });
  const affords: Turn['affords'] = (more) => turn.affords([...inVain, ...more]);
  const repair = repairRequest(request, first.answer, first.unfit);
  const again = { ...turn, attemptsLeft, affords };
  const extraInputTokens = bytesBeyond(request, repair);
  const asked: Asked = { request: repair, standing: 'going on', extraInputTokens };
  const second = await askChecked(how, again, asked).catch((thrown) => {
    throw afterAttempts(inVain, thrown);
  });
  if (second.type === 'rejected' || second.type === 'refused') return failed;
  if (second.type === 'failed' || !second.unfit) return { ...second, attempts: [...inVain, ...second.attempts] };
  return {
    type: 'failed',
    error: notTheJson(model, second.unfit),
    attempts: [...inVain, ...markUnfit(second.attempts, second.unfit)],
  };
}

/** Asks once, and sees whether the answer fits, before it is booked: the books say so too. */
async function askChecked(
  { parts, run, schema }: Fitting,
  turn: Turn,
  asked: Asked,
): Promise<CheckedResult & { readonly unfit?: Unfit | undefined }> {
  let fit: Fit = {};
  let fault: unknown;
  const faultOf = (answer: Completion) => {
    try {
      fit = fitOf(answer, schema);
      return fit.unfit && 'malformed_response';
    } catch (thrown) {
      fault = thrown;
      return undefined;
    }
  };
  const result = await ask(parts, run, turn, { ...asked, faultOf });
  if (result.type !== 'answered') return result;
  if (fault !== undefined) throw afterAttempts(result.attempts, fault);
  return { ...result, ...fit };
}

type Asked = {
  readonly request: ProviderRequest;
  readonly extraInputTokens?: number;
  readonly standing?: SlotRun<Completion>['standing'];
  readonly faultOf?: Exchange<Completion>['faultOf'];
};

function ask(
  parts: GatewayParts,
  run: PlanRun,
  { candidate, patience, attemptsLeft, hasNext, affords }: Turn,
  { request, extraInputTokens = 0, standing, faultOf }: Asked,
): Promise<CandidateResult<Completion>> {
  const { model, maxOutputTokens } = request;
  const { sink, upstream, spending, plan } = run;
  const inputTokens = plan.inputTokensEstimated;
  const progress = (phase: 'waiting' | 'receiving' | 'retrying', outputTokens: number) =>
    run.onProgress({ phase, model: model.ref, outputTokens });
  progress('waiting', 0);
  const isBeside = run.frame.role === 'peer';
  const terms = spending.termsFor(candidate, { inputTokens, maxOutputTokens, extraInputTokens, isBeside });
  return runInSlot(parts, {
    attemptsLeft,
    hasNext,
    affords,
    frame: run.frame,
    info: model,
    terms: patience?.guard(terms, standing === 'going on') ?? terms,
    standing: standing ?? (patience?.hasTurn ? 'waited' : 'newcomer'),
    isPacedByReader: sink !== undefined,
    exchange: chatExchange(request, {
      upstream,
      onTokens: (outputTokens) => progress('receiving', outputTokens),
      beginParts: sink && ((outputTokensCut) => sink.attemptOf(candidate, outputTokensCut)),
      faultOf,
    }),
    onRetry: () => progress('retrying', 0),
    isCommitted: sink && (() => sink.isOpen),
  });
}

function providerRequest(
  request: ChatRequest,
  { model, outputTokensCap, droppedParameters }: Candidate,
): ProviderRequest {
  const { messages, tools, declaredTools, toolChoice, responseFormat, unsupportedParameters } = request;
  const maxOutputTokens = request.maxOutputTokens ?? outputTokensCap;
  return {
    model,
    messages,
    // Vendors refuse more than the model can give; the plan's largest cost counts no more either.
    ...(maxOutputTokens !== undefined && {
      maxOutputTokens: Math.min(maxOutputTokens, model.outputTokensMax ?? maxOutputTokens),
    }),
    ...pickParameters(request, droppedParameters),
    ...(unsupportedParameters && { unsupportedParameters }),
    ...(tools && { tools }),
    ...(declaredTools && { declaredTools }),
    ...(toolChoice && { toolChoice }),
    ...(responseFormat && { responseFormat }),
  };
}

function repairRequest(original: ProviderRequest, answer: Completion, { problem, wanted }: Unfit): ProviderRequest {
  const correction = `Your answer does not fit ${wanted}: ${problem}\nAnswer again with the corrected JSON only.`;
  return {
    ...original,
    messages: [
      ...askedByUser(original.messages),
      { role: 'assistant', content: [{ type: 'text', text: completionText(answer) || '(empty)' }] },
      { role: 'user', content: [{ type: 'text', text: correction }] },
    ],
  };
}

/** What the system alone asked for stays the first turn where a vendor takes none but the user's: behind it the answer has its place. */
function askedByUser(messages: ProviderRequest['messages']): ProviderRequest['messages'] {
  const last = messages.at(-1);
  if (last?.role !== 'system' || messages.some(({ role }) => role !== 'system')) return messages;
  return messages.with(-1, { role: 'user', content: last.content });
}

/** No text has more tokens than bytes; each message has a few for itself. */
function bytesBeyond({ messages: before }: ProviderRequest, { messages: after }: ProviderRequest): number {
  let bytes = 0;
  for (const { content } of after.slice(before.length)) {
    bytes += MESSAGE_TOKENS;
    for (const part of content) if (part.type === 'text') bytes += Buffer.byteLength(part.text);
  }
  return bytes;
}

const MESSAGE_TOKENS = 16;

/** What a request ends with whose only answer does not fit. */
export function notTheJson(model: ModelInfo, { problem, wanted }: Unfit): GatewayError {
  return new GatewayError('malformed_response', `The answer does not fit ${wanted}: ${problem}`, {
    hint: 'Simplify what is asked for, or name a stronger model.',
    provider: model.provider,
    model: model.ref,
  });
}

/** The call worked and is paid for, but its answer is of no use. */
function markUnfit(attempts: readonly AttemptSummary[], { problem }: Unfit): readonly AttemptSummary[] {
  return attempts.map((attempt, index) =>
    index === attempts.length - 1 ? { ...attempt, message: `not the JSON asked for: ${problem}` } : attempt,
  );
}
