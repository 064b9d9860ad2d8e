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
