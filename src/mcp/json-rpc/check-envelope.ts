import {
  isJSONRPCRequest,
  type JSONRPCMessage,
  PROTOCOL_VERSION_META_KEY,
  type RequestId,
} from '@modelcontextprotocol/server';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json/json.ts';

/** JSON-RPC's own codes. */
export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const INVALID_PARAMS = -32602;

/** Of what the SDK reads itself: it goes down step by step, and would run out of stack. */
const DEPTH_MAX = 100;

/** Of a request. What else stands beside them would have been meant for `params`. */
const MEMBERS: readonly string[] = ['jsonrpc', 'id', 'method', 'params'];
const NAME_CHARACTERS_MAX = 60;
/**
 * Of a message, as JSON, without the arguments of its tool: the SDK keeps a handshake as long as its session, and repeats
 * what it refuses, over HTTP twice.
 */
const ENVELOPE_CHARACTERS_MAX = 65_536;

/** How deep the protocol has fields of its own: `params`, `_meta`, capabilities, one of these. */
const FIELD_LEVELS = 4;

const UNKNOWN_CURSOR = '"cursor" is none that was given out: the list is one page; leave it out.';

export type Refusal = {
  readonly type: 'refuse';
  /** Null when the line does not tell. */
  readonly id: RequestId | null;
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
};

export type Inbound =
  | { readonly type: 'message'; readonly message: JSONRPCMessage }
  /** Nothing to answer: an empty line, or a response, which is shown to those who may have asked. */
  | { readonly type: 'ignore'; readonly reason: string; readonly response?: JSONRPCMessage }
  | Refusal;

export function refuse(id: RequestId | null, code: number, message: string, data?: unknown): Refusal {
  return { type: 'refuse', id, code, message, ...(data !== undefined && { data }) };
}

/**
 * A parsed value as a JSON-RPC message whose envelope is sound, or the refusal it earns, on every
 * transport. What stands inside a sound envelope is the SDK's and the tools' to check.
 */
export function checkEnvelope(value: JsonValue): Inbound {
  if (Array.isArray(value)) {
    return refuse(null, INVALID_REQUEST, 'Batches are not supported; send one JSON-RPC message at a time.');
  }
  if (!isJsonObject(value)) return refuse(null, INVALID_REQUEST, 'A JSON-RPC message must be an object.');
  const id = toRequestId(value.id);
  if (value.jsonrpc !== '2.0') return refuse(id, INVALID_REQUEST, '"jsonrpc" must be "2.0".');
  if (!('method' in value)) {
    if ('result' in value || 'error' in value) {
      if (isTooDeep(value))
        return refuse(null, INVALID_REQUEST, `The response is nested deeper than ${DEPTH_MAX} levels.`);
      return { type: 'ignore', reason: 'response to no request of ours', response: toResponse(value) };
    }
    return refuse(id, INVALID_REQUEST, '"method" is required.');
  }
  if (typeof value.method !== 'string') return refuse(id, INVALID_REQUEST, '"method" must be a text.');
  if ('id' in value && id === null) {
    return refuse(null, INVALID_REQUEST, '"id" must be a text or a whole number; leave it out for a notification.');
  }
  if ('result' in value || 'error' in value) {
    return refuse(id, INVALID_REQUEST, 'A message has either "method", or "result" or "error", not both.');
  }
  const { params: given = null } = value;
  if (given !== null && !isJsonObject(given)) return refuse(id, INVALID_PARAMS, '"params" must be an object.');
  const stray = 'id' in value && Object.keys(value).find((name) => !MEMBERS.includes(name));
  if (stray) {
    const name = JSON.stringify(stray.slice(0, NAME_CHARACTERS_MAX));
    return refuse(id, INVALID_REQUEST, `${name} is no member of a request; arguments belong into "params".`);
  }
  const params = given === null ? undefined : withoutNulls(given);
  const fault = ('id' in value && faultOfParams(value.method, params ?? {})) || faultOfEnvelope(value);
  if (fault) return refuse(id, INVALID_PARAMS, fault);
  const { params: _, ...rest } = value;
  const message = { ...rest, ...(params && { params }) };
  // The SDK drops what it does not recognize, and the client would wait for ever.
  if ('id' in message && !isJSONRPCRequest(message)) {
    return refuse(id, INVALID_PARAMS, '"_meta" holds a value of the wrong kind.');
  }
  // The envelope was checked above; what stands inside is the SDK's and the tools' to check.
  return { type: 'message', message: message as JSONRPCMessage };
}

