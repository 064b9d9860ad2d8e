import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../../core/errors.ts';

/** Without white space at its ends: where two parts of a pattern may take it, a header full of it takes for ever. */
const PARAMETER = /^([\w!#$%&'*+.^`|~-]+)=("?)([\w!#$%&'*+.^`|~:/ -]*)\2$/;

/** Throws `invalid_request` with status 415 for anything but plain JSON in UTF-8. */
export function requireJson(headers: IncomingHttpHeaders): void {
  const type = headers['content-type'];
  if (type !== 'application/json' && !isJsonInUtf8(type ?? '')) {
    throw unsupported('The body has to be JSON in UTF-8: send "Content-Type: application/json".');
  }
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
    throw unsupported('The body may not be compressed: leave Content-Encoding out.');
  }
}

function isJsonInUtf8(text: string): boolean {
  const [type = '', ...parameters] = text.split(';');
  if (type.trim().toLowerCase() !== 'application/json') return false;
  return parameters.every((parameter) => {
    const trimmed = parameter.trim();
    if (trimmed === '') return true;
    const [, name = '', , value = ''] = PARAMETER.exec(trimmed) ?? [];
    if (name === '') return false;
    return name.toLowerCase() !== 'charset' || /^utf-?8$/i.test(value);
  });
}

function unsupported(message: string): GatewayError {
  return new GatewayError('invalid_request', message, { httpStatus: 415 });
}
