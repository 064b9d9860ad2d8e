import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { CacheKey } from '../core/ids.ts';
import type { Message } from '../core/message.ts';
import type { CacheKeyFields } from '../core/ports.ts';

/** Raised when the meaning of a field or the form of an answer changes: older answers are then not found. */
const KEY_VERSION = 'signalbox-answer-3';

/** The digest of everything that changes an answer; the order of properties does not. */
export function cacheKeyOf({ tenant, model, abilities, messages, ...settings }: CacheKeyFields): CacheKey {
  const who = [tenant, model, abilities?.outputTokensMax, abilities?.capabilities];
  const head = KEY_VERSION + JSON.stringify(who) + toText(settings);
  return hash('sha256', messages.reduce(addMessage, head), 'hex') as CacheKey;
}

/**
 * Each part stands behind its kind and its length, so that no text can pass for two, or for something else.
 * What most messages are, plain text, stands as it is: escaping it as JSON would cost more than the digest.
 */
function addMessage(text: string, { role, content }: Message): string {
  let longer = `${text}\n${role}`;
  for (const part of content) {
    const plain = plainText(part);
    const written = plain ?? toText(part);
    longer += ` ${plain === undefined ? 'part' : 'text'} ${written.length}:${written}`;
  }
  return longer;
}

/** Not of half a surrogate pair: as UTF-8, of which the digest is made, one is like the other. */
function plainText(part: Message['content'][number]): string | undefined {
  const isPlain = part.type === 'text' && part.cacheBreakpoint === undefined && part.text.isWellFormed();
  return isPlain ? part.text : undefined;
}

/** RFC 8785 refuses half a surrogate pair; plain JSON escapes it, and only loses order-blindness. */
function toText(value: object): string {
  try {
    return canonicalize(value) ?? '';
  } catch {
    return JSON.stringify(value);
  }
}
