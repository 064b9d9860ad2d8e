import { isJsonObject, type JsonValue } from '../../core/json/json.ts';
import {
  findJsonExcess,
  JSON_ALL_MEMBERS_MAX,
  JSON_MEMBERS_MAX,
  JSON_VALUES_MAX,
} from '../../core/json/json-excess.ts';
import { findStructureFault } from '../../core/json/json-structure.ts';
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

/** Parsing takes this much without harm. Tools refuse far less by themselves, and can say which request it was. */
const DEPTH_MAX = 200_000;

/** Bytes as one JSON-RPC message whose envelope is sound, or the refusal they earn. */
export function readJsonRpc(bytes: Uint8Array): Inbound {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse(null, PARSE_ERROR, 'The message is not valid UTF-8.');
  }
  const excess = findJsonExcess(text, DEPTH_MAX);
  if (excess === 'deep') return refuse(null, INVALID_REQUEST, `The message is nested deeper than ${DEPTH_MAX} levels.`);
  if (excess === 'many') return refuse(null, INVALID_REQUEST, `The message holds more than ${JSON_VALUES_MAX} values.`);
  if (excess === 'wide') {
    return refuse(null, INVALID_REQUEST, `The message holds an object of more than ${JSON_MEMBERS_MAX} members.`);
  }
  if (excess === 'crowded') {
    return refuse(null, INVALID_REQUEST, `The objects in the message hold more than ${JSON_ALL_MEMBERS_MAX} members.`);
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
  const bad = isJsonObject(value) ? findStructureFault(text) : undefined;
  if (!bad || bad.fault === 'deep' || !isJsonObject(value)) return undefined;
  const { key, fault, depth } = bad;
  const id = depth === 1 && key === 'id' ? null : toRequestId(value.id);
  const name = JSON.stringify(key.slice(0, 60));
  const message = fault === 'repeated' ? `${name} stands twice in the same object.` : `${name} is no argument.`;
  return refuse(id, depth === 1 ? INVALID_REQUEST : INVALID_PARAMS, message);
}
