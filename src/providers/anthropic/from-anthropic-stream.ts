import type {
  RawContentBlockDelta,
  RawContentBlockStartEvent,
  RawMessageStreamEvent,
} from '@anthropic-ai/sdk/resources/messages';
import type { Completion, FinishReason, StreamPart } from '../../core/completion.ts';
import { toThinkingState } from '../../core/content/signed-thinking.ts';
import { GatewayError } from '../../core/errors.ts';
import { NO_USAGE } from '../../core/usage.ts';
import { ToolCallIds } from '../shared/translation/tool-call-id.ts';
import { TOOL_CALLS_MAX, tooManyToolCalls } from '../shared/translation/tool-calls-max.ts';
import { toText } from '../shared/translation/wire-value.ts';
import { fromAnthropicUsage, mergeAnthropicUsage } from './anthropic-usage.ts';
import { calledIn, isText } from './from-anthropic-message.ts';
import { mapAnthropicFinishReason } from './map-anthropic-finish-reason.ts';

/** A block under construction: what its deltas have brought so far. */
type OpenBlock =
  | { readonly type: 'thinking'; thinking: string; signature: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown; json: string };

export type AnthropicStreamOptions = {
  readonly requestedModel: string;
  /** What else is known of the answer, once it has come. */
  readonly about: () => Pick<Completion, 'providerRequestId' | 'droppedParameters'>;
  readonly ids?: ToolCallIds;
};

/**
 * Translates events into parts. Yields `finish` only after `message_stop`: without that event the stream just ends here
 * and the caller reports it as truncated. Events and blocks of unknown type are skipped, as the vendor asks.
 */
export async function* fromAnthropicStream(
  events: AsyncIterable<RawMessageStreamEvent>,
  { requestedModel, about, ids = new ToolCallIds() }: AnthropicStreamOptions,
): AsyncGenerator<StreamPart, void, undefined> {
  const open = new Map<number, OpenBlock>();
  let usage = NO_USAGE;
  let model = requestedModel;
  let finishReason: FinishReason | undefined;
  for await (const event of events) {
    switch (event.type) {
      case 'message_start':
        model = toText(event.message.model) || requestedModel;
        usage = fromAnthropicUsage(event.message.usage, 'partial');
        yield { type: 'usage', usage };
        break;
      case 'content_block_start':
        yield* closeThinking(open);
        // Other servers of this wire may give every block the same index.
        yield* closeBlock(open.get(event.index));
        open.delete(event.index);
        yield* startBlock(open, event, ids);
        break;
      case 'content_block_delta':
        yield* applyDelta(open.get(event.index), event.delta);
        break;
      case 'content_block_stop':
        yield* closeBlock(open.get(event.index));
        open.delete(event.index);
        break;
      case 'message_delta':
        if (isText(event.delta.stop_reason))
          finishReason = mapAnthropicFinishReason(event.delta.stop_reason, event.delta);
        usage = mergeAnthropicUsage(usage, event.usage, finishReason === undefined ? 'partial' : 'reported');
        yield { type: 'usage', usage };
        break;
      case 'message_stop':
        if (finishReason === undefined) {
          throw new GatewayError('malformed_response', 'the stream ended without a stop reason.');
        }
        // Other servers of this wire may leave the ends of blocks out.
        for (const block of open.values()) yield* closeBlock(block);
        yield {
          type: 'finish',
          finishReason,
          model,
          ...about(),
        };
        return;
    }
  }
}

function* startBlock(
  open: Map<number, OpenBlock>,
  event: RawContentBlockStartEvent,
  ids: ToolCallIds,
): Generator<StreamPart> {
  const block = event.content_block;
  switch (block.type) {
    case 'text':
      if (isText(block.text)) yield { type: 'text-delta', text: block.text };
      break;
    case 'thinking': {
      const { thinking, signature } = block;
      if (isText(thinking)) yield { type: 'reasoning-delta', text: thinking };
      open.set(event.index, { type: 'thinking', thinking: toText(thinking) ?? '', signature: toText(signature) ?? '' });
      break;
    }
    case 'redacted_thinking':
      yield { type: 'reasoning-delta', text: '', vendorState: toThinkingState(block) };
      break;
    case 'tool_use':
      if (open.size >= TOOL_CALLS_MAX) throw tooManyToolCalls();
      open.set(event.index, { type: 'tool_use', ...calledIn(block, ids), input: block.input, json: '' });
      break;
  }
}

function* applyDelta(block: OpenBlock | undefined, delta: RawContentBlockDelta): Generator<StreamPart> {
  switch (delta.type) {
    case 'text_delta':
      if (isText(delta.text)) yield { type: 'text-delta', text: delta.text };
      break;
    case 'thinking_delta':
      if (!isText(delta.thinking)) break;
      if (block?.type === 'thinking') block.thinking += delta.thinking;
      yield { type: 'reasoning-delta', text: delta.thinking };
      break;
    case 'signature_delta':
      if (block?.type === 'thinking' && isText(delta.signature)) block.signature += delta.signature;
      break;
    case 'input_json_delta':
      if (block?.type === 'tool_use' && isText(delta.partial_json)) {
        block.json += delta.partial_json;
        yield { type: 'tool-call-delta', id: block.id, name: block.name, argumentsText: delta.partial_json };
      }
      break;
  }
}

/** What begins comes after the thoughts before it: llama.cpp says where blocks end only when the whole answer does. */
function* closeThinking(open: Map<number, OpenBlock>): Generator<StreamPart> {
  for (const [index, block] of open) {
    if (block.type !== 'thinking') continue;
    open.delete(index);
    yield* closeBlock(block);
  }
}

function* closeBlock(block: OpenBlock | undefined): Generator<StreamPart> {
  if (block?.type === 'thinking') {
    yield { type: 'reasoning-delta', text: '', vendorState: toThinkingState(block) };
  } else if (block?.type === 'tool_use') {
    // A tool without parameters streams no JSON at all: its input stands in the start event.
    const argumentsJson = block.json === '' ? JSON.stringify(block.input ?? {}) : block.json;
    yield { type: 'tool-call', id: block.id, name: block.name, argumentsJson };
  }
}
