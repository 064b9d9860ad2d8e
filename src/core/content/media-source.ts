import { Buffer } from 'node:buffer';
import { GatewayError } from '../errors.ts';
import { isPrivateHost } from '../network/private-address.ts';

/** A type, and bytes in base64. */
export type InlineData = { readonly mediaType: string; readonly base64: string };

/** What is said to somebody who gives something else. */
export type MediaRules = {
  /** What it is, for sentences: "image". */
  readonly noun: string;
  /** After "give". */
  readonly accepted: string;
  /** Of one, decoded. */
  readonly bytesMax: number;
};

const URL_CHARACTERS_MAX = 8_192;
/** Up to the comma: types and their parameters are short. */
const DATA_HEAD_CHARACTERS_MAX = 1_024;

/** The parts of a `data:` URL whose bytes are in base64. */
export function parseDataUrl(text: string, field: string, rules: MediaRules): InlineData {
  const head = text.slice('data:'.length, DATA_HEAD_CHARACTERS_MAX);
  const comma = head.indexOf(',');
  const [mediaType = '', ...parameters] = head.slice(0, Math.max(comma, 0)).toLowerCase().split(';');
  if (comma < 0 || parameters.at(-1) !== 'base64')
    throw invalidMedia(field, 'is a data: URL without ";base64,"', rules);
  return { mediaType, base64: text.slice('data:'.length + comma + 1) };
}

/** Refuses what is not of the type that it says. */
export function checkInlineData({ mediaType, base64 }: InlineData, field: string, rules: MediaRules): void {
  const actual = sniff(decodeBase64(base64, field, rules));
  if (actual === undefined || actual === mediaType) return;
  throw invalidMedia(field, `says ${mediaType}, but its bytes are ${actual}`, rules);
}

/** The bytes, if all of it is base64, and not too much. */
export function decodeBase64(base64: string, field: string, rules: MediaRules): Buffer {
  const { noun, bytesMax } = rules;
  if ((base64.length / 4) * 3 > bytesMax + 2) {
    const message = `"${field}" has more than ${bytesMax.toLocaleString('en-US')} bytes, the largest ${noun} accepted.`;
    throw new GatewayError('too_large', message, { hint: `Send a smaller version of the ${noun}.`, param: field });
  }
  const bytes = Buffer.from(base64, 'base64');
  // Node skips what is not base64, so only an exact round trip proves that all of it was.
  if (bytes.length === 0 || bytes.toString('base64') !== base64)
    throw invalidMedia(field, 'is not valid base64', rules);
  return bytes;
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

/** Checks an address, which is passed on and never fetched by us; the normalised form is what is passed on. */
export function parseHttpsUrl(text: string, field: string, rules: MediaRules): URL {
  if (text.length > URL_CHARACTERS_MAX)
    throw invalidMedia(field, `is longer than ${URL_CHARACTERS_MAX} characters`, rules);
  const url = URL.parse(text);
  if (url === null) throw invalidMedia(field, 'is not a URL', rules);
  if (url.protocol !== 'https:')
    throw invalidMedia(field, `has the scheme ${JSON.stringify(url.protocol.slice(0, 20))}`, rules);
  if (url.username !== '' || url.password !== '') throw invalidMedia(field, 'holds a user name or password', rules);
  // Whoever fetches it for the model may stand where a private address leads somewhere.
  if (isPrivateHost(url.hostname)) throw invalidMedia(field, 'leads to a private address', rules);
  return url;
}

export function invalidMedia(field: string, fault: string, { accepted }: MediaRules): GatewayError {
  return new GatewayError('invalid_request', `"${field}" ${fault}; give ${accepted}.`, { param: field });
}
