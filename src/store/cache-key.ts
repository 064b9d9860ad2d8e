import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { CacheKey } from '../core/ids.ts';
import type { Message } from '../core/message.ts';
import type { CacheKeyFields } from '../core/ports.ts';

/** Raised when the meaning of a field or the form of an answer changes: older answers are then not found. */
const KEY_VERSION = 'signalbox-answer-2';

/** The digest of everything that changes an answer; the order of properties does not. */
export function cacheKeyOf({ tenant, model, messages, ...settings }: CacheKeyFields): CacheKey {
  const fields = [KEY_VERSION, tenant, model, toText(settings), messages.map(toTuple)];
  return hash('sha256', JSON.stringify(fields), 'hex') as CacheKey;
}

/**
 * The order is ours here, which costs a tenth of sorting properties. Plain text, what most messages
 * are, stands for itself; any other part is a list, so that no text can pass for one.
 */
function toTuple({ role, content }: Message): readonly unknown[] {
  const tuple: unknown[] = [role];
  for (const part of content) {
    const isPlain = part.type === 'text' && part.cacheBreakpoint === undefined;
    tuple.push(isPlain ? part.text : [toText(part)]);
  }
  return tuple;
}

/** RFC 8785 refuses half a surrogate pair; plain JSON escapes it, and only loses order-blindness. */
function toText(value: object): string {
  try {
    return canonicalize(value) ?? '';
  } catch {
    return JSON.stringify(value);
  }
}
