import { isJsonObject, type JsonValue } from '../../core/json.ts';
import type { ReasoningPart, VendorState } from '../../core/message.ts';
import { PROVIDER_KINDS } from '../../core/model.ts';
import { readChoice, readList, readObject, readText } from '../request/read-value.ts';

/**
 * OpenAI's format has no place for what a vendor wants back in a tool loop. A call carries it in
 * `extra_content.signalbox`, as Google's compatible endpoint does under `google`; reasoning in
 * `reasoning_details`, the name other routers use. A client that returns messages whole brings both back.
 */
export type ReasoningDetail = {
  readonly type: 'reasoning.text';
  readonly text: string;
  readonly format: string;
  readonly signature: string;
};

export type ExtraContent = { readonly signalbox: VendorState };

const DETAILS_MAX = 1_000;

export function toExtraContent(state: VendorState | undefined): { readonly extra_content?: ExtraContent } {
  return state ? { extra_content: { signalbox: state } } : {};
}

/** Undefined where there is none, or where another gateway put its own. */
export function readExtraContent(value: JsonValue | undefined, place: string): VendorState | undefined {
  if (value == null) return undefined;
  const ours = readObject(value, place).signalbox;
  if (ours === undefined) return undefined;
  const { kind, value: state } = readObject(ours, `${place}.signalbox`);
  return {
    kind: readChoice(kind, `${place}.signalbox.kind`, PROVIDER_KINDS),
    value: readText(state, `${place}.signalbox.value`),
  };
}

/** Those that hold something to bring back; plain reasoning is told as `reasoning_content` alone. */
export function toReasoningDetails(parts: readonly ReasoningPart[]): readonly ReasoningDetail[] {
  return parts.flatMap(({ text, vendorState }) =>
    vendorState
      ? [{ type: 'reasoning.text', text, format: vendorState.kind, signature: vendorState.value } as const]
      : [],
  );
}

/** What we gave, as it was; details of other routers mean nothing to our vendors and are left out. */
export function readReasoningDetails(value: JsonValue | undefined, place: string): readonly ReasoningPart[] {
  if (value == null) return [];
  return readList(value, place, { max: DETAILS_MAX }).flatMap((detail, index) => {
    if (!isJsonObject(detail)) return [];
    const kind = PROVIDER_KINDS.find((known) => known === detail.format);
    if (kind === undefined || typeof detail.signature !== 'string') return [];
    const text = readText(detail.text ?? '', `${place}[${index}].text`);
    const state = readText(detail.signature, `${place}[${index}].signature`);
    return [{ type: 'reasoning', text, vendorState: { kind, value: state } }];
  });
}
