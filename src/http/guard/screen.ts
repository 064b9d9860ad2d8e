import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../../core/errors.ts';
import { HOP_HEADER } from '../../core/network/hop.ts';
import { shorten } from '../../core/wording/describe-value.ts';
import type { HttpSettings } from '../http-settings.ts';
import { HostCheck } from './host-check.ts';

const HEADERS_MAX = 100;
/** Readers disagree on which of two counts. Node itself refuses a second Content-Length, and takes two origins for one that nobody allows. */
const ONCE_ONLY = ['host', 'content-type', 'authorization', 'content-encoding', 'idempotency-key'];
const ONCE_ONLY_LENGTHS = new Set(ONCE_ONLY.map(({ length }) => length));
const SLASH = 47;
/** `/../` and `/./`, also written with `%2e`: what stands in front of us may have judged the path as it was sent. */
const DOT_SEGMENT = /^[^?#]*[/\\](?:\.|%2e){1,2}(?:[/\\?#]|$)/i;

/**
 * What is refused whatever the route, before anything of the request is believed. Host and Origin are
 * independent of each other: each alone is enough to refuse.
 */
export class Screen {
  readonly #hosts: HostCheck;
  readonly #origins: ReadonlySet<string>;

  constructor(settings: HttpSettings) {
    this.#hosts = new HostCheck(settings);
    this.#origins = new Set(settings.allowedOrigins);
  }

  /** Why the request is refused; undefined when it may go on. */
  check(incoming: IncomingMessage): GatewayError | undefined {
    const { headers, rawHeaders, url = '' } = incoming;
    // Names and values alternate in Node's list.
    if (rawHeaders.length > 2 * HEADERS_MAX) {
      return new GatewayError('invalid_request', `The request has more than ${HEADERS_MAX} headers.`, {
        httpStatus: 431,
      });
    }
    const repeated = repeatedHeader(rawHeaders);
    if (repeated !== undefined) return refuseRepeated(repeated);
    const unnamed = this.#checkHost(incoming);
    if (unnamed) return unnamed;
    if (headers.origin !== undefined && !this.#origins.has(headers.origin)) {
      return new GatewayError('forbidden', 'Web pages of this origin may not call this server.', {
        hint: 'Add the origin to server.allowedOrigins when they should.',
      });
    }
    // A whole URL that names another host than the header does.
    if (url.charCodeAt(0) !== SLASH) {
      return new GatewayError('invalid_request', 'The request has to name a path that begins with "/".');
    }
    if (DOT_SEGMENT.test(url)) {
      return new GatewayError('invalid_request', 'The path of the request must not hold "." or ".." as a step.');
    }
    const unfit = refuseFraming(incoming);
    if (unfit) return unfit;
    if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') {
      return new GatewayError('invalid_request', 'The header Expect may only say "100-continue".', { httpStatus: 417 });
    }
    if (headers[HOP_HEADER] !== undefined) {
      return new GatewayError('loop_detected', 'The request came back to Signalbox through one of its own providers.', {
        hint: "A provider's baseUrl leads to this server; correct it.",
      });
    }
    return undefined;
  }

  /** HTTP/1.0 has no such header, and health checks of balancers speak it; browsers, whose pages could be others', do not. */
  #checkHost({ headers: { host }, httpVersion, socket }: IncomingMessage): GatewayError | undefined {
    if (host === undefined) {
      if (httpVersion === '1.0') return undefined;
      return new GatewayError('invalid_request', 'The request has no Host header, which has to name this server.');
    }
    if (this.#hosts.allows(host, socket)) return undefined;
    const named = JSON.stringify(shorten(host));
    return new GatewayError('forbidden', `The Host header names ${named}, not this server.`, {
      hint: 'Use the address that Signalbox printed, or add the name to server.allowedHosts.',
    });
  }
}

/** Chunks around bytes that are encoded once more: whoever decodes those reads another body than we would. */
function refuseFraming(incoming: IncomingMessage): GatewayError | undefined {
  if (incoming.httpVersion !== '1.1') return refuseOtherVersion(incoming);
  const encoding = incoming.headers['transfer-encoding'];
  if (encoding === undefined || encoding.toLowerCase() === 'chunked') return undefined;
  return new GatewayError('invalid_request', 'Of Transfer-Encoding this server knows "chunked" alone.');
}

/** Of 1.0 readers disagree whether Transfer-Encoding counts: RFC 9112, section 6.1, calls that framing faulty. */
function refuseOtherVersion({ httpVersion, headers }: IncomingMessage): GatewayError | undefined {
  if (httpVersion !== '1.0') {
    return new GatewayError('invalid_request', 'This server speaks HTTP/1.1.', { httpStatus: 505 });
  }
  if (headers['transfer-encoding'] === undefined) return undefined;
  return new GatewayError('invalid_request', 'HTTP/1.0 knows no Transfer-Encoding; send Content-Length.');
}

function refuseRepeated(name: string): GatewayError {
  const message = `The header ${name} stands twice.`;
  if (name === 'authorization') return new GatewayError('unauthenticated', message);
  return new GatewayError('invalid_request', message);
}

function repeatedHeader(rawHeaders: readonly string[]): string | undefined {
  let seen = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    // This runs for every header of every request.
    if (!ONCE_ONLY_LENGTHS.has(name.length)) continue;
    const index = ONCE_ONLY.indexOf(name.toLowerCase());
    if (index < 0) continue;
    if (seen & (1 << index)) return ONCE_ONLY[index];
    seen |= 1 << index;
  }
  return undefined;
}
