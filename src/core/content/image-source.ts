import type { ImagePart } from '../message.ts';
import { checkInlineData, type InlineData, invalidMedia, parseDataUrl, parseHttpsUrl } from './media-source.ts';

const MEDIA_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;

const RULES = {
  noun: 'image',
  accepted: 'a data: URL of image/png, image/jpeg, image/gif or image/webp in base64, or an https: URL',
  /** What the largest vendors take inline. */
  bytesMax: 20 * 1024 * 1024,
} as const;

/**
 * An image as a caller names it. Throws `invalid_request` or `too_large` naming `field`, as its sender wrote it.
 */
export function parseImage(text: string, field: string): ImagePart {
  const source = /^data:/i.test(text)
    ? parseImageData(parseDataUrl(text, field, RULES), field)
    : parseImageUrl(text, field);
  return { type: 'image', source };
}

/** The same for a type and base64 that come apart. */
export function parseImageData(data: InlineData, field: string): ImagePart['source'] {
  const { mediaType } = data;
  if (!MEDIA_TYPES.some((known) => known === mediaType)) {
    throw invalidMedia(
      field,
      `has the type ${JSON.stringify(mediaType.slice(0, 40))}, which is not passed on as an image`,
      RULES,
    );
  }
  checkInlineData(data, field, RULES);
  return { type: 'data', ...data };
}

/** The same for an address. */
export function parseImageUrl(text: string, field: string): ImagePart['source'] {
  const url = parseHttpsUrl(text, field, RULES);
  if (/\.svgz?$/i.test(url.pathname)) throw invalidMedia(field, 'is an SVG', RULES);
  return { type: 'url', url: url.href };
}
