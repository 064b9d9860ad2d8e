import { createSecretMask, SECRET_MASK } from '../../../core/secret-mask.ts';
import { shorten } from '../../../core/wording/describe-value.ts';

const TEXT_LENGTH_MAX = 500;

/** Secrets of any vendor by their usual shape, and whatever follows `Bearer`. */
const SECRET_SHAPES = [
  /\b(?:sk|gsk|rk|pk|xai|csk|hf|nvapi|ghp|tvly|r8)[-_][A-Za-z0-9_\-*.]{6,}/g,
  /\bAIza[A-Za-z0-9_\-*.]{6,}/g,
  /\b(Bearer|Basic)\s+[A-Za-z0-9_\-*.+/=]{6,}/gi,
];

/**
 * A vendor's text, fit for a message: without the secrets in use, in plain, in base64 or
 * URL-encoded, or shortened to their first characters as vendors echo them (`sk-proj-****abcd`);
 * in one line of limited length.
 */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  let masked = createSecretMask(secrets)(text);
  for (const shape of SECRET_SHAPES) masked = masked.replace(shape, SECRET_MASK);
  return oneLine(masked);
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters of a hostile provider must not reach a terminal or a log.
  return shorten(text.replace(/[\u0000-\u001f\u007f-\u009f\s]+/g, ' ').trim(), TEXT_LENGTH_MAX);
}

/** What may be kept as `cause`: name, message and stack of an error, masked, without its fields. */
export function maskedCause(error: unknown, secrets: readonly string[]): Error {
  const original = error instanceof Error ? error : new Error(String(error));
  const masked = new Error(maskSecrets(original.message, secrets));
  masked.name = original.name;
  const frames = (original.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  masked.stack = [`${masked.name}: ${masked.message}`, ...frames].join('\n');
  return masked;
}
