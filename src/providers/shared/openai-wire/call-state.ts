import { type JsonObject, parseJsonObject } from '../../../core/json/json.ts';
import type { ToolCallPart, VendorState } from '../../../core/message.ts';
import type { ProviderId } from '../../../core/model.ts';
import { objectIn, textIn, toArray } from '../translation/wire-value.ts';

/**
 * The thought signature of a call, as servers of Gemini's models put it on this wire, which they refuse the next turn without: Google on
 * the call, OpenRouter beside the calls under the call's id. It goes back where it was, and to nobody else: others refuse unknown fields.
 * Sources: ai.google.dev/gemini-api/docs/thought-signatures, github.com/LibreChat-AI/agents/issues/37.
 */
export type CallState = { readonly onCall?: JsonObject; readonly beside?: JsonObject };

/** `details`: what stands beside the calls. */
export function callStateOf(
  call: { readonly wireId: string; readonly extra: JsonObject | undefined },
  details: readonly unknown[],
  provider: ProviderId | undefined,
): Pick<ToolCallPart, 'vendorState'> {
  const beside = details.find((detail) => textIn(detail, 'id') === call.wireId);
  if (call.extra === undefined && beside === undefined) return {};
  const value = JSON.stringify({ provider, onCall: call.extra, beside });
  return { vendorState: { kind: 'openai-compatible', value } };
}

/** Empty for what another provider gave, or none. */
export function readCallState(state: VendorState | undefined, provider: ProviderId | undefined): CallState {
  if (state?.kind !== 'openai-compatible') return {};
  const kept = parseJsonObject(state.value);
  if (kept === undefined || kept.provider !== provider) return {};
  const [onCall, beside] = [objectIn(kept, 'onCall'), objectIn(kept, 'beside')];
  return { ...(onCall && { onCall }), ...(beside && { beside }) };
}

/** What stands beside the calls of a message, or of a piece of it: not the readable thoughts. */
export function detailsIn(message: JsonObject | undefined): readonly unknown[] {
  return (toArray(message?.reasoning_details) ?? []).filter((detail) => textIn(detail, 'data'));
}
