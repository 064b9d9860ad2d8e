import type { FinishReasonUnified } from '../../core/completion.ts';
import { geminiFailureFrame, geminiFailureReply } from './gemini-failure.ts';
import { readGeminiRequest } from './gemini-request.ts';
import { answersOf, type ChatCall, finishOf, piecesOf, type ScriptedAnswer, type ScriptedUsage } from './scripted.ts';
import { jsonReply, type VendorWire, type WireReply } from './vendor-wire.ts';

const FINISH: Readonly<Record<Exclude<FinishReasonUnified, 'other'>, string>> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  // It has no word for a call.
  tool_calls: 'STOP',
  content_filter: 'SAFETY',
  refusal: 'PROHIBITED_CONTENT',
};

/** Google's Gemini API, v1beta: content, embeddings and model list. */
export const GEMINI_WIRE: VendorWire = {
  kind: 'gemini',
  basePath: '',
  read: readGeminiRequest,
  whole: (answer, call) => {
    const { usage } = answer;
    const first = responseOf(call, wholeParts(answer), answer);
    const more = answersOf(answer, call)
      .slice(1)
      .map((said, index) => candidateOf(wholeParts(said), index + 1, said));
    const body = { ...first, candidates: [...first.candidates, ...more] };
    return { ...jsonReply(200, body), ...(usage && { usage }) };
  },
  stream: streamedReply,
  embeddings: (vectors, _model, { inputTokens }) =>
    jsonReply(200, {
      embeddings: vectors.map((values) => ({ values })),
      usageMetadata: { promptTokenCount: inputTokens, totalTokenCount: inputTokens },
    }),
  models: (names) =>
    jsonReply(200, {
      models: names.map((name) => ({
        name: `models/${name}`,
        version: '001',
        displayName: name,
        inputTokenLimit: 1_048_576,
        outputTokenLimit: 65_536,
        supportedGenerationMethods: ['generateContent', 'countTokens', 'embedContent'],
      })),
    }),
  failure: geminiFailureReply,
  failureFrame: geminiFailureFrame,
};

function streamedReply(answer: ScriptedAnswer, call: ChatCall): WireReply {
  const { usage } = answer;
  const content = [
    ...thoughtsOf(answer).map((part) => frame(responseOf(call, [part]))),
    ...piecesOf(answer).map((text) => frame(responseOf(call, [{ text }]))),
    // Parallel calls come in one chunk.
    ...(callsOf(answer).length > 0 ? [frame(responseOf(call, callsOf(answer)))] : []),
  ];
  const signed = signedText(answer);
  const last = responseOf(call, 'thoughtSignature' in signed ? [{ text: '', ...signed }] : [], answer);
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    frames: [...content, frame(last)],
    framesBeforeEnd: content.length,
    ...(usage && { usage }),
  };
}

/** The vendor ends its lines as HTTP does, and its stream with nothing. */
function frame(data: object): string {
  return `data: ${JSON.stringify(data)}\r\n\r\n`;
}

/** With the answer it is the last or only response: it says why it ended, and the final usage. */
function responseOf(call: ChatCall, parts: readonly object[], last?: ScriptedAnswer) {
  return {
    candidates: [candidateOf(parts, 0, last)],
    ...(last?.usage && { usageMetadata: toUsage(last.usage) }),
    modelVersion: call.model,
    responseId: 'resp_simulated_gemini',
  };
}

function candidateOf(parts: readonly object[], index: number, last?: ScriptedAnswer): object {
  return {
    content: { ...(parts.length > 0 && { parts }), role: 'model' },
    ...(last && { finishReason: FINISH[finishOf(last)] }),
    index,
  };
}

function wholeParts(answer: ScriptedAnswer): readonly object[] {
  const text = answer.text ? [{ text: answer.text, ...signedText(answer) }] : [];
  return [...thoughtsOf(answer), ...text, ...callsOf(answer)];
}

function thoughtsOf({ reasoning }: ScriptedAnswer): readonly object[] {
  return reasoning === undefined ? [] : [{ text: reasoning, thought: true }];
}

/** Of parallel calls only the first carries the signature. */
function callsOf({ toolCalls = [], signature }: ScriptedAnswer): readonly object[] {
  return toolCalls.map(({ id, name, argumentsJson }, index) => ({
    functionCall: { id, name, args: JSON.parse(argumentsJson) as unknown },
    ...(signature !== undefined && index === 0 && { thoughtSignature: signature }),
  }));
}

function signedText({ toolCalls = [], signature }: ScriptedAnswer): object {
  return signature !== undefined && toolCalls.length === 0 ? { thoughtSignature: signature } : {};
}

/** Its prompt count includes the cached tokens, its candidates count leaves the thoughts out. */
function toUsage(usage: ScriptedUsage): object {
  const promptTokenCount = usage.inputTokens + usage.cachedInputTokens;
  const spoken = usage.outputTokens - usage.reasoningTokens;
  const { audioInputTokens = 0, imageInputTokens = 0, cachedAudioInputTokens = 0, cachedImageInputTokens = 0 } = usage;
  const cached = [cachedAudioInputTokens, cachedImageInputTokens] as const;
  return {
    promptTokenCount,
    promptTokensDetails: modalities(promptTokenCount, audioInputTokens + cached[0], imageInputTokens + cached[1]),
    ...(usage.cachedInputTokens > 0 && {
      cachedContentTokenCount: usage.cachedInputTokens,
      cacheTokensDetails: modalities(usage.cachedInputTokens, ...cached),
    }),
    candidatesTokenCount: spoken,
    candidatesTokensDetails: modalities(spoken, usage.audioOutputTokens, usage.imageOutputTokens),
    ...(usage.reasoningTokens > 0 && { thoughtsTokenCount: usage.reasoningTokens }),
    totalTokenCount: promptTokenCount + usage.outputTokens,
  };
}

function modalities(all: number, audio = 0, image = 0): readonly object[] {
  const counts = { TEXT: all - audio - image, AUDIO: audio, IMAGE: image };
  return Object.entries(counts).flatMap(([modality, tokenCount]) => (tokenCount > 0 ? [{ modality, tokenCount }] : []));
}
