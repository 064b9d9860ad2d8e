import { NO_USAGE, type Usage } from '../../core/usage.ts';
import { fit, type Modalities, toModes, toUndivided, toUsageParts } from '../shared/translation/usage-parts.ts';
import { arrayIn, countIn, textIn } from '../shared/translation/wire-value.ts';

/**
 * Gemini's prompt count includes the cached tokens, and its candidates count excludes the thoughts.
 * Source: `usageMetadata` in the vendor's API reference: total = prompt + tool use + candidates + thoughts. A count
 * of zero is left out, as in all of its JSON; where the prompt or the candidates are left out that the total knows of, they
 * are the rest. Without a total such a usage is partial.
 */
export function fromGeminiUsage(wire: unknown): Usage {
  const prompt = countIn(wire, 'promptTokenCount');
  const total = countIn(wire, 'totalTokenCount');
  if (prompt === undefined && total === undefined) return NO_USAGE;
  const cached = countIn(wire, 'cachedContentTokenCount') ?? 0;
  const thoughts = countIn(wire, 'thoughtsTokenCount') ?? 0;
  const candidates = countIn(wire, 'candidatesTokenCount');
  const ofTools = countIn(wire, 'toolUsePromptTokenCount') ?? 0;
  if ((prompt ?? 0) + (candidates ?? 0) + thoughts + ofTools === 0 && (total ?? 0) > 0) {
    return toUndivided(total, textIn(wire, 'serviceTier'));
  }
  const isTold = total !== undefined || candidates !== undefined;
  const rest = Math.max(0, (total ?? 0) - (prompt ?? 0) - ofTools - (candidates ?? 0) - thoughts);
  const input = (prompt ?? (candidates === undefined ? 0 : rest)) + ofTools;
  const spoken = candidates ?? rest;
  const plain = Math.max(0, input - cached);
  const [audioInputTokens, imageInputTokens] = splitInput(wire, plain);
  const [cachedAudioInputTokens, cachedImageInputTokens] = fit(modalities(wire, 'cacheTokensDetails'), cached);
  const [audioOutputTokens, imageOutputTokens] = fit(modalities(wire, 'candidatesTokensDetails'), spoken);
  return {
    inputTokens: plain,
    cachedInputTokens: cached,
    cacheWriteTokens: 0,
    outputTokens: spoken + thoughts,
    reasoningTokens: thoughts,
    source: isTold ? 'reported' : 'partial',
    ...toUsageParts({
      audioInputTokens,
      imageInputTokens,
      cachedAudioInputTokens,
      cachedImageInputTokens,
      audioOutputTokens,
      imageOutputTokens,
    }),
    ...toModes(textIn(wire, 'serviceTier')),
  };
}

/** What was cached is in the details of the prompt as well. */
function splitInput(wire: unknown, plain: number): Modalities {
  const [audio, image] = modalities(wire, 'promptTokensDetails');
  const [toolAudio, toolImage] = modalities(wire, 'toolUsePromptTokensDetails');
  const [cachedAudio, cachedImage] = modalities(wire, 'cacheTokensDetails');
  return fit([Math.max(0, audio + toolAudio - cachedAudio), Math.max(0, image + toolImage - cachedImage)], plain);
}

/** Pages of documents are pictures, as they are billed. Source: ai.google.dev/gemini-api/docs/document-processing. */
function modalities(wire: unknown, key: string): Modalities {
  let audio = 0;
  let image = 0;
  for (const detail of arrayIn(wire, key) ?? []) {
    const count = countIn(detail, 'tokenCount') ?? 0;
    const modality = textIn(detail, 'modality');
    if (modality === 'AUDIO') audio += count;
    else if (modality === 'IMAGE' || modality === 'DOCUMENT') image += count;
  }
  return [audio, image];
}
