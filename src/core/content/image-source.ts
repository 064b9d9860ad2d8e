import { GatewayError } from '../errors.ts';
import type { ImagePart } from '../message.ts';
import { isPrivateHost } from '../network/private-address.ts';

const MEDIA_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;
/** One image, decoded; what the largest vendors take inline. */
const IMAGE_BYTES_MAX = 20 * 1024 * 1024;
const URL_CHARACTERS_MAX = 8_192;

const ACCEPTED = 'a data: URL of image/png, image/jpeg, image/gif or image/webp in base64, or an https: URL';

/**
 * An image as a caller names it. It is passed on and never fetched by us, so its address may point
 * anywhere public. Throws `invalid_request` or `too_large` naming `field`, as its sender wrote it.
 */
export function parseImage(text: string, field: string): ImagePart {
  if (/^data:/i.test(text)) return { type: 'image', source: parseDataUrl(text, field) };
  return { type: 'image', source: { type: 'url', url: parseHttpsUrl(text, field) } };
}

function parseDataUrl(text: string, field: string): ImagePart['source'] {
  const comma = text.indexOf(',');
  const [mediaType = '', ...parameters] = text.slice('data:'.length, Math.max(comma, 0)).toLowerCase().split(';');
  if (comma < 0 || parameters.at(-1) !== 'base64') throw invalid(field, 'is a data: URL without ";base64,"');
  return parseImageData({ mediaType, base64: text.slice(comma + 1) }, field);
}

/** The same for a type and base64 that come apart. */
export function parseImageData(
  { mediaType, base64 }: { readonly mediaType: string; readonly base64: string },
  field: string,
): ImagePart['source'] {
  if (!MEDIA_TYPES.some((known) => known === mediaType)) {
    throw invalid(field, `has the type ${JSON.stringify(mediaType.slice(0, 40))}, which no provider takes`);
  }
  if ((base64.length / 4) * 3 > IMAGE_BYTES_MAX + 2) {
    const message = `"${field}" has more than ${IMAGE_BYTES_MAX.toLocaleString('en-US')} bytes, the largest image accepted.`;
    throw new GatewayError('too_large', message, { hint: 'Send a smaller version of the image.', param: field });
  }
  const bytes = Buffer.from(base64, 'base64');
  // Node skips what is not base64, so only an exact round trip proves that all of it was.
  if (bytes.length === 0 || bytes.toString('base64') !== base64) throw invalid(field, 'is not valid base64');
  const actual = sniff(bytes);
  if (actual !== undefined && actual !== mediaType) {
    throw invalid(field, `says ${mediaType}, but its bytes are ${actual}`);
  }
  return { type: 'data', mediaType, base64 };
}

/** The type the first bytes betray; undefined when they betray none. */
function sniff(bytes: Buffer): string | undefined {
  const start = bytes.toString('latin1', 0, 256);
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (/^GIF8[79]a/.test(start)) return 'image/gif';
  if (start.startsWith('RIFF') && start.slice(8, 12) === 'WEBP') return 'image/webp';
  if (start.startsWith('%PDF-')) return 'application/pdf';
  if (/^(?:\xef\xbb\xbf)?\s*<(?:svg|\?xml|!doctype svg)/i.test(start)) return 'image/svg+xml';
  if (/^\s*<(?:!doctype html|html)/i.test(start)) return 'text/html';
  return undefined;
}

/** Checks an image's address; the normalised form is what is passed on. */
export function parseHttpsUrl(text: string, field: string): string {
  if (text.length > URL_CHARACTERS_MAX) throw invalid(field, `is longer than ${URL_CHARACTERS_MAX} characters`);
  const url = URL.parse(text);
  if (url === null) throw invalid(field, 'is not a URL');
  if (url.protocol !== 'https:') throw invalid(field, `has the scheme ${JSON.stringify(url.protocol.slice(0, 20))}`);
  if (url.username !== '' || url.password !== '') throw invalid(field, 'holds a user name or password');
  // Whoever fetches it for the model may stand where a private address leads somewhere.
  if (isPrivateHost(url.hostname)) throw invalid(field, 'leads to a private address');
  if (/\.svgz?$/i.test(url.pathname)) throw invalid(field, 'is an SVG');
  return url.href;
}

function invalid(field: string, fault: string): GatewayError {
  return new GatewayError('invalid_request', `"${field}" ${fault}; give ${ACCEPTED}.`, { param: field });
}
