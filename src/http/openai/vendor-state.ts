import { isJsonObject, type JsonValue } from '../../core/json/json.ts';
import type { ReasoningPart } from '../../core/message.ts';
import { fromCarriedState, toCarriedState } from '../carried-state.ts';
import { readList, readText } from '../request/read-value.ts';

/**
 * Reasoning that its vendor wants back in a tool loop. OpenAI's format has no place for it; this is the
 * field other routers use, and a client that returns messages whole brings it back. What belongs to a
 * tool call rides in its id.
 */
type ReasoningDetail = {
  readonly type: 'reasoning.text';
  readonly text: string;
  readonly format: typeof FORMAT;
  readonly signature: string;
};

const FORMAT = 'signalbox';
const DETAILS_MAX = 1_000;

/** Those that hold something to bring back; plain reasoning is told as `reasoning_content` alone. */
export function toReasoningDetails(parts: readonly ReasoningPart[]): readonly ReasoningDetail[] {
  return parts.flatMap(({ text, vendorState }) => {
    const signature = vendorState && toCarriedState(vendorState);
    return signature === undefined ? [] : [{ type: 'reasoning.text', text, format: FORMAT, signature } as const];
  });
}

/** What we gave, as it was; details of other routers mean nothing to our vendors and are left out. */
export function readReasoningDetails(value: JsonValue | undefined, place: string): readonly ReasoningPart[] {
  if (value == null) return [];
  return readList(value, place, { max: DETAILS_MAX }).flatMap((detail, index) => {
    if (!isJsonObject(detail) || detail.format !== FORMAT) return [];
    const vendorState = fromCarriedState(readText(detail.signature, `${place}[${index}].signature`));
    const text = readText(detail.text ?? '', `${place}[${index}].text`);
    return vendorState ? [{ type: 'reasoning', text, vendorState }] : [];
  });
}
