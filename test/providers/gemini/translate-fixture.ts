import type { GenerateContentResponse } from '@google/genai/web';
import { GatewayError } from '../../../src/core/errors.ts';
import { fromGeminiResponse } from '../../../src/providers/gemini/from-gemini-response.ts';

/** The `GatewayError` an action throws; fails when it does not. */
export function refusal(action: () => unknown): GatewayError {
  try {
    action();
  } catch (error) {
    if (error instanceof GatewayError) return error;
  }
  throw new Error('Nothing was refused.');
}

export const read = (value: unknown) => fromGeminiResponse(value as GenerateContentResponse, 'gemini-3.8-flash');

export const candidate = (parts: object[] | undefined, finishReason?: string) => ({
  candidates: [{ content: { role: 'model', ...(parts && { parts }) }, ...(finishReason && { finishReason }) }],
});
