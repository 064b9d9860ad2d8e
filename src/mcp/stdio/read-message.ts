import type { RequestId } from '@modelcontextprotocol/server';
import { INVALID_REQUEST, type Inbound, type Refusal, refuse } from '../json-rpc/check-envelope.ts';
import { readJsonRpc } from '../json-rpc/read-json-rpc.ts';
import type { Line } from './line-reader.ts';

/** The largest message. Room for 10 MB of text with every character escaped, or one large image. */
export const LINE_BYTES_MAX = 32 * 1024 * 1024;

const SPACE = 0x20;

/** A line as a JSON-RPC message whose envelope is sound, or the refusal it earns. */
export function readMessage(line: Line): Inbound {
  if (line.type === 'oversize') return refuseOversize(line);
  if (line.bytes.every((byte) => byte <= SPACE)) return { type: 'ignore', reason: 'empty line' };
  return readJsonRpc(line.bytes);
}

/** Only one that stands so in valid JSON, in ASCII: of the ends of a line nothing else is known to be. */
const ID = String.raw`"id"\s*:\s*("[ !#-[\]-~]*"|-?(?:0|[1-9]\d{0,14}))\s*`;
const ID_FIRST = new RegExp(String.raw`^\s*\{\s*(?:"(?:jsonrpc|method)"\s*:\s*"[^"\\]*"\s*,\s*)*${ID},`);
const ID_LAST = new RegExp(String.raw`[{,]\s*${ID}(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$`);

/**
 * Clients write `id` first or last, so an end of the line names the request and its caller need not
 * wait for a timeout. Anchored at the very ends: what matches there cannot be part of a text.
 */
function refuseOversize({ byteCount, head, tail }: Extract<Line, { type: 'oversize' }>): Refusal {
  const id = ID_FIRST.exec(head)?.[1] ?? ID_LAST.exec(tail)?.[1];
  const figures = `${byteCount.toLocaleString('en-US')} bytes; at most ${LINE_BYTES_MAX.toLocaleString('en-US')} are accepted`;
  const message = `The message has ${figures}. Send less text or smaller images.`;
  return refuse(id === undefined ? null : (JSON.parse(id) as RequestId), INVALID_REQUEST, message);
}
