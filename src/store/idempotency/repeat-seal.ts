import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { RepeatableRequest } from '../../core/ports.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HALF_BYTES = 32;

/** A request as the disk may know it, and what opens its answer. */
export type RepeatSeal = {
  /** Of the tenant and the key. */
  readonly id: Buffer;
  /** Tells one request from another. */
  readonly fingerprint: Buffer;
  /** Never written: only who sends the very same request again has it. */
  readonly secret: Buffer;
};

/** The two halves of one digest: neither tells anything of the other. */
export function sealOf({ tenant, key, content }: RepeatableRequest): RepeatSeal {
  const id = createHash('sha256')
    .update(JSON.stringify([tenant, key]))
    .digest();
  const digest = createHash('sha512').update(id);
  // With its length before it no part can pass for two.
  for (const part of content) digest.update(`${Buffer.byteLength(part)}:`).update(part);
  const halves = digest.digest();
  return { id, fingerprint: halves.subarray(0, HALF_BYTES), secret: halves.subarray(HALF_BYTES) };
}

export function encrypt(text: string, secret: Buffer): Buffer {
  // A freed key may be used again for the same request: the nonce is another then.
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, secret, nonce);
  const body = cipher.update(text, 'utf8');
  return Buffer.concat([nonce, body, cipher.final(), cipher.getAuthTag()]);
}

/** Undefined for what was damaged. */
export function decrypt(sealed: Buffer, secret: Buffer): string | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  try {
    const decipher = createDecipheriv(CIPHER, secret, sealed.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const body = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([body, decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
