import {
  createMcpHandler,
  type JSONRPCMessage,
  type McpHttpHandler,
  type McpServer,
} from '@modelcontextprotocol/server';
import { plainError } from '../../mcp/json-rpc/plain-error.ts';
import { keptAlive } from './keep-alive.ts';
import { LISTENERS_MAX } from './listeners.ts';
import type { CreateServer, McpCall } from './mcp-call.ts';

export type ModernLegOptions = {
  readonly createServer: CreateServer;
  /** A silent answer becomes a stream of comments after so long. */
  readonly keepAliveMs: number;
  readonly onError: (error: Error) => void;
};

/** The stateless era (2026-07-28): a server instance a request, which ends when its client goes. */
export class ModernLeg {
  readonly #handler: McpHttpHandler;
  readonly #keepAliveMs: number;
  readonly #calls = new WeakMap<Request, McpCall>();

  constructor({ createServer, keepAliveMs, onError }: ModernLegOptions) {
    this.#keepAliveMs = keepAliveMs;
    this.#handler = createMcpHandler(
      ({ requestInfo }) => {
        const call = requestInfo && this.#calls.get(requestInfo);
        if (call === undefined) throw new Error('a request without its caller');
        return speakPlainly(createServer(call));
      },
      { legacy: 'reject', keepAliveMs, maxSubscriptions: LISTENERS_MAX, onerror: onError },
    );
  }

  /** Tells clients that listen that a list changed. */
  get notify(): McpHttpHandler['notify'] {
    return this.#handler.notify;
  }

  /** The request's signal cancels; what `call.ending` aborts is still answered. */
  async post(request: Request, message: JSONRPCMessage, call: Omit<McpCall, 'era'>): Promise<Response> {
    this.#calls.set(request, { ...call, era: 'modern' });
    return keptAlive(this.#handler.fetch(request, { parsedBody: message }), this.#keepAliveMs);
  }

  close(): Promise<void> {
    return this.#handler.close();
  }
}

export function isListen(message: JSONRPCMessage): boolean {
  return 'method' in message && message.method === 'subscriptions/listen';
}

/** The SDK's own transport of a request repeats its validator's dumps. */
function speakPlainly(server: McpServer): McpServer {
  const connect = server.connect.bind(server);
  server.connect = (transport) => {
    const send = transport.send.bind(transport);
    transport.send = (message, options) =>
      send('error' in message ? { ...message, error: plainError(message.error) } : message, options);
    return connect(transport);
  };
  return server;
}
