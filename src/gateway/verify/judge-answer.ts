import { type Completion, completionText, type FinishReasonUnified } from '../../core/completion.ts';
import type { ChatRequest } from '../../core/request.ts';
import { checkAnswer } from '../../routing/answer-check/check-answer.ts';
import type { Fit } from '../structured-output.ts';

/** What is thought of an answer. One that does not fit cannot be given at all. */
export type Judgement = Fit & {
  readonly doubted: boolean;
  /** From 0 to 1. */
  readonly doubt: number;
  /** Codes of what was found. */
  readonly reasons: readonly string[];
};

export type Question = {
  readonly request: ChatRequest;
  /** Of the first answer; empty when nothing is wanted. */
  readonly fit: Fit;
  /** More doubt than this goes up; absent: the check decides. */
  readonly threshold: number | undefined;
};

/** What the check of the first answer finds, alone or beside another model's. */
export function judgeAnswer(
  completion: Completion,
  { request, fit, threshold }: Question,
  peer?: Completion,
): Judgement {
  const fault = FAULTY_ENDS[completion.finishReason.unified];
  if (fault) return certainly(fault, threshold);
  if (fit.unfit) return { ...certainly('schema', undefined), ...fit };
  const { verdict, doubt, reasons } = checkAnswer({
    prompt: lastQuestion(request),
    answer: completionText(completion),
    peers: peer && !FAULTY_ENDS[peer.finishReason.unified] ? [completionText(peer)] : [],
  });
  const doubted = threshold === undefined ? verdict === 'fail' : doubt > threshold;
  return { doubted, doubt, reasons: reasons.map(({ name }) => name), ...fit };
}

/** What the answer answers; only requests that end with the user's message are checked. */
function lastQuestion({ messages }: ChatRequest): string {
  const parts = messages.at(-1)?.content ?? [];
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

/** Ends that are no answer, whatever the text before them says. */
const FAULTY_ENDS: Partial<Record<FinishReasonUnified, string>> = {
  length: 'truncated',
  refusal: 'refused',
  content_filter: 'refused',
};

function certainly(reason: string, threshold = 0): Judgement {
  return { doubted: threshold < 1, doubt: 1, reasons: [reason] };
}

/** No second opinion would change it. */
export function isCertain({ doubt }: Judgement): boolean {
  return doubt >= 1;
}
