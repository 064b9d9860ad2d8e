import type { Part } from '@google/genai/web';
import { parseJsonObject } from '../../core/json/json.ts';
import type { VendorState } from '../../core/message.ts';
import { textIn } from '../shared/translation/wire-value.ts';

/** What has to come back with a part: the thought signature, which Gemini 3 demands in tool loops. */
export type GeminiPartState = {
  readonly thoughtSignature?: string;
  /** A signature that came on answer text: it goes back on that text, not on a thought. */
  readonly onText?: true;
};

export function toPartState(state: GeminiPartState): VendorState | undefined {
  if (state.thoughtSignature === undefined) return undefined;
  return { kind: 'gemini', value: JSON.stringify(state) };
}

/** Empty for state of another vendor or none. */
export function fromPartState(state: VendorState | undefined): GeminiPartState {
  if (state?.kind !== 'gemini') return {};
  const value = parseJsonObject(state.value) ?? {};
  return {
    ...(typeof value.thoughtSignature === 'string' ? { thoughtSignature: value.thoughtSignature } : {}),
    ...(value.onText === true ? { onText: true } : {}),
  };
}

/** The signature of a part as a field to spread. */
export function signatureOf(part: Part): Pick<GeminiPartState, 'thoughtSignature'> {
  const thoughtSignature = textIn(part, 'thoughtSignature');
  return thoughtSignature === undefined ? {} : { thoughtSignature };
}
