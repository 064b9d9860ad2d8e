import type { JsonObject } from '../../../core/json/json.ts';
import type { Usage } from '../../../core/usage.ts';
import { fit, type Modalities, toModes, toUndivided, toUsageParts } from '../translation/usage-parts.ts';
import { toCount, toObject } from '../translation/wire-value.ts';

/**
 * Theirs to ours. `prompt_tokens` holds the cached and cache-written ones, `completion_tokens` the
 * reasoning ones; except with servers whose total shows that they come on top (xAI's reasoning). A count that is
 * missing is what the total leaves; without a total the usage is partial. A total alone has no sides. Some servers use
 * the names of the Responses API. Sources: platform.openai.com/docs/api-reference/chat/object and …/responses/object,
 * console.groq.com/docs/prompt-caching, api-docs.deepseek.com, docs.x.ai, docs.perplexity.ai.
 */
export function fromChatUsage(reported: unknown, serviceTier?: string): Usage {
  const usage = toObject(reported);
  const counts = usage && readCounts(usage);
  if (!counts) return toUndivided(toCount(usage?.total_tokens), serviceTier);
  const { prompt, completion, total } = counts;
  const inputDetails = toObject(usage.prompt_tokens_details) ?? toObject(usage.input_tokens_details);
  const outputDetails = toObject(usage.completion_tokens_details) ?? toObject(usage.output_tokens_details);
  const cache = readCache(usage, inputDetails);
  const reasoning = toCount(outputDetails?.reasoning_tokens) ?? toCount(usage.reasoning_tokens) ?? 0;
  const inCache = cache.read + cache.written;
  const isCacheOnTop = inCache > prompt || (reasoning === 0 && total === prompt + inCache + completion);
  const isReasoningOnTop = reasoning > completion || total === prompt + completion + reasoning;
  const inputTokens = isCacheOnTop ? prompt : prompt - inCache;
  const outputTokens = isReasoningOnTop ? completion + reasoning : completion;
  return {
    ...toUsageParts(
      splitInput(inputDetails, inputTokens, cache.read),
      splitOutput(outputDetails, outputTokens - reasoning),
      {
        cacheWrite1hTokens: Math.min(cache.writtenForAnHour, cache.written),
        webSearches: toCount(usage.num_search_queries),
      },
    ),
    ...toModes(serviceTier),
    inputTokens,
    cachedInputTokens: cache.read,
    cacheWriteTokens: cache.written,
    outputTokens,
    reasoningTokens: reasoning,
    source: counts.isComplete ? 'reported' : 'partial',
  };
}

function readCounts(usage: JsonObject) {
  const prompt = toCount(usage.prompt_tokens) ?? toCount(usage.input_tokens);
  const completion = toCount(usage.completion_tokens) ?? toCount(usage.output_tokens);
  if (prompt === undefined && completion === undefined) return undefined;
  const total = toCount(usage.total_tokens);
  const known = (prompt ?? 0) + (completion ?? 0);
  if (known === 0 && (total ?? 0) > 0) return undefined;
  // A total below its own parts tells nothing.
  const rest = total === undefined || total < known ? undefined : total - known;
  return {
    prompt: prompt ?? rest ?? 0,
    completion: completion ?? rest ?? 0,
    total,
    isComplete: rest !== undefined || (prompt !== undefined && completion !== undefined),
  };
}

/** OpenAI's names come first, then those of DeepSeek, of Moonshot, and of gateways before Anthropic's or Alibaba's models. */
function readCache(usage: JsonObject, details: JsonObject | undefined) {
  const created = toObject(details?.cache_creation) ?? toObject(usage.cache_creation);
  return {
    read:
      toCount(details?.cached_tokens) ??
      toCount(usage.prompt_cache_hit_tokens) ??
      toCount(usage.cached_tokens) ??
      toCount(usage.cache_read_input_tokens) ??
      0,
    written:
      toCount(details?.cache_write_tokens) ??
      toCount(details?.cache_creation_input_tokens) ??
      toCount(details?.cache_creation_tokens) ??
      toCount(usage.cache_creation_input_tokens) ??
      0,
    writtenForAnHour: toCount(created?.ephemeral_1h_input_tokens) ?? 0,
  };
}

/** Nobody says how much of the sound and the pictures was cached: as little as can be, which is the dearest. */
function splitInput(details: JsonObject | undefined, plain: number, cached: number) {
  const [audio, image] = modalities(details);
  const [audioInputTokens, imageInputTokens] = fit([audio, image], plain);
  const [cachedAudioInputTokens, cachedImageInputTokens] = fit(
    [audio - audioInputTokens, image - imageInputTokens],
    cached,
  );
  return { audioInputTokens, imageInputTokens, cachedAudioInputTokens, cachedImageInputTokens };
}

function splitOutput(details: JsonObject | undefined, spoken: number) {
  const [audioOutputTokens, imageOutputTokens] = fit(modalities(details), spoken);
  return { audioOutputTokens, imageOutputTokens };
}

function modalities(details: JsonObject | undefined): Modalities {
  return [toCount(details?.audio_tokens) ?? 0, toCount(details?.image_tokens) ?? 0];
}
