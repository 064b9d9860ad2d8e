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

/** What stands beside the calls of an answer, by the id of the call. */
export type CallDetails = ReadonlyMap<string, unknown>;

export function callStateOf(
  call: { readonly wireId: string; readonly extra: JsonObject | undefined },
  details: CallDetails,
  provider: ProviderId | undefined,
): Pick<ToolCallPart, 'vendorState'> {
  const beside = details.get(call.wireId);
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

/** Adds what stands beside the calls of a message, or of a piece of it: not the readable thoughts. */
export function addDetails(details: Map<string, unknown>, message: JsonObject | undefined): void {
  for (const detail of toArray(message?.reasoning_details) ?? []) {
    const id = textIn(detail, 'id');
    if (id && textIn(detail, 'data') && !details.has(id)) details.set(id, detail);
  }
}
