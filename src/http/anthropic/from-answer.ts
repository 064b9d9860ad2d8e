import type { Completion } from '../../core/completion.ts';
import { toolArguments } from '../../core/content/tool-calls.ts';
import type { CallId } from '../../core/ids.ts';
import type { ToolCallPart } from '../../core/message.ts';
import type { GatewayAnswer } from '../../gateway/gateway.ts';
import { toCarriedId } from '../carried-state.ts';
import { joinedContent } from '../reply/joined-content.ts';
import { type AnswerForm, isShown } from './answer-form.ts';
import { toStop } from './stop-reason.ts';
import { isWordlessState, toThinkingBlock } from './thinking.ts';
import { toUsage } from './usage.ts';

/** A whole answer. Source: `Message` of @anthropic-ai/sdk 1.11.0. */
export function fromAnswer({ requestId, model, completion }: GatewayAnswer, form: AnswerForm): object {
  return {
    ...messageOf(requestId, model),
    content: toBlocks(completion.content, form),
    ...toStop(completion),
    usage: toUsage(completion.usage),
  };
}

/** What is known of a message before it is written. */
export function messageOf(requestId: CallId, model: string): object {
  return {
    id: requestId.replace(/^req_/, 'msg_'),
    type: 'message',
    role: 'assistant',
    model,
    container: null,
    diagnostics: null,
  };
}

type Content = Completion['content'];

function toBlocks(content: Content, form: AnswerForm): object[] {
  const shown = content.filter((part) => part.type !== 'reasoning' || isShown(part.vendorState, form));
  const parts = joinedContent(shown);
  const last = parts.findLastIndex((part) => part.type === 'tool-call' || saysSomething(part));
  return parts.slice(0, last + 1).flatMap((part) => toBlock(part) ?? []);
}

function saysSomething(part: Exclude<Content[number], ToolCallPart>): boolean {
  return part.type === 'text' ? part.text !== '' : !isWordlessState(part);
}

/** Undefined for a part that holds nothing. */
function toBlock(part: Content[number]): object | undefined {
  switch (part.type) {
    case 'text':
      return part.text === '' ? undefined : { ...TEXT_BLOCK, text: part.text };
    case 'reasoning':
      return toThinkingBlock(part);
    case 'tool-call':
      return { ...toolUseOf(part), input: toolArguments(part) };
  }
}

/**
 * Without `citations`, which Anthropic leaves out where there are none, though the type of its client has null there.
 * Source: its answers as recorded in vercel/ai. The AI SDK before version 7 refuses a whole answer with null.
 */
export const TEXT_BLOCK = { type: 'text', text: '' } as const;

export function toolUseOf(call: Pick<ToolCallPart, 'id' | 'name' | 'vendorState'>): object {
  return { type: 'tool_use', id: toCarriedId(call), name: call.name, input: {}, caller: { type: 'direct' } };
}
