/** Replaces every secret in a text. */
export type SecretMask = (text: string) => string;

/** What stands where a secret stood. */
export const SECRET_MASK = '[secret]';

/** Shorter values are words like "none", and masking these would make a log unreadable. */
const LENGTH_MIN = 4;
/** Vendors quote the start of a bad key in their messages; from this length on the start is masked as well. */
const PREFIX_LENGTH = 8;
const PREFIXED_LENGTH_MIN = 12;

/**
 * A mask for the given secrets, also where they stand percent-encoded, escaped for JSON, hexadecimal, as Base64
 * (alone or anywhere within a longer encoded text, such as Basic credentials), or cut after eight characters or more.
 */
export function createSecretMask(secrets: Iterable<string>): SecretMask {
  const patterns = [...new Set(secrets)].filter((secret) => secret.length >= LENGTH_MIN).flatMap(patternsOf);
  if (patterns.length === 0) return (text) => text;
  // The longest first: alternation takes the first that fits.
  const pattern = new RegExp(patterns.sort((left, right) => right.length - left.length).join('|'), 'g');
  return (text) => text.replace(pattern, SECRET_MASK);
}

function patternsOf(secret: string): string[] {
  const written = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), encodeURI(secret)];
  const hex = Buffer.from(secret).toString('hex');
  const patterns = [...written, ...base64Of(secret), hex, hex.toUpperCase()].map((text) => escapeForRegExp(text));
  if (secret.length >= PREFIXED_LENGTH_MIN)
    patterns.push(`${escapeForRegExp(secret.slice(0, PREFIX_LENGTH))}[\\w*.…-]*`);
  return [...new Set(patterns)];
}

/**
 * Three bytes become four characters, so a secret inside a longer text is written in one of three
 * ways. The characters at either end that depend on its neighbours are left off.
 */
function base64Of(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64url');
    const wholeLength = Math.floor(((offset + bytes.length) * 8) / 6);
    const stable = encoded.slice(Math.ceil((offset * 8) / 6), wholeLength);
    return [stable, stable.replaceAll('-', '+').replaceAll('_', '/')];
  });
}

function escapeForRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
