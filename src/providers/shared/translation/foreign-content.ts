import { GatewayError } from '../../../core/errors.ts';
import type { Usage } from '../../../core/usage.ts';

/**
 * An answer of pictures or sound and nothing else. Beside text such content is left out; here that would leave an
 * empty answer that looks like a good one. It was paid for all the same: the error keeps the usage.
 */
export function foreignAlone(kind: string, usage: Usage): GatewayError {
  return new GatewayError('capability_missing', `it answered with ${kind} alone, which is not passed on.`, {
    hint: 'Name a model that answers in text.',
    usage,
  });
}
