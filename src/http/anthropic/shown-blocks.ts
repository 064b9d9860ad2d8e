import { parseDocumentUrl, parsePdfData, toTextPart } from '../../core/content/document-source.ts';
import { parseImageData, parseImageUrl } from '../../core/content/image-source.ts';
import type { InlineData } from '../../core/content/media-source.ts';
import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import type { DocumentPart, ImagePart, MediaPart, TextPart } from '../../core/message.ts';
import { readCacheControl } from '../request/cache-control.ts';
import {
  invalidField,
  readBoolean,
  readChoice,
  readObject,
  readObjects,
  readText,
  refuseUnknown,
} from '../request/read-value.ts';

/** What users and tools say and show. */
export const SHOWN_BLOCKS = ['text', 'image', 'document', 'search_result'] as const;

const PARTS_MAX = 10_000;

/** One such block, which may be several parts to a model; undefined for a block that is none. */
export function readShownBlock(block: JsonObject, field: string): readonly (TextPart | MediaPart)[] | undefined {
  switch (block.type) {
    case 'text':
      return [readTextBlock(block, field)];
    case 'image':
      return [readImage(block, field)];
    case 'document':
      return readDocument(block, field);
    case 'search_result':
      return [readSearchResult(block, field)];
    default:
      return undefined;
  }
}

/** Citations come with answers of the vendor; they are for readers. */
const TEXT_FIELDS = new Set(['type', 'text', 'cache_control', 'citations']);

export function readTextBlock(block: JsonObject, field: string): TextPart {
  refuseUnknown(block, TEXT_FIELDS, field);
  // A text in place of blocks is named as itself.
  const text = readText(block.text, field.endsWith(']') ? `${field}.text` : field);
  return { type: 'text', text, ...readMark(block, field) };
}

const IMAGE_FIELDS = new Set(['type', 'source', 'cache_control', 'transformations']);
const SOURCE_FIELDS = {
  base64: new Set(['type', 'media_type', 'data']),
  url: new Set(['type', 'url']),
  text: new Set(['type', 'media_type', 'data']),
  content: new Set(['type', 'content']),
};

function readImage(block: JsonObject, field: string): ImagePart {
  refuseUnknown(block, IMAGE_FIELDS, field);
  if (block.transformations != null) {
    const { oversized_image: oversized } = readObject(block.transformations, `${field}.transformations`);
    readChoice(oversized ?? 'downsize', `${field}.transformations.oversized_image`, ['downsize']);
  }
  const place = `${field}.source`;
  const source = readSource(block, place, ['base64', 'url']);
  return {
    type: 'image',
    source:
      source.type === 'url'
        ? parseImageUrl(readText(source.url, `${place}.url`), `${place}.url`)
        : parseImageData(readData(source, place), place),
    ...readMark(block, field),
  };
}

const DOCUMENT_FIELDS = new Set(['type', 'source', 'title', 'context', 'citations', 'cache_control']);

/** A PDF goes on as one; what is text, or made of blocks, is said as such, behind its title and context. */
function readDocument(block: JsonObject, field: string): readonly (TextPart | MediaPart)[] {
  refuseUnknown(block, DOCUMENT_FIELDS, field);
  refuseCitations(block.citations, `${field}.citations`);
  const title = block.title == null ? '' : readText(block.title, `${field}.title`);
  const context = block.context == null ? '' : readText(block.context, `${field}.context`);
  const mark = readMark(block, field);
  const place = `${field}.source`;
  const source = readSource(block, place, ['base64', 'url', 'text', 'content']);
  if (source.type === 'text') {
    readChoice(source.media_type, `${place}.media_type`, ['text/plain']);
    return [{ ...toTextPart(readText(source.data, `${place}.data`), title, context), ...mark }];
  }
  const head = context === '' ? [] : [toTextPart(context)];
  if (source.type === 'content') {
    const parts = readParts(source.content, `${place}.content`);
    const last = parts.at(-1);
    const named = title === '' ? [] : [toTextPart('', title)];
    return [...named, ...head, ...parts.slice(0, -1), ...(last ? [{ ...last, ...mark }] : [])];
  }
  const pdf: DocumentPart['source'] =
    source.type === 'url'
      ? parseDocumentUrl(readText(source.url, `${place}.url`), `${place}.url`)
      : parsePdfData(readData(source, place), place);
  return [...head, { type: 'document', source: pdf, ...(title !== '' && { title }), ...mark }];
}

/** The blocks that a document may be made of. */
function readParts(content: JsonValue | undefined, place: string): readonly (TextPart | ImagePart)[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return readObjects(content, place, { max: PARTS_MAX }, (part, within) =>
    readChoice(part.type, `${within}.type`, ['text', 'image']) === 'text'
      ? readTextBlock(part, within)
      : readImage(part, within),
  );
}

const SEARCH_RESULT_FIELDS = new Set(['type', 'source', 'title', 'content', 'citations', 'cache_control']);

function readSearchResult(block: JsonObject, field: string): TextPart {
  refuseUnknown(block, SEARCH_RESULT_FIELDS, field);
  refuseCitations(block.citations, `${field}.citations`);
  const title = readText(block.title, `${field}.title`);
  const source = readText(block.source, `${field}.source`);
  const texts = readObjects(block.content, `${field}.content`, { max: PARTS_MAX }, (part, within) => {
    readChoice(part.type, `${within}.type`, ['text']);
    return readTextBlock(part, within).text;
  });
  return {
    type: 'text',
    text: [`Search result: ${title}\n${source}`, ...texts].join('\n\n'),
    ...readMark(block, field),
  };
}

/** Answers have no place for them here. */
function refuseCitations(value: JsonValue | undefined, place: string): void {
  if (value == null) return;
  const { enabled } = readObject(value, place);
  if (enabled == null || !readBoolean(enabled, `${place}.enabled`)) return;
  throw invalidField(`${place}.enabled`, 'must be false or left out', 'Ask for quotations in words.');
}

type SourceType = keyof typeof SOURCE_FIELDS;

function readSource<const Type extends SourceType>(
  { source: given }: JsonObject,
  place: string,
  types: readonly Type[],
): JsonObject & { readonly type: Type } {
  const source = readObject(given, place);
  if (source.type === 'file') {
    throw invalidField(`${place}.type`, 'is "file", which is not supported', 'Files are not kept here: send the data.');
  }
  const type = readChoice(source.type, `${place}.type`, types);
  refuseUnknown(source, SOURCE_FIELDS[type], place);
  return { ...source, type };
}

function readData({ media_type, data }: JsonObject, place: string): InlineData {
  return { mediaType: readText(media_type, `${place}.media_type`), base64: readText(data, `${place}.data`) };
}

function readMark({ cache_control }: JsonObject, field: string): Pick<TextPart, 'cacheBreakpoint'> {
  const cacheBreakpoint = readCacheControl(cache_control, `${field}.cache_control`);
  return cacheBreakpoint === undefined ? {} : { cacheBreakpoint };
}
