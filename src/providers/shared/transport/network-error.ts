import { closeSync, openSync } from 'node:fs';
import { maxHeaderSize } from 'node:http';
import { devNull } from 'node:os';
import { GatewayError } from '../../../core/errors.ts';
import { isPrivateHost } from '../../../core/network/private-address.ts';

/** How far an exchange had come when its connection failed. */
export type NetworkPhase = 'connecting' | 'waiting' | 'waiting-on-kept' | 'receiving';

/** The code of an error of ours: the time was over when TCP stood and TLS did not. */
export const HANDSHAKE_LATE = 'HANDSHAKE_LATE';

const UNKNOWN_AUTHORITY =
  'its TLS certificate comes from an unknown authority; if a company network puts its own there, set NODE_EXTRA_CA_CERTS to the file of its certificates';

const CONNECT_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused; check that it runs and that baseUrl is right',
  ENOTFOUND: 'its name is unknown to DNS; check baseUrl',
  EAI_AGAIN: 'DNS does not answer; check the network',
  EHOSTUNREACH: 'there is no route to it; check the network',
  ENETUNREACH: 'there is no route to it; check the network',
  EADDRNOTAVAIL: 'this machine has no free port, or no address of its own, to reach it from',
  ETIMEDOUT: 'it did not connect in time',
  [HANDSHAKE_LATE]: 'it took the connection, but the TLS handshake was not over in time',
  UND_ERR_CONNECT_TIMEOUT: 'it did not connect in time',
  ECONNRESET: 'it closed the connection during the handshake',
  UND_ERR_SOCKET: 'it closed the connection during the handshake',
  CERT_HAS_EXPIRED: 'its TLS certificate has expired; renew it, or check the clock of this machine',
  CERT_NOT_YET_VALID: 'its TLS certificate is not valid yet; check the clock',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its TLS certificate is for another host',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'its TLS certificate is self-signed; if that is meant so, set NODE_EXTRA_CA_CERTS to its file',
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS; check http or https in baseUrl',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS; check http or https in baseUrl',
  EPROTO: 'the TLS handshake failed',
};

/** Other processes, or this one in a moment, can reach it. */
const LOCAL_REASONS: Readonly<Record<string, string>> = {
  EMFILE: 'Signalbox has as many files open as the system lets it; raise that limit (ulimit -n)',
  ENFILE: 'this machine has as many files open as it can',
  ENOBUFS: 'this machine has no room left for connections',
  ENOMEM: 'this machine has no memory left for connections',
};
const LOCAL_RETRY_MS = 1_000;

/** Without a file no name can be looked up; then it is called unknown. */
const LOOKUP_FAULTS: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL']);

/** So it looks in a network whose only way out is a proxy. */
const FIREWALLED: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT']);

/**
 * What a failed connection means. Before anything was sent nobody was asked: the next candidate
 * is tried at once. A kept-alive socket that closes before the first byte of an answer has most likely
 * gone stale, so the same target is asked once more at once. After that the answer is cut.
 */
export function fromNetworkError(error: unknown, phase: NetworkPhase, host: string): GatewayError {
  if (error instanceof GatewayError) return error;
  const code = networkCode(error);
  const cause = error;
  if (phase === 'connecting') return fromConnectError(error, host, 'baseUrl');
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new GatewayError('malformed_response', `${host} sent more headers than are read (${maxHeaderSize} bytes).`);
  }
  // So undici calls whatever stands wrong in headers that name a length.
  const isWaiting = phase === 'waiting' || phase === 'waiting-on-kept';
  if (isProtocolCode(code) || (isWaiting && code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')) {
    return new GatewayError('malformed_response', `${host} answered something that is not HTTP (${code}).`, { cause });
  }
  if (isWaiting) {
    return new GatewayError('provider_unavailable', `${host} closed the connection before it answered (${code}).`, {
      retrySame: phase === 'waiting-on-kept' ? 'at-once' : 'once',
      cause,
    });
  }
  return new GatewayError('stream_truncated', `${host} closed the connection in the middle of its answer (${code}).`, {
    cause,
  });
}

/** Why no connection came about. `setting`: what named the address, for the reader to check. */
export function fromConnectError(error: unknown, place: string, setting: string): GatewayError {
  const own = networkCode(error);
  const code = LOOKUP_FAULTS.has(own) ? (fileFault() ?? own) : own;
  const local = LOCAL_REASONS[code];
  if (local !== undefined) {
    return new GatewayError('provider_unavailable', `cannot reach ${place}: ${local}.`, {
      isLocal: true,
      retrySame: 'no',
      retryAfterMs: LOCAL_RETRY_MS,
      cause: error,
    });
  }
  const reason = (CONNECT_REASONS[code] ?? reasonOfKind(code)).replace('baseUrl', setting);
  const isShutIn = setting === 'baseUrl' && FIREWALLED.has(code) && !isPrivateHost(place.replace(/:\d+$/, ''));
  const hint = isShutIn ? '; if a proxy is the way out of this network, set HTTPS_PROXY' : '';
  return new GatewayError('provider_unavailable', `cannot reach ${place}: ${reason}${hint}.`, {
    retrySame: 'no',
    cause: error,
  });
}

/** Why no file can be opened now; undefined when one can. */
function fileFault(): string | undefined {
  try {
    closeSync(openSync(devNull, 'r'));
    return undefined;
  } catch (error) {
    return networkCode(error);
  }
}

function reasonOfKind(code: string): string {
  if (isProtocolCode(code)) return 'it does not speak HTTP; check baseUrl';
  return code.startsWith('ERR_SSL_') ? `the TLS handshake failed (${code})` : `the connection failed (${code})`;
}

function networkCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return networkCode(error.cause) === 'unknown' ? error.name : networkCode(error.cause);
}

/** What undici's parser refuses; most of its errors have a name and no code. */
function isProtocolCode(code: string): boolean {
  return code === 'HTTPParserError' || code.startsWith('HPE_');
}
