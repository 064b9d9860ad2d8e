import { GatewayError } from '../../../core/errors.ts';
import type { Usage } from '../../../core/usage.ts';

/** Reads an answer. What cannot be read was paid for all the same: the error keeps the usage. */
export function keepingUsage<Result>(usage: Usage, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof GatewayError) throw error.usage ? error : error.with({ usage });
    throw new GatewayError('malformed_response', 'it answered something that is not its protocol.', {
      usage,
      cause: error,
    });
  }
}
