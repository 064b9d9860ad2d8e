import type { AttemptSummary } from '../../core/books.ts';
import type { Completion } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Candidate, VerifyPlan } from '../../core/route-plan.ts';
import { answerBy, type CheckedResult } from '../ask-candidate.ts';
import type { GatewayParts } from '../parts.ts';
import type { PlanRun, Spent } from '../run-plan.ts';

/** A peer waits as long again as the first answer took, and at least so long; then it is done without. */
const WAIT_MS_MIN = 1_000;

/** What a peer said, if it did, and what that cost. */
export type PeerReport = { readonly completion?: Completion; readonly attempts: readonly AttemptSummary[] };

/** A second model, being asked the same. */
export interface Peer {
  readonly candidate: Candidate;
  /** What it may take of the request's attempts and money. */
  readonly reserved: Spent;
  /** Its report when it comes in time, else it is stopped. Never rejects. */
  report(): Promise<PeerReport>;
  /** Stops it; resolves when its attempt is booked. */
  stop(): Promise<PeerReport>;
}

/**
 * Asks the plan's peer once, if there is one and attempts and money leave room for it beside the first answer
 * and for one that goes up. Whatever it meets is nobody's failure.
 */
export function askPeer(parts: GatewayParts, run: PlanRun, { peer }: VerifyPlan): Peer | undefined {
  if (!peer || !hasRoom(parts, run, peer)) return undefined;
  const { clock } = parts;
  const ending = new AbortController();
  const { signal } = run.frame;
  const onLeave = () => ending.abort(signal.reason);
  if (signal.aborted) onLeave();
  else signal.addEventListener('abort', onLeave, { once: true });
  const begunAtMs = clock.monotonicMs();
  const frame = { ...run.frame, signal: ending.signal, role: 'peer' as const };
  const own: PlanRun = { ...run, sink: undefined, schema: undefined, frame, onProgress: ignore };
  const asked = answerBy(parts, own, { candidate: peer, attemptsLeft: 1, hasNext: true, affords: never })
    .then(toReport, (): PeerReport => ({ attempts: [] }))
    .finally(() => signal.removeEventListener('abort', onLeave));
  const stop = () => {
    ending.abort(new GatewayError('cancelled', 'The peer is no longer waited for.'));
    return asked;
  };
  return {
    candidate: peer,
    reserved: { sentCount: 1, costNanoUsd: peer.costMax },
    stop,
    async report() {
      const waitMs = Math.max(WAIT_MS_MIN, clock.monotonicMs() - begunAtMs);
      const forget = clock.wakeAfter(waitMs, stop);
      return asked.finally(forget);
    },
  };
}

function ignore(): void {}

function never(): boolean {
  return false;
}

function hasRoom({ limits }: GatewayParts, { plan, request, spending }: PlanRun, peer: Candidate): boolean {
  const costMax = Math.min(request.routing.costMax ?? Number.POSITIVE_INFINITY, spending.requestMax(peer.model));
  if (limits.attemptsMax < 3) return false;
  if (!Number.isFinite(costMax)) return true;
  const first = plan.candidates[0]?.costMax;
  return first !== undefined && peer.costMax !== undefined && first + peer.costMax <= costMax;
}

function toReport(result: CheckedResult): PeerReport {
  switch (result.type) {
    case 'answered':
      return { completion: result.answer, attempts: result.attempts };
    case 'failed':
      return { attempts: result.attempts };
    case 'rejected':
    case 'refused':
      return { attempts: [] };
    default:
      return result satisfies never;
  }
}
