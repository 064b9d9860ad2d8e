import type { GenerateContentResponse } from '@google/genai/web';
import { describe, expect, it } from 'vitest';
import type { StreamPart } from '../../../src/core/completion.ts';
import { fromGeminiStream } from '../../../src/providers/gemini/from-gemini-stream.ts';
import { mapGeminiFinishReason } from '../../../src/providers/gemini/map-gemini-finish-reason.ts';
import { thrownBy } from '../../support/thrown-by.ts';
import { candidate, read } from './translate-fixture.ts';

async function translated(chunks: readonly object[]): Promise<StreamPart[]> {
  async function* wire(): AsyncGenerator<GenerateContentResponse> {
    yield* chunks as readonly GenerateContentResponse[];
  }
  const parts: StreamPart[] = [];
  for await (const part of fromGeminiStream(wire(), 'gemini-3.8-flash')) parts.push(part);
  return parts;
}

const usageMetadata = {
  promptTokenCount: 1_000,
  cachedContentTokenCount: 900,
  toolUsePromptTokenCount: 5,
  candidatesTokenCount: 30,
  thoughtsTokenCount: 20,
  totalTokenCount: 1_055,
};
const usage = {
  inputTokens: 105,
  cachedInputTokens: 900,
  cacheWriteTokens: 0,
  outputTokens: 50,
  reasoningTokens: 20,
};

describe('an answer of Gemini', () => {
  it('keeps content, reason, model and disjoint usage', () => {
    const completion = read({
      ...candidate([{ text: 'Hm.', thought: true }, { text: 'Hello' }], 'STOP'),
      usageMetadata,
      modelVersion: 'gemini-3.8-flash-001',
      responseId: 'resp_1',
    });
    expect(completion).toEqual({
      content: [
        { type: 'reasoning', text: 'Hm.' },
        { type: 'text', text: 'Hello' },
      ],
      finishReason: { unified: 'stop', raw: 'STOP' },
      usage: { ...usage, source: 'reported' },
      model: 'gemini-3.8-flash-001',
      providerRequestId: 'resp_1',
    });
  });

  it('is final and flagged when the prompt was blocked', () => {
    const blocked = read({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 7 } });
    expect(blocked.finishReason).toEqual({ unified: 'content_filter', raw: 'blockReason:SAFETY' });
    expect(blocked.content).toEqual([]);
    expect(blocked.usage.inputTokens).toBe(7);
  });

  it('may hold no parts at all', () => {
    expect(read({ candidates: [{ finishReason: 'SAFETY' }] }).finishReason.unified).toBe('content_filter');
    expect(read(candidate(undefined, 'RECITATION')).content).toEqual([]);
  });

  it('is worth one more try when the model wrote a malformed call, and its cost is kept', () => {
    const error = thrownBy(() => read({ ...candidate(undefined, 'MALFORMED_FUNCTION_CALL'), usageMetadata }));
    expect(error.code).toBe('malformed_response');
    expect(error.retrySame).toBe('once');
    expect(error.usage).toEqual({ ...usage, source: 'reported' });
  });

  it('gives calls ids of their own where a server gives all the same, and is refused when one has no name', () => {
    const call = { functionCall: { id: 'same', name: 'weather', args: {} } };
    const ids = read(candidate([call, call], 'STOP')).content.flatMap((part) => ('id' in part ? [part.id] : []));
    expect(ids).toEqual(['same', expect.stringMatching(/^call_\w{32}$/)]);
    const nameless = candidate([{ functionCall: { args: {} } }], 'STOP');
    expect(thrownBy(() => read(nameless)).code).toBe('malformed_response');
  });

  it('is refused without a candidate or a finish reason', () => {
    expect(thrownBy(() => read({})).code).toBe('malformed_response');
    expect(thrownBy(() => read(candidate([{ text: 'Hel' }]))).code).toBe('malformed_response');
  });

  it('maps finish reasons and never takes an unknown one for the end', () => {
    const unified = (raw: string) => mapGeminiFinishReason(raw, false).unified;
    expect(['STOP', 'MAX_TOKENS', 'CONTINUATION'].map(unified)).toEqual(['stop', 'length', 'length']);
    expect(['SPII', 'PROHIBITED_CONTENT', 'LANGUAGE'].map(unified)).toEqual([
      'content_filter',
      'content_filter',
      'other',
    ]);
    expect(unified('INVENTED_LATER')).toBe('other');
    expect(mapGeminiFinishReason('STOP', true)).toEqual({ unified: 'tool_calls', raw: 'STOP' });
    expect(mapGeminiFinishReason('MAX_TOKENS', true).unified).toBe('length');
  });
});

