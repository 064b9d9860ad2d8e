import type { RequestId } from '@modelcontextprotocol/server';

/** Where HTTP itself refuses, in the range JSON-RPC leaves to servers; the MCP SDKs use the same two. */
export const REFUSED = -32000;
export const SESSION_NOT_FOUND = -32001;

export type JsonRpcRefusal = {
  /** Null when the message does not tell. */
  readonly id: RequestId | null;
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
};

/** A JSON-RPC error as the whole answer to an HTTP request. */
export function refuseWith(
  status: number,
  { id, code, message, data }: JsonRpcRefusal,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const error = { code, message, ...(data !== undefined && { data }) };
  return Response.json({ jsonrpc: '2.0', id, error }, { status, headers });
}
