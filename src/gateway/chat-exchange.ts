import type { Completion } from '../core/completion.ts';
import type { ProviderRequest } from '../core/provider.ts';
import type { Exchange } from '../resilience/exchange.ts';
import type { PartSink } from './answer-sink.ts';
import { collectAnswer } from './collect-answer.ts';
import type { CallOptions } from './gateway.ts';

export type ChatExchangeOptions = {
  readonly upstream: NonNullable<CallOptions['upstream']>;
  readonly onTokens: (outputTokens: number) => void;
  /** Begins an attempt of an answer that is streamed to the caller. */
  readonly beginParts?: ((outputTokensCut: number | undefined) => PartSink) | undefined;
  readonly faultOf?: Exchange<Completion>['faultOf'];
};

/**
 * A chat with one provider. Streamed where it may be: that is what makes first-token and idle limits,
 * progress and the usage of a cut answer possible. Several answers are only asked for whole.
 */
export function chatExchange(
  asked: ProviderRequest,
  { upstream, onTokens, beginParts, faultOf }: ChatExchangeOptions,
): Exchange<Completion> {
  const mayStream = upstream === 'streamed' && (asked.choices ?? 1) === 1;
  return {
    streamed: (provider) => mayStream && provider.stream !== undefined,
    textOf: wholeText,
    faultOf,
    run(provider, context, watch, cut) {
      const request = cutTo(asked, cut?.outputTokensMax);
      const sink = beginParts?.(cut?.isCut ? cut.outputTokensMax : undefined);
      const heard = sink
        ? {
            ...context,
            onSent: () => {
              sink.sent();
              context.onSent?.();
            },
          }
        : context;
      const parts = mayStream ? provider.stream?.(request, heard) : undefined;
      return parts ? collectAnswer(parts, { watch, onTokens, sink }) : provider.complete(request, heard);
    },
  };
}

/** Budgets may leave less than was asked for, never more. */
function cutTo(request: ProviderRequest, outputTokensMax: number | undefined): ProviderRequest {
  if (outputTokensMax === undefined) return request;
  const { maxOutputTokens = outputTokensMax } = request;
  return { ...request, maxOutputTokens: Math.min(maxOutputTokens, outputTokensMax) };
}

/** Everything the model wrote. */
function wholeText(completion: Completion): string {
  const choices = [completion, ...(completion.alternatives ?? [])];
  return choices
    .flatMap(({ content }) => content.map((part) => (part.type === 'tool-call' ? part.argumentsJson : part.text)))
    .join('\n');
}
