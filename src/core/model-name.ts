import { GatewayError } from './errors.ts';

const NAME_BYTES_MAX = 256;

/**
 * Refuses what cannot name a model and might be taken for a path or an address further on. The
 * provider stands before the first slash; the model's own name may hold more slashes.
 */
export function checkModelName(name: string, field = 'model'): string {
  const fault = faultOf(name);
  if (fault === undefined) return name;
  throw wrongName(fault, { field, valid: 'a name such as "openai/gpt-5-mini"', hint: 'list_models has them all.' });
}

/** The same for the name a provider has in the configuration. */
export function checkProviderName(name: string, field = 'provider'): string {
  const valid = 'a name such as "openai"';
  if (name.includes('/')) throw wrongName('must not hold a slash', { field, valid });
  const hint = field === 'provider' ? 'provider_status has them all.' : 'GET /v1/models shows them.';
  const fault = faultOf(name);
  if (fault !== undefined) throw wrongName(fault, { field, valid, hint });
  return name;
}

/** May a provider be asked for a model of this name? Callers' names are trimmed and looked up; vendors' hold no blanks. */
export function isModelName(name: string): boolean {
  return faultOf(name) === undefined && !/\s/.test(name);
}

/** Invisible characters count as control characters: they make one name look like another. */
function faultOf(name: string): string | undefined {
  if (name.trim() === '') return 'must not be empty';
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) return `must have at most ${NAME_BYTES_MAX} bytes`;
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(name)) return 'must not hold control characters';
  if (name.includes('..')) return 'must not hold ".."';
  if (name.includes('://')) return 'must not be an address';
  return undefined;
}

type Expected = { readonly field: string; readonly valid: string; readonly hint?: string };

function wrongName(fault: string, { field, valid, hint }: Expected): GatewayError {
  return new GatewayError('invalid_request', `"${field}" ${fault}; give ${valid}.`, { param: field, hint });
}
