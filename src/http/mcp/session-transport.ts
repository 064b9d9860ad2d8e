import {
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
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
  readonly open = new Set<RequestId>();
  /** What the server asked the client within them. */
  readonly #questions = new Map<RequestId, Set<RequestId>>();
  readonly #onSettled: () => void;

  constructor(options: WebStandardStreamableHTTPServerTransportOptions, onSettled: () => void) {
    super(options);
    this.#onSettled = onSettled;
  }

  override async send(message: JSONRPCMessage, options?: { relatedRequestId?: RequestId }): Promise<void> {
    const isAnswer = isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message);
    if (isAnswer && message.id !== undefined) this.#settle(message.id);
    const within = options?.relatedRequestId;
    if (within !== undefined && isJSONRPCRequest(message)) {
      this.#questions.set(within, (this.#questions.get(within) ?? new Set()).add(message.id));
    }
    await super.send('error' in message ? { ...message, error: plainError(message.error) } : message, options);
  }

  /** Answers for a client that is not waited for any longer: a call would never hear that the server ends. */
  endQuestions(reason: Error): void {
    const error = { code: CANCELLED, message: reason.message };
    for (const id of [...this.#questions.values()].flatMap((ids) => [...ids])) {
      this.onmessage?.({ jsonrpc: '2.0', id, error });
    }
  }

  /** Ends the stream of a cancelled request without a word: the SDK answers none, and leaves its stream open. */
  async abandon(id: RequestId): Promise<void> {
    if (!this.open.has(id)) return;
    this.closeSSEStream(id);
    this.#settle(id);
    await super.send({ jsonrpc: '2.0', id, error: { code: CANCELLED, message: 'cancelled' } });
  }

  #settle(id: RequestId): void {
    this.open.delete(id);
    this.#questions.delete(id);
    this.#onSettled();
  }
}
