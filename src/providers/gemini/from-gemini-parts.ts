import type { Part } from '@google/genai/web';
import { GatewayError } from '../../core/errors.ts';
import type { ReasoningPart, TextPart, ToolCallPart } from '../../core/message.ts';
import type { ToolCallIds } from '../shared/translation/tool-call-id.ts';
import { textIn } from '../shared/translation/wire-value.ts';
import { signatureOf, toPartState } from './gemini-part-state.ts';

/**
 * One wire part as ours: at most a text or tool call, and a reasoning part without text when a
 * signature came on answer text. Parts of other kinds (inline data, code execution) are left out.
 */
export function fromGeminiPart(part: Part, ids: ToolCallIds): readonly (TextPart | ReasoningPart | ToolCallPart)[] {
  if (part.functionCall) return [fromFunctionCall(part, part.functionCall, ids)];
  const text = textIn(part, 'text') ?? '';
  if (part.thought === true) {
    const vendorState = toPartState(signatureOf(part));
    if (text === '' && vendorState === undefined) return [];
    return [{ type: 'reasoning', text, ...(vendorState === undefined ? {} : { vendorState }) }];
  }
  const signed = toPartState({ ...signatureOf(part), onText: true });
  return [
    ...(text === '' ? [] : [{ type: 'text', text } as const]),
    ...(signed === undefined ? [] : [{ type: 'reasoning', text: '', vendorState: signed } as const]),
  ];
}

function fromFunctionCall(part: Part, call: NonNullable<Part['functionCall']>, ids: ToolCallIds): ToolCallPart {
  const name = textIn(call, 'name');
  if (!name) throw new GatewayError('malformed_response', 'it answered a tool call without a name.');
  const vendorState = toPartState(signatureOf(part));
  return {
    type: 'tool-call',
    // Models before Gemini 3 give none.
    id: ids.take(textIn(call, 'id')),
    name,
    argumentsJson: JSON.stringify(call.args ?? {}),
    ...(vendorState === undefined ? {} : { vendorState }),
  };
}

/** The first of the parts that holds a file or a picture, by the vendor's word for it. */
export function foreignKind(parts: readonly Part[]): string | undefined {
  return parts.flatMap((part) => FOREIGN.filter((kind) => part[kind] !== undefined))[0];
}

const FOREIGN = ['inlineData', 'fileData'] as const;
