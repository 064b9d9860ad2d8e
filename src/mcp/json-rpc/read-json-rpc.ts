import { findBadKey } from '../../core/bad-json-key.ts';
import { isJsonObject, type JsonValue } from '../../core/json.ts';
import {
  checkEnvelope,
  INVALID_PARAMS,
  INVALID_REQUEST,
  type Inbound,
  PARSE_ERROR,
  type Refusal,
  refuse,
  toRequestId,
} from './check-envelope.ts';

/** Bytes as one JSON-RPC message whose envelope is sound, or the refusal they earn. */
export function readJsonRpc(bytes: Uint8Array): Inbound {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse(null, PARSE_ERROR, 'The message is not valid UTF-8.');
  }
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse(null, PARSE_ERROR, 'The message is not JSON; send one JSON-RPC message at a time.');
  }
  return refuseBadKey(text, value) ?? checkEnvelope(value);
}

/** Of a key that stands twice one program reads the first, the next one the last: neither may be obeyed. */
function refuseBadKey(text: string, value: JsonValue): Refusal | undefined {
  const bad = isJsonObject(value) ? findBadKey(text) : undefined;
  if (!bad || !isJsonObject(value)) return undefined;
  const { key, fault, depth } = bad;
  const id = depth === 1 && key === 'id' ? null : toRequestId(value.id);
  const name = JSON.stringify(key.slice(0, 60));
  const message = fault === 'repeated' ? `${name} stands twice in the same object.` : `${name} is no argument.`;
  return refuse(id, depth === 1 ? INVALID_REQUEST : INVALID_PARAMS, message);
}
