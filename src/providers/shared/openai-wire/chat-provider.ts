import type { Completion, StreamPart } from '../../../core/completion.ts';
import type { ModelInfo } from '../../../core/model.ts';
import type { ParameterName } from '../../../core/parameters.ts';
import type { CallContext, Provider, ProviderRequest, ProviderSettings } from '../../../core/provider.ts';
import { embeds } from '../embeds.ts';
import { completeExchange, type Exchange, type ExchangeSetup, streamExchange } from '../exchange.ts';
import {
  createParameterMemory,
  refuseSeveralChoices,
  type SendableRequest,
  saying,
} from '../failures/refused-parameters.ts';
import { fromVendorErrorBody } from '../failures/vendor-error-body.ts';
import type { FailureClassifier } from '../failures/vendor-failure.ts';
import { listsModels } from '../list-models.ts';
import { type Rehearsal, type RequestForm, rehearse } from '../request-form.ts';
import { withShortToolNames } from '../translation/short-tool-names.ts';
import { ToolCallIds } from '../translation/tool-call-id.ts';
import type { Transport } from '../transport/transport.ts';
import { readStreamed, toStreamParts } from '../whole-answer.ts';
import type { ChatBody, ChatEffort } from './chat-body.ts';
import { classifyChatFailure, refuseErrorBody } from './chat-failure.ts';
import { CHAT_REFUSAL_WORDS } from './chat-parameters.ts';
import { createDemandMemory } from './demands.ts';
import { type AboutAnswer, fromChatCompletion } from './from-chat-completion.ts';
import { fromChatStream } from './from-chat-stream.ts';
import { fromEmbeddings } from './from-embeddings.ts';
import { createFieldMemory } from './refused-fields.ts';
import { type RefusedFields, type TokenLimitFields, toChatBody } from './to-chat-body.ts';

/** One call of each method of a vendor's SDK that sends what we send. Bodies and answers are ours to write and to read. */
export type ChatSdk = { readonly complete: Rehearsal; readonly embed?: Rehearsal; readonly listModels: Rehearsal };

/** How one speaker of the OpenAI wire differs from the others. */
export type ChatDialect = {
  readonly kind: Provider['kind'];
  readonly tokenLimitFields: TokenLimitFields;
  /** What a request asks of the model's reasoning, in this server's words; undefined says nothing. */
  readonly effort: (request: ProviderRequest) => ChatEffort | undefined;
  /** Does this model take tools only when it does not reason? No model when absent. */
  readonly toolsWithoutReasoning?: (model: ModelInfo) => boolean;
  /** Does this model write its reasoning into its answer unless it is told not to? No model when absent. */
  readonly separatesReasoning?: (model: ModelInfo) => boolean;
  /** Must it be asked to report usage in a stream? */
  readonly asksForUsage: boolean;
  /** Is a stream without `[DONE]` at its end a cut one? */
  readonly endsWithDone: boolean;
  /** Read before the wire's common meanings. */
  readonly classify?: FailureClassifier;
  readonly connect: (settings: ProviderSettings) => ChatSdk;
};

/** A provider over the chat completions wire, whatever SDK carries it. */
export async function createChatProvider(
  dialect: ChatDialect,
  settings: ProviderSettings,
  transport: Transport,
): Promise<Provider> {
  const { kind } = dialect;
  const sdk = dialect.connect(settings);
  const chatForm = await rehearse(sdk.complete, settings);
  const listForm = await rehearse(sdk.listModels, settings);
  const embedForm = sdk.embed && (await rehearse(sdk.embed, settings));
  const prepare = preparing(dialect);
  const setup: ExchangeSetup = {
    transport,
    settings,
    classify: (failure) => dialect.classify?.(failure) ?? classifyChatFailure(failure),
    streamFailure: fromVendorErrorBody,
  };

  function complete(asked: ProviderRequest, context: CallContext): Promise<Completion> {
    return completeExchange(setup, { context, model: asked.model }, async (exchange) => {
      const { body, dropped } = prepare(asked, exchange);
      body.stream = false;
      const response = await exchange.send(chatForm, body);
      return readAnswer(await response.json(), asked, aboutAnswer(exchange, dropped));
    });
  }

  function stream(asked: ProviderRequest, context: CallContext): AsyncIterable<StreamPart> {
    return streamExchange(setup, { context, model: asked.model }, async (exchange) => {
      refuseSeveralChoices(asked);
      const { body, refused, dropped } = prepare(asked, exchange);
      if (dialect.asksForUsage && !refused.has('stream_options')) body.stream_options = { include_usage: true };
      body.stream = true;
      const answer = await readStreamed(await exchange.send(chatForm, body));
      const about = aboutAnswer(exchange, dropped);
      if ('whole' in answer) return toStreamParts(readAnswer(answer.whole, asked, about));
      const { endsWithDone } = dialect;
      return fromChatStream(answer.events, {
        requestedModel: body.model,
        endsWithDone,
        about,
        ids: new ToolCallIds(asked.messages),
        provider: settings.id,
      });
    });
  }

  return withShortToolNames({
    id: settings.id,
    kind,
    complete,
    stream,
    ...(embedForm && { embed: embedding(embedForm, setup) }),
    listModels: listsModels(listForm, setup),
  });
}

type Prepared = {
  readonly body: ChatBody;
  readonly dropped: SendableRequest['dropped'];
  readonly refused: RefusedFields;
};

/** Writes the bodies to send, without what the server was seen to refuse; learns from its refusals. */
function preparing(dialect: ChatDialect): (asked: ProviderRequest, exchange: Exchange) => Prepared {
  const { kind, tokenLimitFields } = dialect;
  const fields = createFieldMemory();
  const wanted = createDemandMemory();
  const parameters = createParameterMemory(kind, CHAT_REFUSAL_WORDS);
  return (asked, exchange) => {
    const toolsWithoutReasoning = dialect.toolsWithoutReasoning?.(asked.model) ?? false;
    const separatesReasoning = dialect.separatesReasoning?.(asked.model) ?? false;
    const { request, dropped } = parameters.sendable(asked);
    const { name } = request.model;
    const refused = fields.refusedBy(name);
    const demands = wanted.of(name);
    exchange.learnBy(
      (failure) =>
        wanted.learn(name, demands, failure) ??
        parameters.learn(request, failure) ??
        fields.learn(name, refused, failure),
    );
    const rules = { tokenLimitFields, refused, toolsWithoutReasoning, separatesReasoning, demands };
    const body = toChatBody(request, { ...rules, effort: dialect.effort(request) });
    return { body, dropped, refused };
  };
}

/** Plain numbers: not every server knows the SDK's base64 default. */
function embedding(form: RequestForm, setup: ExchangeSetup): NonNullable<Provider['embed']> {
  return embeds(setup, async (input, exchange) => {
    const { dimensions } = input;
    const length = dimensions === undefined ? {} : { dimensions };
    const body = { model: input.model.name, input: input.input, encoding_format: 'float', ...length };
    const response = await exchange.send(form, body);
    const answer = await response.json();
    refuseErrorBody(answer);
    return fromEmbeddings(answer, input);
  });
}

function readAnswer(answer: unknown, { model, messages }: ProviderRequest, about: AboutAnswer): Completion {
  refuseErrorBody(answer);
  return fromChatCompletion(answer, model.name, about, { ids: new ToolCallIds(messages), provider: model.provider });
}

function aboutAnswer(exchange: Exchange, dropped: readonly ParameterName[]): AboutAnswer {
  const providerRequestId = exchange.responseHeaders?.get('x-request-id');
  return providerRequestId ? { providerRequestId, ...saying(dropped) } : saying(dropped);
}