describe('a stream of Gemini', () => {
  it('is read to its end: the last reason and the last usage count, even when every chunk says STOP', async () => {
    const parts = await translated([
      { ...candidate([{ text: 'Hel' }], 'STOP'), usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 1 } },
      { ...candidate([{ text: 'lo' }], 'STOP'), responseId: 'resp_1' },
      { ...candidate(undefined, 'MAX_TOKENS'), usageMetadata, modelVersion: 'gemini-3.8-flash-001' },
    ]);
    expect(parts).toEqual([
      { type: 'text-delta', text: 'Hel' },
      { type: 'usage', usage: expect.objectContaining({ inputTokens: 10, outputTokens: 1, source: 'partial' }) },
      { type: 'text-delta', text: 'lo' },
      { type: 'usage', usage: { ...usage, source: 'partial' } },
      { type: 'usage', usage: { ...usage, source: 'reported' } },
      {
        type: 'finish',
        finishReason: { unified: 'length', raw: 'MAX_TOKENS' },
        model: 'gemini-3.8-flash-001',
        providerRequestId: 'resp_1',
      },
    ]);
  });

  it('yields calls with their signatures, and a signature that comes alone at the end', async () => {
    const parts = await translated([
      candidate([{ functionCall: { name: 'weather', args: {} }, thoughtSignature: 'c2ln' }]),
      candidate([{ text: '', thoughtSignature: 'ZW5k' }], 'STOP'),
    ]);
    expect(parts[0]).toMatchObject({
      type: 'tool-call',
      vendorState: { kind: 'gemini', value: '{"thoughtSignature":"c2ln"}' },
    });
    expect(parts[1]).toEqual({
      type: 'reasoning-delta',
      text: '',
      vendorState: { kind: 'gemini', value: '{"thoughtSignature":"ZW5k","onText":true}' },
    });
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'tool_calls' } });
  });

  it('is that of the first candidate, whichever else comes beside it', async () => {
    const piece = (text: string, more: object) => ({ content: { parts: [{ text }] }, ...more });
    const parts = await translated([
      { candidates: [piece('A', {})] },
      { candidates: [piece('X', { index: 1, finishReason: 'MAX_TOKENS' })] },
      { candidates: [piece('Y', { index: 1 }), piece('a', { index: 0, finishReason: 'STOP' })] },
    ]);
    expect(parts).toMatchObject([
      { type: 'text-delta', text: 'A' },
      { type: 'text-delta', text: 'a' },
      { type: 'finish', finishReason: { unified: 'stop' } },
    ]);
  });

  it('does not finish without any finish reason, but does for a blocked prompt', async () => {
    const cut = await translated([candidate([{ text: 'Hel' }])]);
    expect(cut).toEqual([{ type: 'text-delta', text: 'Hel' }]);
    const blocked = await translated([{ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } }]);
    expect(blocked).toMatchObject([{ type: 'finish', finishReason: { unified: 'content_filter' } }]);
  });

  it('fails on a malformed call with what it cost', async () => {
    await expect(
      translated([{ ...candidate(undefined, 'MALFORMED_FUNCTION_CALL'), usageMetadata }]),
    ).rejects.toMatchObject({ code: 'malformed_response', usage: { outputTokens: 50 } });
  });
});
