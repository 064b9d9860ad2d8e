import type {
  ContentBlockParam,
  DocumentBlockParam,
  ImageBlockParam,
  MessageCreateParamsBase,
  MessageParam,
  TextBlockParam,
  ToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/messages';
import { addAll } from '../../core/collections/add-all.ts';
import { fromThinkingState } from '../../core/content/signed-thinking.ts';
import { toolArguments } from '../../core/content/tool-calls.ts';
import { GatewayError } from '../../core/errors.ts';
import type { DocumentPart, ImagePart, MediaPart, Message, TextPart, ToolResultPart } from '../../core/message.ts';
import { toCacheControl } from './anthropic-cache.ts';
import { withReferences } from './found-tools.ts';
import type { TurnRules } from './turn-rules.ts';

const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'] as const;

type SystemMessage = Extract<Message, { role: 'system' }>;
type Turn = { readonly role: MessageParam['role']; readonly content: ContentBlockParam[] };

/** A conversation in the vendor's form: its one system prompt, and the turns. */
export type AnthropicConversation = Pick<MessageCreateParamsBase, 'system' | 'messages'>;

/** What the user said before a greeting: nothing that is known, and something must stand there. */
const BEFORE: TextBlockParam = { type: 'text', text: '…' };

/**
 * Neighbours of one role become one message, because all results of parallel calls have to stand in
 * the user message right after the call, before any text. System messages before the first turn are the system
 * prompt. So are later ones, unless the model `keepsSystemPlaces`: then they stand after the user's turn they came with. The vendor
 * takes them there only, between a user's turn and an assistant's or at the end, and never two in a row.
 */
export function toAnthropicConversation(
  messages: readonly Message[],
  rules: TurnRules,
  deferred: ReadonlySet<string> = new Set(),
): AnthropicConversation {
  const turns: Turn[] = [];
  const prompt: SystemMessage[] = [];
  let waiting: SystemMessage[] = [];
  const settle = () => {
    const content = waiting.flatMap((message) => message.content.flatMap(toText));
    if (turns.at(-1)?.role !== 'user') addAll(prompt, waiting);
    else if (content.length > 0) turns.push({ role: 'system', content });
    waiting = [];
  };
  const ids = new ToolUseIds();
  for (const message of messages) {
    if (message.role === 'system') {
      (rules.keepsSystemPlaces && turns.length > 0 ? waiting : prompt).push(message);
      continue;
    }
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const content = toBlocks(message, ids, deferred);
    if (content.length === 0) continue;
    if (role === 'assistant') settle();
    const last = turns.at(-1);
    if (last?.role === role) addAll(last.content, content);
    else turns.push({ role, content });
  }
  settle();
  if (rules.beginsWithUser && turns[0]?.role === 'assistant') turns.unshift({ role: 'user', content: [BEFORE] });
  const system = toSystem(prompt);
  return { ...(system !== undefined && { system }), messages: turns as MessageParam[] };
}

/** Several system messages are joined. Blocks stay apart only where the cache is told of a place between them. */
function toSystem(messages: readonly SystemMessage[]): string | TextBlockParam[] | undefined {
  const parts = messages.flatMap((message) => message.content);
  if (parts.some((part) => part.cacheBreakpoint !== undefined)) return parts.flatMap(toText);
  const texts = messages.map((message) => message.content.map((part) => part.text).join('\n'));
  const system = texts.filter((text) => !isBlank(text)).join('\n\n');
  return system === '' ? undefined : system;
}

function toBlocks(
  message: Exclude<Message, { role: 'system' }>,
  ids: ToolUseIds,
  deferred: ReadonlySet<string>,
): ContentBlockParam[] {
  switch (message.role) {
    case 'user':
      return message.content.flatMap((part): ContentBlockParam[] =>
        part.type === 'text' ? toText(part) : [toMedia(part)],
      );
    case 'assistant':
      return message.content.flatMap((part): ContentBlockParam[] => {
        if (part.type === 'text') return toText(part);
        if (part.type === 'reasoning')
          return [fromThinkingState(part.vendorState)].filter((block) => block !== undefined);
        return [{ type: 'tool_use', id: ids.ofCall(part.id), name: part.name, input: toolArguments(part) }];
      });
    case 'tool':
      return message.content.map((part) => ({
        type: 'tool_result',
        tool_use_id: ids.ofResult(part.toolCallId),
        ...toResultContent(part, deferred),
        ...(part.isError === true ? { is_error: true } : {}),
        ...toCacheControl(part),
      }));
  }
}

/** Text blocks without more than white space are refused by the vendor, and models do say a line break before a call. */
function isBlank(text: string): boolean {
  return text.trim() === '';
}

function toText(part: TextPart): TextBlockParam[] {
  return isBlank(part.text) ? [] : [{ type: 'text', text: part.text, ...toCacheControl(part) }];
}

/** The vendor refuses a failed tool's result that says nothing. */
function toResultContent(
  { text, media = [], isError }: ToolResultPart,
  deferred: ReadonlySet<string>,
): Pick<ToolResultBlockParam, 'content'> {
  if (isError && media.length === 0 && isBlank(text)) return { content: 'Error' };
  const found = withReferences(text, deferred);
  if (found) return { content: [...found, ...media.map(toMedia)] };
  if (media.length > 0) return { content: [...toText({ type: 'text', text }), ...media.map(toMedia)] };
  return isBlank(text) ? {} : { content: text };
}

function toMedia(part: MediaPart): ImageBlockParam | DocumentBlockParam {
  return part.type === 'image' ? toImage(part) : toDocument(part);
}

function toDocument(part: DocumentPart): DocumentBlockParam {
  const { source, title } = part;
  return {
    type: 'document',
    source:
      source.type === 'url'
        ? { type: 'url', url: source.url }
        : { type: 'base64', media_type: 'application/pdf', data: source.base64 },
    ...(title !== undefined && { title }),
    ...toCacheControl(part),
  };
}

function toImage(part: ImagePart): ImageBlockParam {
  const { source } = part;
  const cache = toCacheControl(part);
  if (source.type === 'url') return { type: 'image', source: { type: 'url', url: source.url }, ...cache };
  const mediaType = IMAGE_TYPES.find((known) => known === source.mediaType);
  if (mediaType === undefined) {
    throw new GatewayError(
      'capability_missing',
      `it takes no images of type ${source.mediaType}; send PNG, JPEG, GIF or WebP.`,
    );
  }
  return { type: 'image', source: { type: 'base64', media_type: mediaType, data: source.base64 }, ...cache };
}

/** The vendor wants no id twice in a conversation; other servers begin anew with `call_0` in each answer. */
class ToolUseIds {
  readonly #taken = new Set<string>();
  /** The number behind each id that was taken last: in a long conversation one may come thousands of times. */
  readonly #numbers = new Map<string, number>();
  readonly #latest = new Map<string, string>();

  ofCall(id: string): string {
    const plain = toToolUseId(id);
    let own = plain;
    let number = this.#numbers.get(plain) ?? 1;
    while (this.#taken.has(own)) {
      number += 1;
      own = `${plain}_${number}`;
    }
    this.#numbers.set(plain, number);
    this.#taken.add(own);
    this.#latest.set(id, own);
    return own;
  }

  /** Results follow their calls before the next calls come. */
  ofResult(callId: string): string {
    return this.#latest.get(callId) ?? toToolUseId(callId);
  }
}

/** Ids made by other vendors may hold characters Anthropic refuses (`^[a-zA-Z0-9_-]+$`); the mapping is one to one. */
function toToolUseId(id: string): string {
  return id.replaceAll(/[^a-zA-Z0-9_-]/gu, (char) => `_${char.codePointAt(0)?.toString(16)}_`);
}
