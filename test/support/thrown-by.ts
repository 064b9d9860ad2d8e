import { GatewayError } from '../../src/core/errors.ts';

/** The `GatewayError` an action throws; anything else fails the test. */
export function thrownBy(action: () => unknown): GatewayError {
  try {
    action();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
