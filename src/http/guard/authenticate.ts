import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../../core/errors.ts';
import type { AccessToken } from '../http-settings.ts';
import type { Dialect } from '../http-types.ts';

const BEARER = /^bearer +([\x21-\x7e]+) *$/i;

/** What to do without a token that is known. */
export const TOKEN_HINT = 'Send "Authorization: Bearer <token>" with a token of server.tokens.';

const DIGEST_BYTES = 32;

/** Finds whose token a request carries. */
export class TokenBook {
  readonly #entries: readonly { readonly token: AccessToken; readonly digest: Buffer }[];
  /** The digest of what is presented, always in the same place: memory of its own would cost more than all the rest. */
  readonly #presented = Buffer.alloc(DIGEST_BYTES);

  constructor(tokens: readonly AccessToken[]) {
    this.#entries = tokens.map((token) => {
      const digest = Buffer.alloc(DIGEST_BYTES);
      writeDigest(token.value, digest);
      return { token, digest };
    });
  }

  /**
   * The token, or undefined. Digests are compared, all of them and each to its end, so that the time
   * tells nothing about how much of a guess was right.
   */
  find(presented: string): AccessToken | undefined {
    const digest = this.#presented;
    writeDigest(presented, digest);
    let found: AccessToken | undefined;
    for (const entry of this.#entries) {
      if (timingSafeEqual(entry.digest, digest)) found = entry.token;
    }
    return found;
  }
}

/**
 * What the caller shows: a bearer token, and to Anthropic's endpoints also an `x-api-key`, since their
 * clients send it. Throws `unauthenticated` when there is nothing of the kind.
 */
export function presentedToken({ headers }: IncomingMessage, dialect: Dialect): string {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) throw unauthenticated('The header Authorization is not of the form "Bearer <token>".');
    return token;
  }
  const apiKey = dialect === 'anthropic' ? headers['x-api-key'] : undefined;
  if (typeof apiKey === 'string' && apiKey !== '') return apiKey;
  throw unauthenticated('A token is required.');
}

export function unauthenticated(message: string): GatewayError {
  return new GatewayError('unauthenticated', message, { hint: TOKEN_HINT });
}

function writeDigest(text: string, to: Buffer): void {
  to.write(hash('sha256', text, 'binary'), 'binary');
}
