import {
  CLIENT_CAPABILITIES_META_KEY,
  type JSONRPCMessage,
  PROTOCOL_VERSION_META_KEY,
  type RequestId,
  UnsupportedProtocolVersionError,
} from '@modelcontextprotocol/server';
import { isJsonObject } from '../../core/json/json.ts';
import { INVALID_REQUEST, type Inbound, refuse } from '../json-rpc/check-envelope.ts';

/** The stateless era; older clients speak 2025-11-25, 2025-06-18, 2025-03-26 or 2024-11-05. */
const MODERN_VERSIONS = ['2026-07-28'];

/**
 * Keeps the order of a connection, which the SDK leaves open: in the older era nothing is served
 * before `initialize`, and a version nobody serves is refused whenever it appears.
 */
export function createEraGuard(): (message: JSONRPCMessage) => Inbound {
  let opened: 'no' | 'legacy' | 'modern' = 'no';
  return (message) => {
    const pass: Inbound = { type: 'message', message };
    if (!('method' in message)) return pass;
    const id = 'id' in message ? (message.id ?? null) : null;
    const envelope = metaOf(message.params);
    const version = envelope[PROTOCOL_VERSION_META_KEY];
    if (typeof version === 'string' && !MODERN_VERSIONS.includes(version)) return refuseVersion(id, version);
    if (version !== undefined) {
      const complete = typeof version === 'string' && isJsonObject(envelope[CLIENT_CAPABILITIES_META_KEY]);
      // A client that only asked what is supported may still go on with the older handshake.
      const asksOnly = id === null || message.method === 'server/discover';
      if (opened === 'no' && complete && !asksOnly) opened = 'modern';
      return pass;
    }
    if (message.method === 'initialize' && opened === 'no') opened = 'legacy';
    if (opened !== 'no' || message.method === 'ping') return pass;
    if (id === null) return { type: 'ignore', reason: `${message.method.slice(0, 60)} before the handshake` };
    return refuse(id, INVALID_REQUEST, NOT_OPENED);
  };
}

const NOT_OPENED =
  'Not initialized: send "initialize" first, or, for protocol version 2026-07-28, put ' +
  '"io.modelcontextprotocol/protocolVersion" and "io.modelcontextprotocol/clientCapabilities" into "params._meta".';

function refuseVersion(id: RequestId | null, requested: string): Inbound {
  if (id === null) return { type: 'ignore', reason: 'notification of an unknown protocol version' };
  const error = new UnsupportedProtocolVersionError({ supported: MODERN_VERSIONS, requested: requested.slice(0, 60) });
  return refuse(id, error.code, error.message, error.data);
}

function metaOf(params: unknown): Readonly<Record<string, unknown>> {
  return isJsonObject(params) && isJsonObject(params._meta) ? params._meta : {};
}
