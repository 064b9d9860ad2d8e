import { isUtf8 } from 'node:buffer';
import type { DocumentPart, TextPart } from '../message.ts';
import {
  checkInlineData,
  decodeBase64,
  type InlineData,
  invalidMedia,
  parseDataUrl,
  parseHttpsUrl,
} from './media-source.ts';

const PDF = 'application/pdf';
/** Base64 of `%PDF-`. */
const PDF_START = 'JVBERi0';
/** What is text under another name. */
const TEXT_TYPES = /^(?:text\/[\w.+-]+|application\/(?:[\w.-]+\+)?(?:json|xml|yaml|x-yaml|javascript|sql|toml))$/;

const RULES = {
  noun: 'document',
  accepted: 'a data: URL of application/pdf or of a text in base64, or the https: URL of a PDF',
  /** Of a request to Anthropic, as of one to us unless configured otherwise. */
  bytesMax: 32 * 1024 * 1024,
} as const;

/**
 * A file as a caller names it: a PDF, which models read page by page, or a text, which is said to the model as one.
 * Throws `invalid_request` or `too_large` naming `field`, as its sender wrote it.
 */
export function parseDocument(text: string, field: string, title?: string): DocumentPart | TextPart {
  if (/^https?:/i.test(text)) return { type: 'document', source: parseDocumentUrl(text, field), ...named(title) };
  const data = text.startsWith(PDF_START) ? { mediaType: PDF, base64: text } : parseFile(text, field);
  if (!TEXT_TYPES.test(data.mediaType)) return { type: 'document', source: parsePdfData(data, field), ...named(title) };
  return toTextPart(decodeText(data.base64, field), title);
}

/** A PDF whose type and base64 come apart. */
export function parsePdfData(data: InlineData, field: string): DocumentPart['source'] {
  const { mediaType } = data;
  if (mediaType !== PDF) {
    throw invalidMedia(
      field,
      `has the type ${JSON.stringify(mediaType.slice(0, 40))}, which is not passed on as a document`,
      RULES,
    );
  }
  checkInlineData(data, field, RULES);
  return { type: 'data', ...data };
}

/** The address of a PDF. */
export function parseDocumentUrl(text: string, field: string): DocumentPart['source'] {
  return { type: 'url', url: parseHttpsUrl(text, field, RULES).href };
}

/** A document that is text, with what it is called and what is said about it. */
export function toTextPart(text: string, title?: string, context?: string): TextPart {
  const lines = [title && `Document: ${title}`, context, text].filter((line) => line);
  return { type: 'text', text: lines.join('\n\n') };
}

function parseFile(text: string, field: string): InlineData {
  if (/^data:/i.test(text)) return parseDataUrl(text, field, RULES);
  throw invalidMedia(field, 'is neither a data: URL nor the base64 of a PDF', RULES);
}

function decodeText(base64: string, field: string): string {
  if (base64 === '') return '';
  const bytes = decodeBase64(base64, field, RULES);
  if (!isUtf8(bytes)) throw invalidMedia(field, 'is a text that is not in UTF-8', RULES);
  // Nor is it taken in a text of the body: no provider can carry it.
  if (bytes.includes(0)) throw invalidMedia(field, 'is a text that holds the character NUL', RULES);
  return new TextDecoder().decode(bytes);
}

function named(title: string | undefined): Pick<DocumentPart, 'title'> {
  return title ? { title } : {};
}
