import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../../core/errors.ts';
import { HOP_HEADER } from '../../core/hop.ts';
import type { HttpSettings } from '../http-settings.ts';
import { isAllowedHost } from './host-check.ts';

/** Names and values alternate in Node's list. */
const RAW_HEADERS_MAX = 2 * 100;
/** Readers disagree on which of two counts. */
const ONCE_ONLY = ['host', 'authorization', 'content-type', 'content-length'];

/**
 * What is refused whatever the route, before anything of the request is believed. Host and Origin are
 * independent: each alone is enough to refuse.
 */
export function screen(incoming: IncomingMessage, settings: HttpSettings): GatewayError | undefined {
  const { headers, rawHeaders, url = '' } = incoming;
  if (rawHeaders.length > RAW_HEADERS_MAX) {
    return new GatewayError('invalid_request', 'The request has more than 100 headers.', { httpStatus: 431 });
  }
  if (!isAllowedHost(headers.host, incoming.socket.localPort, settings)) {
    return new GatewayError('forbidden', 'The Host header does not name this server.', {
      hint: 'Use the address that Signalbox printed, or add the name to server.allowedHosts.',
    });
  }
  const { origin } = headers;
  if (origin !== undefined && !settings.allowedOrigins.includes(origin)) {
    return new GatewayError('forbidden', 'Web pages of this origin may not call this server.', {
      hint: 'Add the origin to server.allowedOrigins when they should.',
    });
  }
  if (url.charCodeAt(0) !== 47) {
    return new GatewayError('invalid_request', 'The request has to name a path that begins with "/".');
  }
  const repeated = repeatedHeader(rawHeaders);
  if (repeated === 'authorization') {
    return new GatewayError('unauthenticated', 'The header Authorization stands twice.');
  }
  if (repeated !== undefined) {
    return new GatewayError('invalid_request', `The header ${repeated} stands twice.`);
  }
  if (headers[HOP_HEADER] !== undefined) {
    return new GatewayError('loop_detected', 'The request came back to Signalbox through one of its own providers.', {
      hint: "A provider's baseUrl leads to this server; correct it.",
    });
  }
  return undefined;
}

function repeatedHeader(rawHeaders: readonly string[]): string | undefined {
  let seen = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    // Only names of these lengths are looked at: this runs for every header of every request.
    if (name.length !== 4 && name.length !== 13 && name.length !== 12 && name.length !== 14) continue;
    const index = ONCE_ONLY.indexOf(name.toLowerCase());
    if (index < 0) continue;
    if (seen & (1 << index)) return ONCE_ONLY[index];
    seen |= 1 << index;
  }
  return undefined;
}
