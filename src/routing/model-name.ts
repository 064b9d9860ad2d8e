import { Buffer } from 'node:buffer';
import { GatewayError } from '../core/errors.ts';

const NAME_BYTES_MAX = 256;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/**
 * A model or provider name as the caller typed it, without surrounding spaces. Throws
 * `invalid_request` for one that could mean a path or an address, or break a header or a log line.
 */
export function parseName(text: string, field: 'model' | 'provider'): string {
  const name = text.trim();
  const fault = faultOf(name);
  if (fault === undefined) return name;
  throw new GatewayError('invalid_request', `The ${field} name ${fault}.`, {
    hint: 'Use a name from list_models, such as provider/model.',
  });
}

function faultOf(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) return `is longer than ${NAME_BYTES_MAX} bytes`;
  if (CONTROL.test(name)) return 'holds a control character';
  if (name.includes('..')) return 'holds ".."';
  if (name.includes('://')) return 'holds "://"';
  return undefined;
}
