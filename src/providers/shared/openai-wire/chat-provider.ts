import type { Completion, StreamPart } from '../../../core/completion.ts';
import type { ModelInfo } from '../../../core/model.ts';
import type { ParameterName } from '../../../core/parameters.ts';
import type { CallContext, Provider, ProviderRequest, ProviderSettings } from '../../../core/provider.ts';
import { type Exchange, type ExchangeOptions, runExchange, streamExchange } from '../exchange.ts';
import { fromModelList } from '../from-model-list.ts';
import {
  createParameterMemory,
  type ParameterCall,
  refuseSeveralChoices,
  type SendableRequest,
  saying,
} from '../refused-parameters.ts';
import { type Rehearsal, type RequestForm, rehearse } from '../request-form.ts';
import type { Transport } from '../transport.ts';
import type { FailureClassifier, VendorFailure, Verdict } from '../vendor-failure.ts';
import type { ChatBody, ChatEffort } from './chat-body.ts';
import { chatStreamFailure, classifyChatFailure, refuseErrorBody } from './chat-failure.ts';
import { CHAT_PARAMETER_WORDS } from './chat-parameters.ts';
import { type AboutAnswer, fromChatCompletion } from './from-chat-completion.ts';
import { fromChatStream } from './from-chat-stream.ts';
import { fromEmbeddings } from './from-embeddings.ts';
import { MODEL_LIST_FIELDS } from './model-list-fields.ts';
import { createFieldMemory } from './refused-fields.ts';
import { type RefusedFields, type TokenLimitFields, toChatBody } from './to-chat-body.ts';
import { readStreamed, toStreamParts } from './whole-answer.ts';

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
  /** Must it be asked to report usage in a stream? */
  readonly asksForUsage: boolean;
  /** Is a stream without `[DONE]` at its end a cut one? */
  readonly endsWithDone: boolean;
  /** Read before the wire's common meanings. */
  readonly classify?: FailureClassifier;
  readonly connect: (settings: ProviderSettings) => ChatSdk;
};

type Prepared = SendableRequest & {
  readonly call: ParameterCall;
  readonly refused: RefusedFields;
  readonly body: ChatBody;
};

/** A provider over the chat completions wire, whatever SDK carries it. */
export async function createChatProvider(
  dialect: ChatDialect,
  settings: ProviderSettings,
  transport: Transport,
): Promise<Provider> {
  const fields = createFieldMemory();
  const { kind, tokenLimitFields } = dialect;
  const sdk = dialect.connect(settings);
  const chatForm = await rehearse(sdk.complete, settings);
  const listForm = await rehearse(sdk.listModels, settings);
  const embedForm = sdk.embed && (await rehearse(sdk.embed, settings));
  const parameters = createParameterMemory(kind, CHAT_PARAMETER_WORDS);

  function prepare(asked: ProviderRequest): Prepared {
    const call = parameters.begin(asked);
    const toolsWithoutReasoning = dialect.toolsWithoutReasoning?.(asked.model) ?? false;
    const { request, dropped } = call.sendable(toolsWithoutReasoning ? reasoningBesideTools(asked) : []);
    const refused = fields.refusedBy(request.model.name);
    const effort = dialect.effort(request);
    return {
      call,
      request,
      dropped,
      refused,
      body: toChatBody(request, { tokenLimitFields, refused, toolsWithoutReasoning, effort }),
    };
  }

  /** `prepared` is asked when something failed: by then there is one, unless preparing failed. */
  function optionsFor(context: CallContext, model?: ModelInfo, prepared?: () => Prepared | undefined): ExchangeOptions {
    const classify: FailureClassifier = (failure) =>
      learn(prepared?.(), failure) ?? dialect.classify?.(failure) ?? classifyChatFailure(failure);
    return { transport, settings, context, classify, streamFailure: chatStreamFailure, ...(model && { model }) };
  }

  function learn(prepared: Prepared | undefined, failure: VendorFailure): Verdict | undefined {
    if (!prepared) return undefined;
    const { call, request, refused } = prepared;
    return call.learn(failure) ?? fields.learn(request.model.name, refused, failure);
  }

  function complete(asked: ProviderRequest, context: CallContext): Promise<Completion> {
    let prepared: Prepared | undefined;
    return runExchange(
      optionsFor(context, asked.model, () => prepared),
      async (exchange) => {
        prepared = prepare(asked);
        const { body, dropped } = prepared;
        body.stream = false;
        const response = await exchange.send(chatForm, body);
        return readAnswer(await response.json(), body, aboutAnswer(exchange, dropped));
      },
    );
  }

  function stream(asked: ProviderRequest, context: CallContext): AsyncIterable<StreamPart> {
    let prepared: Prepared | undefined;
    return streamExchange(
      optionsFor(context, asked.model, () => prepared),
      async (exchange) => {
        refuseSeveralChoices(asked);
        prepared = prepare(asked);
        const { body, refused, dropped } = prepared;
        if (dialect.asksForUsage && !refused.has('stream_options')) body.stream_options = { include_usage: true };
        body.stream = true;
        const answer = await readStreamed(await exchange.send(chatForm, body));
        const about = aboutAnswer(exchange, dropped);
        if ('whole' in answer) return toStreamParts(readAnswer(answer.whole, body, about));
        const { endsWithDone } = dialect;
        return fromChatStream(answer.events, { requestedModel: body.model, endsWithDone, about });
      },
    );
  }

  return {
    id: settings.id,
    kind,
    complete,
    stream,
    ...(embedForm && { embed: embedding(embedForm, optionsFor) }),
    listModels: (context) =>
      runExchange(optionsFor(context), async (exchange) => {
        const response = await exchange.send(listForm);
        return fromModelList(await response.json(), MODEL_LIST_FIELDS);
      }),
  };
}

/** Plain numbers: not every server knows the SDK's base64 default. */
function embedding(
  form: RequestForm,
  optionsFor: (context: CallContext, model: ModelInfo) => ExchangeOptions,
): NonNullable<Provider['embed']> {
  return (input, context) =>
    runExchange(optionsFor(context, input.model), async (exchange) => {
      const body = { model: input.model.name, input: input.input, encoding_format: 'float' };
      const response = await exchange.send(form, body);
      return fromEmbeddings(await response.json(), input);
    });
}

/** Asked to reason and to use tools, such a model would refuse; told not to reason, it does both. */
function reasoningBesideTools({ tools, reasoningEffort, thinking }: ProviderRequest): readonly ParameterName[] {
  if (!tools?.length) return [];
  return [
    ...(reasoningEffort !== undefined && reasoningEffort !== 'none' ? (['reasoningEffort'] as const) : []),
    ...(thinking?.type === 'enabled' ? (['thinking'] as const) : []),
  ];
}

function readAnswer(answer: unknown, body: ChatBody, about: AboutAnswer): Completion {
  refuseErrorBody(answer);
  return fromChatCompletion(answer, body.model, about);
}

function aboutAnswer(exchange: Exchange, dropped: readonly ParameterName[]): AboutAnswer {
  const providerRequestId = exchange.responseHeaders?.get('x-request-id');
  return providerRequestId ? { providerRequestId, ...saying(dropped) } : saying(dropped);
}
