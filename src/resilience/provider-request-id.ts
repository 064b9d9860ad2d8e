import { createSecretMask } from '../core/secret-mask.ts';

/**
 * The vendor's id of a call as the books may keep it. What is no id (long, with white space) or
 * holds the key that was sent, as a hostile provider may answer, is left out.
 */
export function bookableRequestId(id: string | undefined, key: string): { readonly providerRequestId?: string } {
  const isId = id !== undefined && /^[\x21-\x7e]{1,200}$/.test(id) && createSecretMask([key])(id) === id;
  return isId ? { providerRequestId: id } : {};
}
