import { GatewayError } from '../../core/errors.ts';

const NAME_BYTES_MAX = 256;

/**
 * Refuses what cannot name a model and might be taken for a path or an address further on. The
 * provider stands before the first slash; the model's own name may hold more slashes.
 */
export function checkModelName(name: string, field = 'model'): string {
  return checkName(field, name, 'a name such as "openai/gpt-5-mini"', 'list_models has them all.');
}

/** The same for the name a provider has in the configuration. */
export function checkProviderName(name: string, field = 'provider'): string {
  if (name.includes('/')) throw wrongName(field, 'must not hold a slash', 'a name such as "openai"');
  const hint = field === 'provider' ? 'provider_status has them all.' : 'GET /v1/models shows them.';
  return checkName(field, name, 'a name such as "openai"', hint);
}

/** Invisible characters count as control characters: they make one name look like another. */
function checkName(field: string, name: string, ...valid: readonly [valid: string, hint: string]): string {
  if (name.trim() === '') throw wrongName(field, 'must not be empty', ...valid);
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) {
    throw wrongName(field, `must have at most ${NAME_BYTES_MAX} bytes`, ...valid);
  }
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(name)) throw wrongName(field, 'must not hold control characters', ...valid);
  if (name.includes('..')) throw wrongName(field, 'must not hold ".."', ...valid);
  if (name.includes('://')) throw wrongName(field, 'must not be an address', ...valid);
  return name;
}

function wrongName(field: string, fault: string, valid: string, hint?: string): GatewayError {
  return new GatewayError('invalid_request', `"${field}" ${fault}; give ${valid}.`, { param: field, hint });
}
