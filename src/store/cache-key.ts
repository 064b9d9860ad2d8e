import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { CacheKey } from '../core/ids.ts';
import type { CacheKeyFields } from '../core/ports.ts';

/** Raised when the meaning of a field or the form of an answer changes: older answers are then not found. */
const KEY_VERSION = 'signalbox-answer-1';

/** The digest of everything that changes an answer; the order of properties does not. */
export function cacheKeyOf(fields: CacheKeyFields): CacheKey {
  return createHash('sha256')
    .update(`${KEY_VERSION}\n${toText(fields)}`)
    .digest('hex') as CacheKey;
}

/** RFC 8785 refuses half a surrogate pair; plain JSON escapes it, and only loses order-blindness. */
function toText(fields: CacheKeyFields): string {
  try {
    return canonicalize(fields) ?? '';
  } catch {
    return JSON.stringify(fields);
  }
}
