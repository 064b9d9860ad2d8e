import { Buffer } from 'node:buffer';
import type { InputTraits } from '../core/dearest-price.ts';
import type { EmbedItem } from '../core/request.ts';
import type { SentInput } from './read-input.ts';

/**
 * Every tokenizer in use falls back to single bytes (byte-level BPE, SentencePiece with byte fallback), so a text is
 * at most as many tokens as it has bytes in UTF-8. What is put around it is bounded here, generously:
 * templates of chats take up to seven tokens a message;
 */
const MESSAGE_TOKENS_MAX = 12;
/** the longest preamble that servers put before a prompt unasked, that of gpt-oss, has about seventy; */
const PREAMBLE_TOKENS_MAX = 80;
/** the words by which Anthropic explains tools are up to 804 tokens (platform.claude.com/docs, "tool use"), */
const TOOLS_TOKENS_MAX = 1_024;
const TOOL_TOKENS_MAX = 64;
/** and a schema may be indented, or stand in words as well as in the format. */
const SCHEMA_FACTOR = 2;

/** What a request can be billed as at most; what an image can be depends on the model. */
export type InputBound = InputTraits & {
  readonly textTokens: number;
  readonly images: number;
  readonly documents: number;
};

/** `estimated`: never less than what is expected. */
export function boundInput(input: SentInput, estimated: number): InputBound {
  const { text, schemaBytes, extraBytes, images, documents, messages, tools, hasSchema, keepsForAnHour } = input;
  const textTokens =
    text.bytes +
    (SCHEMA_FACTOR - 1) * schemaBytes +
    extraBytes +
    messages * MESSAGE_TOKENS_MAX +
    PREAMBLE_TOKENS_MAX +
    tools * TOOL_TOKENS_MAX +
    (tools > 0 || hasSchema ? TOOLS_TOKENS_MAX : 0);
  return {
    textTokens: Math.max(textTokens, estimated),
    images,
    documents,
    // A page of a document is looked at like an image, and billed as one by some.
    hasImages: images + documents > 0,
    keepsForAnHour,
  };
}

/** Of what is embedded: each text is for itself, with a few tokens of the model's own around it. */
export function boundItems(items: readonly EmbedItem[], estimated: number): InputBound {
  const sizeOf = (item: EmbedItem) => (typeof item === 'string' ? Buffer.byteLength(item) : item.length);
  const tokens = items.reduce((sum, item) => sum + sizeOf(item) + MESSAGE_TOKENS_MAX, 0);
  return { textTokens: Math.max(tokens, estimated), images: 0, documents: 0, hasImages: false, keepsForAnHour: false };
}

/**
 * The most tokens an image can be, whatever its size: the largest that a vendor makes of one after it has scaled it
 * down. The first that fits the model's name counts.
 */
const IMAGE_TOKENS_MAX: readonly (readonly [name: RegExp, tokens: number])[] = [
  // 2,833 + 5,667 a tile, at most eight tiles: developers.openai.com/api/docs/guides/images-vision.
  [/gpt-4o-mini/, 48_169],
  // 2,576 pixels on the longer edge, a token for 750 pixels: platform.claude.com/docs, "vision".
  [/claude/, 8_848],
  // 258 a tile, of an image that is scaled to 3,072 pixels: ai.google.dev/gemini-api/docs/image-understanding.
  [/gemini|gemma/, 15_480],
];
/** The largest of models that anybody can run: 12.8 megapixels at 28 × 28 a token (Qwen-VL); OpenAI's others take less. */
const OTHER_IMAGE_TOKENS_MAX = 16_384;
/** Nothing that is known of a PDF unread bounds its text. No model that reads PDFs has a larger window. */
const DOCUMENT_TOKENS_MAX = 2_097_152;

/** The most tokens the input can be billed as, before the window cuts it. */
export function inputTokenBound({ textTokens, images, documents }: InputBound, modelName: string): number {
  if (images + documents === 0) return textTokens;
  const perImage = IMAGE_TOKENS_MAX.find(([name]) => name.test(modelName))?.[1] ?? OTHER_IMAGE_TOKENS_MAX;
  return textTokens + images * perImage + documents * DOCUMENT_TOKENS_MAX;
}
