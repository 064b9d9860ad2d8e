/** Replaces every secret in a text. */
export type SecretMask = (text: string) => string;

/** What stands where a secret stood. */
export const SECRET_MASK = '[secret]';

/** Shorter values are words like "none", and masking these would make a log unreadable. */
const LENGTH_MIN = 4;
/** Vendors quote the start of a bad key in their messages; from this length on the start is masked as well. */
const PREFIX_LENGTH = 8;
const PREFIXED_LENGTH_MIN = 12;
const HTML_NAMES: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

/**
 * A mask for the given secrets, also where they stand percent-encoded, escaped for JSON or HTML, hexadecimal, as Base64
 * (alone or anywhere within a longer encoded text, such as Basic credentials), or cut after eight characters or more.
 */
export function createSecretMask(secrets: Iterable<string>): SecretMask {
  const masked = [...new Set(secrets)].filter((secret) => secret.length >= LENGTH_MIN);
  if (masked.length === 0) return (text) => text;
  // The longest first: alternation takes the first that fits. Starts last, or they would leave the rest of a whole secret.
  const whole = masked.flatMap(patternsOf).sort((left, right) => right.length - left.length);
  const pattern = new RegExp([...new Set([...whole, ...masked.flatMap(startOf)])].join('|'), 'g');
  return (text) => text.replace(pattern, SECRET_MASK);
}

/**
 * A secret as it is, percent-encoded, escaped for JSON or HTML in the ways most encoders have, and as Base64, alone or
 * anywhere within a longer encoded text. Of a secret of letters, digits and dashes most are the same: each costs a look at each answer.
 */
export function spellingsOfSecret(secret: string): readonly string[] {
  const escaped = JSON.stringify(secret).slice(1, -1);
  const percent = encodeURIComponent(secret);
  const smallPercent = percent.replace(/%../g, (code) => code.toLowerCase());
  const html = [inHtml(secret, (code) => `x${code.toString(16).toUpperCase()}`), inHtml(secret, String)];
  const spellings = [secret, percent, smallPercent, escaped, escaped.replaceAll('/', '\\/'), ...html];
  return [...new Set([...spellings, ...base64Of(secret)])];
}

function inHtml(secret: string, toCode: (code: number) => string): string {
  return secret.replace(/[&<>"'`=/]/g, (character) => {
    const name = HTML_NAMES[character];
    return name !== undefined && character !== "'" ? `&${name};` : `&#${toCode(character.charCodeAt(0))};`;
  });
}

function patternsOf(secret: string): string[] {
  const hex = Buffer.from(secret).toString('hex');
  return [...[secret, ...base64Of(secret)].map(inAnySpelling), hex, hex.toUpperCase()];
}

function startOf(secret: string): string[] {
  return secret.length < PREFIXED_LENGTH_MIN ? [] : [`${inAnySpelling(secret.slice(0, PREFIX_LENGTH))}[\\w*.…-]*`];
}

/** Encoders differ in what they replace and how they write it, so each character that any of them replaces may be written in any way. */
function inAnySpelling(text: string): string {
  return Array.from(text, (character) => (/\w/.test(character) ? character : spellingsOf(character))).join('');
}

/** The backslashes and zeros are few, as JSON within JSON has them, or a text full of them would take for ever. */
function spellingsOf(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  const spellings = [
    `\\\\{0,3}${escapeForRegExp(character)}`,
    `\\\\{0,3}${escapeForRegExp(JSON.stringify(character).slice(1, -1))}`,
    units.map((unit) => `\\\\{1,4}u${hexOf(unit, 4)}`).join(''),
    [...Buffer.from(character)].map((byte) => `%${hexOf(byte, 2)}`).join(''),
    `&(?:#0{0,4}${point}|#[xX]0{0,4}${hexOf(point)}|${HTML_NAMES[character] ?? `#${point}`});`,
  ];
  return `(?:${spellings.join('|')})`;
}

/** In capitals or not. */
function hexOf(value: number, length = 1): string {
  const digits = value.toString(16).padStart(length, '0');
  return digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
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
