import type { Choice, Completion } from '../../../core/completion.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { JsonObject } from '../../../core/json/json.ts';
import type { ToolCallPart } from '../../../core/message.ts';
import type { ProviderId } from '../../../core/model.ts';
import type { Usage } from '../../../core/usage.ts';
import { foreignAlone } from '../translation/foreign-content.ts';
import { ToolCallIds } from '../translation/tool-call-id.ts';
import { argumentsIn, countIn, objectIn, textIn, toArray, toObject, toText } from '../translation/wire-value.ts';
import { addDetails, type CallDetails, callStateOf } from './call-state.ts';
import { refuseFailed } from './chat-failure.ts';
import { fromChatFinishReason } from './chat-finish-reason.ts';
import { fromChatUsage } from './chat-usage.ts';

/** What is known of an answer besides its body. */
export type AboutAnswer = Pick<Completion, 'providerRequestId' | 'droppedParameters'>;

/** Whose the calls of an answer are, and the ids they may have. */
type CallContext = { readonly ids?: ToolCallIds; readonly provider?: ProviderId | undefined };

/** Reads a whole `chat.completion`; throws `malformed_response` when it is none. */
export function fromChatCompletion(
  answer: unknown,
  requestedModel: string,
  about: AboutAnswer = {},
  { ids = new ToolCallIds(), provider }: CallContext = {},
): Completion {
  const body = toObject(answer);
  const usage = fromChatUsage(body?.usage, toText(body?.service_tier));
  const common = { ids, usage, provider };
  const choices = inOrder(toArray(body?.choices) ?? []).map((choice, index) => fromChatChoice(choice, index, common));
  const [first = fromChatChoice(undefined, 0, common), ...alternatives] = choices;
  return {
    ...about,
    ...first,
    ...(alternatives.length > 0 && { alternatives }),
    usage,
    model: toText(body?.model) || requestedModel,
  };
}

/** Of several, each stands where its index says. */
function inOrder(choices: readonly unknown[]): readonly unknown[] {
  return choices.length < 2
    ? choices
    : choices.toSorted((one, other) => (countIn(one, 'index') ?? 0) - (countIn(other, 'index') ?? 0));
}

/** What cannot be read was paid for all the same: the error keeps the usage. */
function fromChatChoice(value: unknown, index: number, common: CommonToChoices): Choice {
  const { usage } = common;
  const choice = toObject(value);
  refuseFailed(choice, usage);
  const message = toObject(choice?.message);
  if (!message)
    throw new GatewayError('malformed_response', `it answered JSON without choices[${index}].message.`, { usage });
  const reasoning = chatReasoning(message);
  const refusal = toText(message.refusal);
  const text = (chatText(message.content) ?? '') + (refusal ?? '');
  const details = new Map<string, unknown>();
  addDetails(details, message);
  const calls = toolCallsIn(message).map((call, place) => fromToolCall(call, place, { ...common, details }));
  const foreign = text === '' && calls.length === 0 ? foreignKind(message) : undefined;
  if (foreign !== undefined) throw foreignAlone(foreign, usage);
  return {
    content: [
      ...(reasoning ? [{ type: 'reasoning' as const, text: reasoning }] : []),
      ...(text ? [{ type: 'text' as const, text }] : []),
      ...calls,
    ],
    finishReason: fromChatFinishReason(toText(choice?.finish_reason) ?? '', {
      refusal: Boolean(refusal),
      toolCalls: calls.length > 0,
    }),
  };
}

/** Some servers, asked with `tools`, answer in the words that `tools` replaced: the one call has no id. */
export function toolCallsIn(message: JsonObject | undefined): readonly unknown[] {
  const calls = toArray(message?.tool_calls) ?? [];
  const former = toObject(message?.function_call);
  return calls.length === 0 && former ? [{ index: 0, function: former }] : calls;
}

/** What a message or a delta holds that is no text: OpenAI's sound, OpenRouter's pictures. */
export function foreignKind(message: JsonObject | undefined): string | undefined {
  if (toObject(message?.audio)) return 'audio';
  return toArray(message?.images)?.length ? 'images' : undefined;
}

/** Plain text, or the text parts of a list, as some servers send it. */
export function chatText(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  return content.map((part) => textIn(part, 'text') ?? '').join('');
}

/** In a field of its own, or among the parts of a list, as Mistral sends it: github.com/BerriAI/litellm/issues/16272. */
export function chatReasoning(message: JsonObject | undefined): string | undefined {
  const told = toText(message?.reasoning_content) ?? toText(message?.reasoning);
  if (told !== undefined) return told;
  return toArray(message?.content)
    ?.map((part) => chatText(toObject(part)?.thinking) ?? '')
    .join('');
}

/** What all choices of an answer share. */
type CommonToChoices = Required<Pick<CallContext, 'ids'>> & CallContext & { readonly usage: Usage };

function fromToolCall(
  call: unknown,
  index: number,
  { ids, usage, provider, details }: CommonToChoices & { readonly details: CallDetails },
): ToolCallPart {
  const called = objectIn(call, 'function');
  const name = textIn(called, 'name');
  const wireId = textIn(call, 'id') ?? '';
  if (!name)
    throw new GatewayError('malformed_response', `it answered a tool call without a name (number ${index}).`, {
      usage,
    });
  return {
    type: 'tool-call',
    id: ids.take(wireId),
    name,
    argumentsJson: argumentsIn(called) || '{}',
    ...callStateOf({ wireId, extra: objectIn(call, 'extra_content') }, details, provider),
  };
}
