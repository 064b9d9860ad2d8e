import type { Completion, StreamPart } from '../core/completion.ts';
import { TextJoiner } from '../core/content/text-joiner.ts';
import { GatewayError } from '../core/errors.ts';
import type { ReasoningPart, TextPart, ToolCallPart } from '../core/message.ts';
import { NO_USAGE, type Usage } from '../core/usage.ts';
import type { AttemptWatch } from '../resilience/exchange.ts';
import type { PartSink } from './answer-sink.ts';

/** Characters per token, for progress only; the books use the provider's figures. */
const CHARACTERS_PER_TOKEN = 4;
/** The text of a longer answer that the caller gets while it arrives is not kept: slow readers would fill the memory. */
const KEPT_TEXT_CHARACTERS_MAX = 262_144;

/** Who hears of the parts while they arrive. */
export type Listeners = {
  readonly watch: AttemptWatch;
  readonly onTokens: (outputTokens: number) => void;
  /** Takes the parts of an answer that is streamed to the caller. */
  readonly sink?: PartSink | undefined;
};

type ContentDelta = Extract<StreamPart, { type: 'text-delta' | 'reasoning-delta' | 'tool-call' | 'tool-call-delta' }>;

/**
 * Reads a provider's stream to its end. Throws the error it ends with, or `stream_truncated`. A text that went to a
 * sink and is too long to keep is left out.
 */
export async function collectAnswer(
  parts: AsyncIterable<StreamPart>,
  { watch, onTokens, sink }: Listeners,
): Promise<Completion> {
  const content = createContentCollector(sink ? KEPT_TEXT_CHARACTERS_MAX : Number.POSITIVE_INFINITY);
  let usage: Usage = NO_USAGE;
  let characters = 0;
  for await (const part of parts) {
    switch (part.type) {
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-call-delta':
      case 'tool-call': {
        const received = content.add(part);
        if (received === undefined) continue;
        characters += received.length;
        watch.content(received);
        onTokens(Math.ceil(characters / CHARACTERS_PER_TOKEN));
        break;
      }
      case 'usage':
        usage = part.usage;
        watch.usage(usage);
        break;
      case 'finish': {
        const { type: _type, ...end } = part;
        return { content: content.close(), usage, ...end, ...(content.isTextDropped() && { isTextDropped: true }) };
      }
      case 'error':
        throw part.error;
    }
    const taken = sink?.put(part);
    if (taken) await watch.held(taken);
  }
  throw new GatewayError('stream_truncated', 'The answer ended before its terminal event.');
}

/** The part that the next delta of its kind goes on with. */
type OpenPart = { readonly type: 'text' | 'reasoning'; readonly text: TextJoiner };

/** Joins deltas of the same kind into parts, in the order in which they came. Without the text when it is longer. */
function createContentCollector(textCharactersMax: number) {
  let parts: (TextPart | ReasoningPart | ToolCallPart)[] = [];
  const begunCalls = new Set<string>();
  let open: OpenPart | undefined;
  let textCharacters = 0;
  const isTextDropped = () => textCharacters > textCharactersMax;

  function openPart(type: OpenPart['type']): OpenPart {
    if (open?.type === type) return open;
    close();
    open = { type, text: new TextJoiner() };
    return open;
  }

  function close(vendorState?: ReasoningPart['vendorState']) {
    if (open) parts.push({ type: open.type, text: open.text.toString(), ...(vendorState && { vendorState }) });
    open = undefined;
    return parts;
  }

  function addText(text: string) {
    const wasDropped = isTextDropped();
    textCharacters += text.length;
    if (!isTextDropped()) {
      openPart('text').text.add(text);
    } else {
      close();
      if (!wasDropped) parts = parts.filter(({ type }) => type !== 'text');
    }
  }

  return {
    /** All parts, the last one too. */
    close: () => close(),
    isTextDropped,
    /** The new text; undefined when nothing was in the delta. */
    add(delta: ContentDelta): string | undefined {
      switch (delta.type) {
        case 'tool-call-delta':
          begunCalls.add(delta.id);
          return delta.argumentsText;
        case 'tool-call': {
          const { type, id, name, argumentsJson, vendorState } = delta;
          close();
          parts.push({ type, id, name, argumentsJson, ...(vendorState && { vendorState }) });
          return begunCalls.has(id) ? '' : argumentsJson;
        }
        case 'text-delta':
          if (delta.text === '') return undefined;
          addText(delta.text);
          return delta.text;
        case 'reasoning-delta': {
          const { text, vendorState } = delta;
          if (text === '' && !vendorState) return undefined;
          openPart('reasoning').text.add(text);
          // Vendor state closes a part: what follows is another thought.
          if (vendorState) close(vendorState);
          return text;
        }
      }
    },
  };
}
