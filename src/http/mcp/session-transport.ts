import {
  isJSONRPCErrorResponse,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type RequestId,
  WebStandardStreamableHTTPServerTransport,
  type WebStandardStreamableHTTPServerTransportOptions,
} from '@modelcontextprotocol/server';
import { plainError } from '../../mcp/json-rpc/plain-error.ts';

/** Never on the wire: it ends a cancelled request for the SDK, which would remember it for ever. */
export const CANCELLED = -32800;

/** The SDK's transport of one session, which also knows the requests that still run. */
export class SessionTransport extends WebStandardStreamableHTTPServerTransport {
  /** Each with what gives back the room of its body. */
  readonly open = new Map<RequestId, () => void>();
  readonly #onSettled: () => void;

  constructor(options: WebStandardStreamableHTTPServerTransportOptions, onSettled: () => void) {
    super(options);
    this.#onSettled = onSettled;
  }

  override async send(message: JSONRPCMessage, options?: { relatedRequestId?: RequestId }): Promise<void> {
    const isAnswer = isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message);
    if (isAnswer && message.id !== undefined) this.#settle(message.id);
    await super.send('error' in message ? { ...message, error: plainError(message.error) } : message, options);
  }

  /** Ends the stream of a cancelled request without a word: the SDK answers none, and leaves its stream open. */
  async abandon(id: RequestId): Promise<void> {
    if (!this.open.has(id)) return;
    this.closeSSEStream(id);
    this.#settle(id);
    await super.send({ jsonrpc: '2.0', id, error: { code: CANCELLED, message: 'cancelled' } });
  }

  /** None runs any more. */
  forgetAll(): void {
    for (const giveBack of this.open.values()) giveBack();
    this.open.clear();
  }

  /** It runs no more. */
  forget(id: RequestId): void {
    this.open.get(id)?.();
    this.open.delete(id);
  }

  #settle(id: RequestId): void {
    this.forget(id);
    this.#onSettled();
  }
}
