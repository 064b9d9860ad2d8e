import type { RequestId } from '@modelcontextprotocol/server';
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
} from '../json-rpc/check-envelope.ts';
import type { Line } from './line-reader.ts';

/** The largest message. Room for 10 MB of text with every character escaped, or one large image. */
export const LINE_BYTES_MAX = 32 * 1024 * 1024;

/** A line as a JSON-RPC message whose envelope is sound, or the refusal it earns. */
export function readMessage(line: Line): Inbound {
  if (line.type === 'oversize') return refuseOversize(line);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(line.bytes);
  } catch {
    return refuse(null, PARSE_ERROR, 'The line is not valid UTF-8.');
  }
  if (text.trim() === '') return { type: 'ignore', reason: 'empty line' };
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse(null, PARSE_ERROR, 'The line is not JSON; send one JSON-RPC message a line.');
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

/**
 * Clients write `id` first or last, so an end of the line names the request and its caller need not
 * wait for a timeout. Anchored at the very ends: what matches there cannot be part of a text.
 */
function refuseOversize({ byteCount, head, tail }: Extract<Line, { type: 'oversize' }>): Refusal {
  const first = /^\s*\{\s*(?:"(?:jsonrpc|method)"\s*:\s*"[^"\\]*"\s*,\s*)*"id"\s*:\s*("[^"\\]*"|-?\d{1,15})\s*,/.exec(
    head,
  );
  const last = /[{,]\s*"id"\s*:\s*("[^"\\]*"|-?\d{1,15})\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/.exec(tail);
  const id = first?.[1] ?? last?.[1];
  const figures = `${byteCount.toLocaleString('en-US')} bytes; at most ${LINE_BYTES_MAX.toLocaleString('en-US')} are accepted`;
  const message = `The message has ${figures}. Send less text or smaller images.`;
  return refuse(id === undefined ? null : (JSON.parse(id) as RequestId), INVALID_REQUEST, message);
}
