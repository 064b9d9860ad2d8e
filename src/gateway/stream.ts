import { GatewayError, toGatewayError } from '../core/errors.ts';
import type { ChatRequest } from '../core/request.ts';
import type { Candidate } from '../core/route-plan.ts';
import type { Verification } from '../core/verification.ts';
import { callerLeft } from '../resilience/attempt-timers.ts';
import { sentCount } from '../resilience/run-candidate.ts';
import type { AnswerSink, LivePart, PartSink } from './answer-sink.ts';
import { answerFromCache, answerOwn } from './answers.ts';
import { bookFailure, bookStart } from './book-request.ts';
import { beginCall, type Call, cacheOutcome, readCached } from './call.ts';
import { callUpstream } from './call-upstream.ts';
import type { AnswerPart, GatewayStream } from './gateway.ts';
import { HandOver } from './hand-over.ts';
import { settleFailedPacing } from './pacing/settle-pacing.ts';
import type { GatewayParts } from './parts.ts';
import { replayedParts, replayStream } from './replay.ts';
import type { PlanAnswer } from './run-plan.ts';
import { StreamedJson } from './streamed-json.ts';

/**
 * One request from plan to stream. Resolves with the first content, or with an answer that has none.
 * A stream shares its call with nobody: each caller takes parts at a pace of its own, and the slowest
 * would set that of all, or its parts would pile up here. An answer that is checked comes whole. `track` hears of the work that goes on after that.
 */
export async function stream(
  parts: GatewayParts,
  request: ChatRequest,
  signal: AbortSignal,
  track: (work: Promise<void>) => void,
): Promise<GatewayStream> {
  const call = await beginCall(parts, request, { streamed: true });
  const hit = await readCached(parts, call);
  if (hit) return replayStream(answerFromCache(parts, call, hit));
  bookStart(parts, call, cacheOutcome(call));
  const opening = Promise.withResolvers<GatewayStream>();
  track(runStream(parts, call, signal, opening));
  return opening.promise;
}

type Opened = {
  readonly verification?: Verification | undefined;
  readonly outputTokensCut: number | undefined;
};
type Opening = Pick<PromiseWithResolvers<GatewayStream>, 'resolve' | 'reject'>;

/** Never rejects: before the first content a failure is the opening's, afterwards the last part. */
async function runStream(parts: GatewayParts, call: Call, signal: AbortSignal, opening: Opening): Promise<void> {
  const cache = cacheOutcome(call);
  const ending = new AbortController();
  const onAbort = () => ending.abort(callerLeft(signal));
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  const handOver = new HandOver<AnswerPart>(() => ending.abort(readerLeft()));
  const sink = new LiveSink(call, handOver, opening);
  try {
    const answer = await callUpstream(parts, call, {
      signal: ending.signal,
      upstream: 'streamed',
      onProgress: ignore,
      sink,
    });
    // What costs is durable by now; the row of the request follows, as everywhere.
    const ended = answerOwn(parts, call, answer, cache);
    const rest = sink.isOpen ? [...sink.heldBack(), ...finalUsage(answer)] : replayedParts(ended.completion);
    sink.openWhole(answer);
    handOver.end({ type: 'end', answer: ended }, rest);
  } catch (thrown) {
    const failed = toGatewayError(thrown);
    settleFailedPacing(parts, call, failed.attempts);
    const error = bookFailure(parts, call, { error: failed, cache, cut: sink.isOpen });
    if (!sink.isOpen) opening.reject(error);
    else if (error.code === 'cancelled') handOver.cut({ type: 'error', error });
    else handOver.end({ type: 'error', error });
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Opens the stream with the first content, and hands over what comes from then on. */
class LiveSink implements AnswerSink {
  readonly #call: Call;
  readonly #handOver: HandOver<AnswerPart>;
  readonly #opening: Opening;
  #sentCount = 0;
  /** The text of the attempt under way, where JSON was asked for. */
  #json: StreamedJson | undefined;
  isOpen = false;

  constructor(call: Call, handOver: HandOver<AnswerPart>, opening: Opening) {
    this.#call = call;
    this.#handOver = handOver;
    this.#opening = opening;
  }

  /** Opens with an answer that is there as a whole: it had no content, or was not streamed. */
  openWhole({ candidate, attempts, verification }: PlanAnswer): void {
    this.#sentCount = sentCount(attempts);
    this.#open(candidate, { verification, outputTokensCut: attempts.at(-1)?.outputTokensCut });
  }

  #open({ model, droppedParameters = [] }: Candidate, { verification, outputTokensCut }: Opened): void {
    if (this.isOpen) return;
    this.isOpen = true;
    const { id, plan } = this.#call;
    this.#opening.resolve({
      requestId: id,
      model: model.ref,
      plan,
      cache: cacheOutcome(this.#call),
      attemptsCount: this.#sentCount,
      droppedParameters,
      ...(verification && { verification }),
      ...(outputTokensCut !== undefined && { outputTokensCut }),
      parts: this.#handOver.parts,
    });
  }

  attemptOf(candidate: Candidate, outputTokensCut?: number): PartSink {
    /** Usage is no content: it follows the first content, or is forgotten with the attempt. */
    let early: LivePart | undefined;
    this.#json = this.#call.schema && new StreamedJson();
    return {
      sent: () => {
        this.#sentCount += 1;
      },
      put: (given) => {
        if (given.type === 'usage' && !this.isOpen) {
          early = given;
          return undefined;
        }
        let taken: Promise<void> | undefined;
        for (const part of this.#readable(given)) {
          if (!this.isOpen) {
            this.#open(candidate, { outputTokensCut });
            if (early) this.#handOver.put(early);
          }
          taken = this.#handOver.put(part);
        }
        return taken;
      },
    };
  }

  /** What goes on with this part. */
  #readable(part: LivePart): readonly LivePart[] {
    if (!this.#json || part.type === 'usage') return [part];
    if (part.type !== 'text-delta' || part.isRefusal) return [...this.heldBack(), part];
    return this.#json.add(part.text);
  }

  /** The end of the text, as far as it waited for what follows. */
  heldBack(): readonly LivePart[] {
    return this.#json?.end() ?? [];
  }
}

/** The figures that are only known at the end, when the provider had none. */
function finalUsage({ completion: { usage } }: PlanAnswer): readonly AnswerPart[] {
  return usage.source === 'estimated' ? [{ type: 'usage', usage }] : [];
}

function readerLeft(): GatewayError {
  return new GatewayError('cancelled', 'The caller left the answer before its end.');
}

function ignore(): void {}
