import type { AttemptSummary } from '../core/books.ts';
import { NO_USAGE } from '../core/usage.ts';
import type { AdaptiveLimits, AttemptSign } from './adaptive-limit.ts';
import type { Answered } from './exchange.ts';
import type { LatencySample } from './latency-floor.ts';
import { type CandidateParts, type CandidateResult, type CandidateRun, runCandidate } from './run-candidate.ts';

export type SlotParts = CandidateParts & {
  readonly slots: AdaptiveLimits;
  /** Who waits for a resource; a newcomer stands behind them. */
  readonly line: { lengthAt(resource: string): number };
};

export type SlotRun<Answer extends Answered> = CandidateRun<Answer> & {
  /** `waited`: it is its turn. `going on`: the target has answered it once, and is asked again. */
  readonly standing: 'newcomer' | 'waited' | 'going on';
  /** The answer comes at the pace of its reader, which tells nothing of the provider's. */
  readonly isPacedByReader: boolean;
};

/** Runs one candidate in a place among those its target serves at once; refused at once when none is free. */
export async function runInSlot<Answer extends Answered>(
  parts: SlotParts,
  run: SlotRun<Answer>,
): Promise<CandidateResult<Answer>> {
  const { slots, line } = parts;
  const { info, standing } = run;
  // Whoever waits for a place waits for its target.
  const place = info.ref;
  const ahead = standing === 'newcomer' ? line.lengthAt(place) : 0;
  const release = ahead > 0 ? undefined : slots.take(place, standing === 'going on');
  if (!release) {
    const reason =
      ahead > 0
        ? `it has as many requests as it takes, and ${ahead} more before this one`
        : 'it is asked as much at once as it takes now';
    const retryAfterMs = slots.waitMs(place, ahead);
    return { type: 'refused', refusal: { code: 'provider_overloaded', reason, retryAfterMs, refusals: [], place } };
  }
  let signs: readonly AttemptSign[] = [];
  try {
    const result = await runCandidate(parts, run);
    if ('attempts' in result) {
      // Whatever is wrong with what it says, it answers.
      const answered = result.type === 'answered' ? result.attempts.at(-1) : undefined;
      signs = result.attempts.map((attempt) =>
        signOf(attempt === answered ? { ...attempt, error: undefined } : attempt, run.isPacedByReader),
      );
    }
    return result;
  } finally {
    release(signs);
    run.terms.over?.();
  }
}

function signOf(attempt: AttemptSummary, isPacedByReader: boolean): AttemptSign {
  const { status, error } = attempt;
  switch (error) {
    case undefined:
      return { type: 'answered', samples: status === 'settled' ? samplesOf(attempt, isPacedByReader) : [] };
    case 'rate_limited':
    case 'provider_overloaded':
    case 'provider_timeout':
      return { type: 'strained' };
    case 'provider_unavailable':
    case 'provider_error':
    case 'stream_truncated':
    case 'malformed_response':
      return { type: 'failed' };
    default:
      return { type: 'silent' };
  }
}

function samplesOf(attempt: AttemptSummary, isPacedByReader: boolean): readonly LatencySample[] {
  const { latencyMs, firstTokenMs, usage = NO_USAGE } = attempt;
  const { inputTokens, outputTokens } = usage;
  if (firstTokenMs === undefined) {
    return isPacedByReader ? [] : [{ kind: 'whole', latencyMs, inputTokens, outputTokens }];
  }
  const first: LatencySample = { kind: 'first', latencyMs: firstTokenMs, inputTokens, outputTokens };
  if (isPacedByReader) return [first];
  return [first, { kind: 'rest', latencyMs: latencyMs - firstTokenMs, inputTokens, outputTokens }];
}
