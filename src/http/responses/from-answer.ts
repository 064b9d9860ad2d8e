import type { Completion } from '../../core/completion.ts';
import type { JsonObject } from '../../core/json/json.ts';
import type { ReasoningPart } from '../../core/message.ts';
import type { GatewayAnswer } from '../../gateway/gateway.ts';
import { toCarriedId } from '../carried-state.ts';
import { refusalWords } from '../openai/shared/refusal-words.ts';
import { joinedContent } from '../reply/joined-content.ts';
import { toArguments } from '../reply/tool-arguments.ts';
import {
  callItem,
  callItemId,
  endingOf,
  endsTurn,
  type ItemStatus,
  isCall,
  itemId,
  messageItem,
  reasoningItem,
  refusalContent,
  textContent,
  toResponseUsage,
} from './output-items.ts';
import { calledBy, carriedBy, type ResponseEcho, type ResponseObject, toResponseObject } from './response-echo.ts';

/** A whole answer as the API's response object. Times are in whole seconds since 1970. */
export function fromAnswer(
  answer: GatewayAnswer,
  echo: ResponseEcho,
  times: { readonly createdAtS: number; readonly completedAtS: number },
): ResponseObject {
  const { completion, requestId, model } = answer;
  return toResponseObject(echo, {
    requestId,
    model,
    ...times,
    ...endingOf(completion.finishReason),
    output: toItems(completion, requestId, echo),
    usage: toResponseUsage(completion.usage),
  });
}

/**
 * Neighbouring texts are one message, also around reasoning that is left out because nobody asked for it. Of an answer
 * that was cut only the last is incomplete.
 */
function toItems({ content, finishReason }: Completion, requestId: string, echo: ResponseEcho): readonly JsonObject[] {
  const items: JsonObject[] = [];
  const { status } = endingOf(finishReason);
  const isRefusal = finishReason.unified === 'refusal';
  let text = '';
  const closeText = (reached: ItemStatus = 'completed'): void => {
    if (text === '') return;
    const part = isRefusal ? refusalContent(text) : textContent(text);
    items.push(messageItem(itemId('msg', requestId, items.length), reached, [part]));
    text = '';
  };
  const addReasoning = ({ text: reasoning, vendorState }: ReasoningPart): void => {
    const shown = echo.showsSummary ? reasoning : '';
    const state = carriedBy(echo, vendorState);
    if (shown === '' && !state) return;
    closeText();
    items.push(reasoningItem(itemId('rs', requestId, items.length), shown, state));
  };
  for (const part of joinedContent(content)) {
    switch (part.type) {
      case 'text':
        text += part.text;
        break;
      case 'reasoning':
        addReasoning(part);
        break;
      case 'tool-call': {
        closeText();
        const called = calledBy(echo, part.name);
        const item = { id: callItemId(requestId, items.length, called), callId: toCarriedId(part), called };
        items.push(callItem(item, 'completed', toArguments(part.argumentsJson)));
        break;
      }
    }
  }
  closeText(status);
  const last = items.at(-1);
  if (last && isCall(last.type)) items[items.length - 1] = { ...last, status };
  if (isRefusal && !items.some(({ type }) => type === 'message')) {
    items.push(
      messageItem(itemId('msg', requestId, items.length), status, [refusalContent(refusalWords('', finishReason))]),
    );
  }
  if (status === 'completed' && !endsTurn(items)) {
    items.push(messageItem(itemId('msg', requestId, items.length), status, [textContent('')]));
  }
  return items;
}
