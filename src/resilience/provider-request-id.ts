import type { ApiKey } from '../core/provider.ts';
import { createSecretMask, type SecretMask } from '../core/secret-mask.ts';

/**
 * The vendor's id of a call as the books may keep it. What is no id (long, with white space) or
 * holds the key that was sent, as a hostile provider may answer, is left out.
 */
export function bookableRequestId(id: string | undefined, key: ApiKey): string | undefined {
  if (id === undefined || !/^[\x21-\x7e]{1,200}$/.test(id)) return undefined;
  return maskOf(key)(id) === id ? id : undefined;
}

function maskOf(key: ApiKey): SecretMask {
  const known = masks.get(key);
  if (known) return known;
  const mask = createSecretMask([key.value]);
  masks.set(key, mask);
  return mask;
}

/** Asked for with every answer, and dear to make. */
const masks = new WeakMap<ApiKey, SecretMask>();
