import type { Completion, StreamPart } from '../../../core/completion.ts';
import type { ModelInfo } from '../../../core/model.ts';
import type {
  CallContext,
  EmbedInput,
  EmbedOutput,
  Provider,
  ProviderRequest,
  ProviderSettings,
} from '../../../core/provider.ts';
import { type Exchange, type ExchangeOptions, runExchange, streamExchange } from '../exchange.ts';
import type { Transport } from '../transport.ts';
import type { FailureClassifier } from '../vendor-failure.ts';
import type { ChatBody } from './chat-body.ts';
import { chatStreamFailure, classifyChatFailure, refuseErrorBody } from './chat-failure.ts';
import { fromChatCompletion } from './from-chat-completion.ts';
import { fromChatStream } from './from-chat-stream.ts';
import { fromEmbeddings } from './from-embeddings.ts';
import { fromModelList } from './from-model-list.ts';
import { guardedChatFetch } from './guard-chat-events.ts';
import { createFieldMemory } from './refused-fields.ts';
import { type DisputedField, type RefusedFields, type TokenLimitFields, toChatBody } from './to-chat-body.ts';
import { toStreamParts, watchForWholeAnswer } from './whole-answer.ts';

/** A vendor's SDK client, built for one call. Answers are what the wire carried, unchecked. */
export interface ChatClient {
  complete(body: ChatBody): Promise<unknown>;
  stream(body: ChatBody): Promise<AsyncIterable<unknown>>;
  listModels(): Promise<unknown>;
  embed?(body: { model: string; input: string[] }): Promise<unknown>;
}

/** How one speaker of the OpenAI wire differs from the others. */
export type ChatDialect = {
  readonly kind: Provider['kind'];
  readonly tokenLimitFields: TokenLimitFields;
  /** Fields this model is known to refuse. */
  readonly refuses: (model: ModelInfo) => readonly DisputedField[];
  /** Does this model take tools only when it does not reason? No model when absent. */
  readonly toolsWithoutReasoning?: (model: ModelInfo) => boolean;
  /** Must it be asked to report usage in a stream? */
  readonly asksForUsage: boolean;
  /** Is a stream without `[DONE]` at its end a cut one? */
  readonly endsWithDone: boolean;
  readonly embeds: boolean;
  /** Read before the wire's common meanings. */
  readonly classify?: FailureClassifier;
  readonly connect: (exchange: Exchange, settings: ProviderSettings) => ChatClient;
};

/** At the start of a line it cannot be part of an answer: JSON holds no raw line breaks. */
const DONE = /[\r\n]data: ?\[DONE\][ \t]*(?:[\r\n]|$)/;

/** A provider over the chat completions wire, whatever SDK carries it. */
export function createChatProvider(dialect: ChatDialect, settings: ProviderSettings, transport: Transport): Provider {
  const memory = createFieldMemory();
  const { kind, tokenLimitFields, connect } = dialect;

  function prepare(request: ProviderRequest, context: CallContext) {
    const { model } = request;
    const refused = memory.refusedBy(model.name, dialect.refuses(model));
    const toolsWithoutReasoning = dialect.toolsWithoutReasoning?.(model) ?? false;
    const body = toChatBody(request, { tokenLimitFields, refused, toolsWithoutReasoning });
    return { body, refused, options: optionsFor(context, model, refused) };
  }

  function optionsFor(context: CallContext, model?: ModelInfo, refused?: RefusedFields): ExchangeOptions {
    const classify: FailureClassifier = (failure) =>
      (model && refused && memory.learn(model.name, refused, failure)) ??
      dialect.classify?.(failure) ??
      classifyChatFailure(failure);
    return { transport, settings, context, classify, streamFailure: chatStreamFailure, ...(model && { model }) };
  }

  function complete(request: ProviderRequest, context: CallContext): Promise<Completion> {
    const { body, options } = prepare(request, context);
    return runExchange(options, async (exchange) =>
      readAnswer(await connect(exchange, settings).complete(body), body, exchange),
    );
  }

  function stream(request: ProviderRequest, context: CallContext): AsyncIterable<StreamPart> {
    const { body, refused, options } = prepare(request, context);
    const asksForUsage = dialect.asksForUsage && !refused.has('stream_options');
    return streamExchange(options, async function* (exchange) {
      const { fetch, wholeAnswer } = watchForWholeAnswer(guardedChatFetch(exchange.fetch));
      const chunks = await connect({ ...exchange, fetch }, settings).stream({
        ...body,
        ...(asksForUsage && { stream_options: { include_usage: true } }),
      });
      const answer = wholeAnswer();
      if (answer === undefined) {
        const terminated = () => !dialect.endsWithDone || DONE.test(exchange.responseTail());
        yield* fromChatStream(chunks, {
          requestedModel: body.model,
          terminated,
          requestId: () => requestIdOf(exchange),
        });
      } else yield* toStreamParts(readAnswer(answer, body, exchange));
    });
  }

  function embed(input: EmbedInput, context: CallContext): Promise<EmbedOutput> {
    const body = { model: input.model.name, input: [...input.input] };
    return runExchange(optionsFor(context, input.model), async (exchange) =>
      fromEmbeddings(await connect(exchange, settings).embed?.(body), input),
    );
  }

  return {
    id: settings.id,
    kind,
    complete,
    stream,
    ...(dialect.embeds && { embed }),
    listModels: (context) =>
      runExchange(optionsFor(context), async (exchange) =>
        fromModelList(await connect(exchange, settings).listModels()),
      ),
  };
}

function readAnswer(answer: unknown, body: ChatBody, exchange: Exchange): Completion {
  refuseErrorBody(answer);
  return { ...fromChatCompletion(answer, body.model), ...requestIdOf(exchange) };
}

function requestIdOf(exchange: Exchange): { readonly providerRequestId?: string } {
  const id = exchange.responseHeaders()?.get('x-request-id');
  return id ? { providerRequestId: id } : {};
}
