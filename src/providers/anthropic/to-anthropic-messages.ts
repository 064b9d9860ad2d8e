import type {
  ContentBlockParam,
  ImageBlockParam,
  MessageParam,
  TextBlockParam,
  ToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/messages';
import { GatewayError } from '../../core/errors.ts';
import type { ImagePart, Message, TextPart, ToolResultPart } from '../../core/message.ts';
import { fromThinkingState } from '../../core/signed-thinking.ts';
import { toolArguments } from '../../core/tool-calls.ts';
import { toCacheControl } from './anthropic-cache.ts';

const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'] as const;

/**
 * Anthropic has one system prompt: several system messages are joined, wherever they stood. Blocks
 * stay apart only where the cache is told of a place between them.
 */
export function toAnthropicSystem(messages: readonly Message[]): string | TextBlockParam[] | undefined {
  const parts = messages.flatMap((message) => (message.role === 'system' ? message.content : []));
  if (parts.some((part) => part.cacheBreakpoint !== undefined)) return parts.flatMap(toText);
  const texts = messages.flatMap((message) =>
    message.role === 'system' ? [message.content.map((part) => part.text).join('\n')] : [],
  );
  const system = texts.filter((text) => text !== '').join('\n\n');
  return system === '' ? undefined : system;
}

/**
 * Neighbours of one role become one message, because all results of parallel calls have to stand in
 * the user message right after the call, before any text.
 */
export function toAnthropicMessages(messages: readonly Message[]): MessageParam[] {
  const turns: { readonly role: 'user' | 'assistant'; readonly content: ContentBlockParam[] }[] = [];
  const ids = new ToolUseIds();
  for (const message of messages) {
    if (message.role === 'system') continue;
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const content = toBlocks(message, ids);
    if (content.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else turns.push({ role, content });
  }
  return turns;
}

function toBlocks(message: Exclude<Message, { role: 'system' }>, ids: ToolUseIds): ContentBlockParam[] {
  switch (message.role) {
    case 'user':
      return message.content.flatMap((part): ContentBlockParam[] =>
        part.type === 'image' ? [toImage(part)] : toText(part),
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
        ...toResultContent(part),
        ...(part.isError === true ? { is_error: true } : {}),
        ...toCacheControl(part),
      }));
  }
}

/** Empty text blocks are refused by the vendor. */
function toText(part: TextPart): TextBlockParam[] {
  return part.text === '' ? [] : [{ type: 'text', text: part.text, ...toCacheControl(part) }];
}

function toResultContent({ text, images = [] }: ToolResultPart): Pick<ToolResultBlockParam, 'content'> {
  if (images.length > 0) return { content: [...toText({ type: 'text', text }), ...images.map(toImage)] };
  return text === '' ? {} : { content: text };
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
  readonly #latest = new Map<string, string>();

  ofCall(id: string): string {
    const plain = toToolUseId(id);
    let own = plain;
    for (let time = 2; this.#taken.has(own); time += 1) own = `${plain}_${time}`;
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
