import type { GenerateContentResponse } from '@google/genai/web';
import { fromGeminiResponse } from '../../../src/providers/gemini/from-gemini-response.ts';

export const read = (value: unknown) => fromGeminiResponse(value as GenerateContentResponse, 'gemini-3.8-flash');

export const candidate = (parts: object[] | undefined, finishReason?: string) => ({
  candidates: [{ content: { role: 'model', ...(parts && { parts }) }, ...(finishReason && { finishReason }) }],
});
