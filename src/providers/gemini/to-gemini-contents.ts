import type { Content, Part } from '@google/genai/web';
import { addAll } from '../../core/collections/add-all.ts';
import { meaningOf } from '../../core/collections/meaning-of.ts';
import { toolArguments } from '../../core/content/tool-calls.ts';
import { GatewayError } from '../../core/errors.ts';
import type { MediaPart, Message, TextPart, ToolCallPart, ToolResultPart } from '../../core/message.ts';
import { shownBefore } from '../shared/translation/tool-media.ts';
import { fromPartState } from './gemini-part-state.ts';

/**
 * Gemini 3 refuses a function call of the running turn that carries no signature. Calls made by another
 * vendor have none; this is the vendor's documented stand-in for them.
 * Source: https://ai.google.dev/gemini-api/docs/thought-signatures
 */
const FOREIGN_CALL_SIGNATURE = 'skip_thought_signature_validator';

/** All system texts as one instruction. */
export function toGeminiSystem(messages: readonly Message[]): string | undefined {
  const texts = messages.flatMap((message) =>
    message.role === 'system' ? [message.content.map((part) => part.text).join('\n')] : [],
  );
  const system = texts.filter((text) => text !== '').join('\n\n');
  return system === '' ? undefined : system;
}

/**
 * Results of parallel calls become one content, as many responses as there were calls; what they showed
 * follows as the user's, for a response holds only text.
 */
export function toGeminiContents(messages: readonly Message[], modelName: string): Content[] {
  const contents: Content[] = [];
  let previousRole: Message['role'] | undefined;
  for (const [index, message] of messages.entries()) {
    if (message.role === 'system') continue;
    const parts = toParts(message, modelName);
    if (parts.length > 0) {
      const last = contents.at(-1);
      // A call that follows the model's own words in a turn of its own is refused.
      const goesOn = message.role !== 'user' && message.role === previousRole;
      if (goesOn) addAll(last?.parts ?? [], parts);
      else contents.push({ role: message.role === 'assistant' ? 'model' : 'user', parts });
    }
    const shown = messages[index + 1]?.role === 'tool' ? [] : shownBefore(messages, index);
    if (shown.length > 0) contents.push({ role: 'user', parts: toUserParts(shown, modelName) });
    previousRole = message.role;
  }
  return contents;
}

function toParts(message: Exclude<Message, { role: 'system' }>, modelName: string): Part[] {
  switch (message.role) {
    case 'user':
      return toUserParts(message.content, modelName);
    case 'assistant':
      return toModelParts(message.content, modelName);
    case 'tool':
      return message.content.map(toFunctionResponse);
  }
}

function toUserParts(content: readonly (TextPart | MediaPart)[], modelName: string): Part[] {
  return content.flatMap((part): Part[] => {
    if (part.type === 'text') return part.text === '' ? [] : [{ text: part.text }];
    // Data has no name on this wire.
    const title = part.type === 'document' ? part.title : undefined;
    return [...(title ? [{ text: `Document: ${title}` }] : []), toMedia(part, modelName)];
  });
}

function toModelParts(content: Extract<Message, { role: 'assistant' }>['content'], modelName: string): Part[] {
  const parts: Part[] = [];
  let isFirstCall = true;
  for (const part of content) {
    if (part.type === 'text') {
      if (part.text !== '') parts.push({ text: part.text });
    } else if (part.type === 'tool-call') {
      parts.push(toFunctionCall(part, { isFirstCall, modelName }));
      isFirstCall = false;
    } else {
      const { thoughtSignature, onText } = fromPartState(part.vendorState);
      if (thoughtSignature === undefined) continue;
      const last = parts.at(-1);
      if (onText !== true) parts.push({ text: part.text, thought: true, thoughtSignature });
      else if (last?.text !== undefined && last.thoughtSignature === undefined)
        last.thoughtSignature = thoughtSignature;
      else parts.push({ text: '', thoughtSignature });
    }
  }
  return parts;
}

function toFunctionCall(
  call: ToolCallPart,
  where: { readonly isFirstCall: boolean; readonly modelName: string },
): Part {
  const { thoughtSignature } = fromPartState(call.vendorState);
  const isForeign = call.vendorState?.kind !== 'gemini';
  // Of parallel calls only the first carries a signature.
  const signature =
    isForeign && where.isFirstCall && !isBeforeGemini3(where.modelName) ? FOREIGN_CALL_SIGNATURE : thoughtSignature;
  return {
    functionCall: { id: call.id, name: call.name, args: toolArguments(call) },
    ...(signature === undefined ? {} : { thoughtSignature: signature }),
  };
}

function toFunctionResponse(result: ToolResultPart): Part {
  return {
    functionResponse: {
      id: result.toolCallId,
      name: result.toolName,
      response: result.isError === true ? { error: result.text } : { output: result.text },
    },
  };
}

const IMAGE_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
};

/** The vendor fetches https addresses itself since January 2026, except for models before 2.5. */
function toMedia({ type, source }: MediaPart, modelName: string): Part {
  if (source.type === 'data') return { inlineData: { mimeType: source.mediaType, data: source.base64 } };
  const url = URL.canParse(source.url) ? new URL(source.url) : undefined;
  if (url?.protocol !== 'https:' || /^(models\/)?gemini-(1|2\.0)/.test(modelName)) {
    throw new GatewayError(
      'capability_missing',
      `${modelName} cannot fetch the ${type} at ${url?.host ?? 'that address'}; send it as data.`,
    );
  }
  const extension = url.pathname.split('.').at(-1)?.toLowerCase() ?? '';
  const mimeType = type === 'document' ? 'application/pdf' : meaningOf(extension, IMAGE_TYPES);
  return { fileData: { fileUri: source.url, ...(mimeType === undefined ? {} : { mimeType }) } };
}

export function isBeforeGemini3(modelName: string): boolean {
  return /^(models\/)?gemini-[12]\b/.test(modelName);
}