/** One that says nothing is an empty result, for whoever asked to refuse: the SDK would drop it, and its question wait on. */
function toResponse(value: JsonObject): JSONRPCMessage {
  const { result = {}, error, ...rest } = withoutNulls(value);
  return { ...rest, ...(error === undefined ? { result } : { error }) } as JSONRPCMessage;
}

/**
 * Programs in many languages write null for a field that they leave out, and the SDK takes it for a value of the wrong
 * kind. The arguments of a tool are the tool's to read.
 */
function withoutNulls(fields: JsonObject, levelsLeft = FIELD_LEVELS): JsonObject {
  const set = Object.entries(fields).filter(([, value]) => value !== null);
  return Object.fromEntries(
    set.map(([name, value]) => {
      const isOurs = name !== 'arguments' && levelsLeft > 1 && isJsonObject(value);
      return [name, isOurs ? withoutNulls(value, levelsLeft - 1) : value];
    }),
  );
}

/** What the SDK would answer with a dump of its validator, or as a defect of ours. */
function faultOfParams(method: string, params: JsonObject): string | undefined {
  const meta = params._meta;
  if (meta !== undefined && !isJsonObject(meta)) return '"_meta" must be an object.';
  if (meta && isTooDeep(meta)) return `"_meta" is nested deeper than ${DEPTH_MAX} levels.`;
  const token = meta?.progressToken;
  if (token !== undefined && toRequestId(token) === null) return '"progressToken" must be a text or a whole number.';
  switch (method) {
    case 'tools/call':
      if (typeof params.name !== 'string') return '"name" is required and must be the name of a tool.';
      if (params.arguments !== undefined && !isJsonObject(params.arguments)) return '"arguments" must be an object.';
      return undefined;
    case 'resources/read':
      return typeof params.uri === 'string' ? undefined : '"uri" is required and must be a text.';
    case 'tools/list':
    case 'resources/list':
    case 'resources/templates/list':
      // Empty is how some say that they have none. Of another kind, the SDK says what is wrong.
      return typeof params.cursor === 'string' && params.cursor !== '' ? UNKNOWN_CURSOR : undefined;
    case 'initialize':
      // In the modern era there is no such method, which is what the SDK says of it.
      return meta && PROTOCOL_VERSION_META_KEY in meta ? undefined : faultOfInitialize(params);
    default:
      return undefined;
  }
}

function faultOfInitialize({ protocolVersion, capabilities, clientInfo }: JsonObject): string | undefined {
  if (typeof protocolVersion !== 'string') return '"protocolVersion" is required and must be a text.';
  if (!isJsonObject(capabilities)) return '"capabilities" is required and must be an object.';
  if (isTooDeep(capabilities)) return `"capabilities" is nested deeper than ${DEPTH_MAX} levels.`;
  const named =
    isJsonObject(clientInfo) && typeof clientInfo.name === 'string' && typeof clientInfo.version === 'string';
  return named ? undefined : '"clientInfo" is required and must be an object with a name and a version.';
}

function faultOfEnvelope(message: JsonObject): string | undefined {
  const { method, params } = message;
  const isCall = method === 'tools/call' && isJsonObject(params);
  const envelope = isCall ? { ...message, params: { ...params, arguments: null } } : message;
  if (isTooDeep(envelope)) return `The message is nested deeper than ${DEPTH_MAX} levels, beside its arguments.`;
  if (JSON.stringify(envelope).length <= ENVELOPE_CHARACTERS_MAX) return undefined;
  const most = ENVELOPE_CHARACTERS_MAX.toLocaleString('en-US');
  return `A message may have ${most} characters beside the arguments of a tool; leave out what is large, such as icons.`;
}

function isTooDeep(value: JsonValue, levelsLeft = DEPTH_MAX): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levelsLeft === 0 || Object.values(value).some((child: JsonValue) => isTooDeep(child, levelsLeft - 1));
}

export function toRequestId(value: JsonValue | undefined): RequestId | null {
  return typeof value === 'string' || Number.isSafeInteger(value) ? (value as RequestId) : null;
}
