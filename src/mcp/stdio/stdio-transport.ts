import type { Readable, Writable } from 'node:stream';
import type { JSONRPCMessage, RequestId, Transport } from '@modelcontextprotocol/server';
import { INVALID_REQUEST, type Inbound, type Refusal, refuse } from '../json-rpc/check-envelope.ts';
import { plainError } from '../json-rpc/plain-error.ts';
import { createEraGuard } from './era-guard.ts';
import { createLineReader, type Line } from './line-reader.ts';
import { LINE_BYTES_MAX, readMessage } from './read-message.ts';

/** Answers a client may leave unread before we stop doing what it asks. */
const UNREAD_BYTES_MAX = 64 * 1024 * 1024;
/** What is read on meanwhile, undone: only a reader learns that the input ended. */
const HELD_BYTES_MAX = 1024 * 1024;
/** Requests that may run at once; a client with more is not waiting for answers. */
const REQUESTS_MAX = 1_000;

export type StdioTransportOptions = {
  readonly input: Readable;
  readonly output: Writable;
  /** Called once or more when no further input can come. */
  readonly onEnd: () => void;
  /** Lines that earned no answer, for the log. */
  readonly onIgnored?: (reason: string) => void;
};

/**
 * The wire: one JSON-RPC message a line. Unlike the SDK's transport it answers bad lines, bounds
 * their length without ending the connection, and knows which requests are still open.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport['onmessage'];

  readonly #options: StdioTransportOptions;
  readonly #lines = createLineReader(LINE_BYTES_MAX);
  readonly #guard = createEraGuard();
  readonly #open = new Set<RequestId>();
  /** What we asked the client and it has not answered. */
  readonly #asked = new Set<RequestId>();
  #idle: (() => void) | undefined;
  /** Chunks of input that wait until the client reads on; undefined while it does. */
  #held: Buffer[] | undefined;
  #heldBytes = 0;
  #closed = false;

  constructor(options: StdioTransportOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { input, onEnd } = this.#options;
    input.on('data', (chunk: Buffer) => this.#take(chunk));
    input.once('end', () => {
      // What is held stays undone: who closed both ends waits for no answer.
      if (this.#held === undefined) this.#receive(this.#lines.end());
      onEnd();
    });
    input.once('error', onEnd);
    input.once('close', onEnd);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#closed) throw new Error('the stdio connection is closed');
    if ('method' in message && 'id' in message && message.id !== undefined) this.#asked.add(message.id);
    this.#write('error' in message ? { ...message, error: plainError(message.error) } : message);
    if ('id' in message && !('method' in message) && message.id !== undefined) this.#settle(message.id);
  }

  /** Resolves when every request is answered or cancelled, at the latest after the given time. */
  async whenIdle(waitMsMax: number): Promise<void> {
    if (this.#open.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idle = resolve;
    const timer = setTimeout(resolve, waitMsMax);
    await promise;
    clearTimeout(timer);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.input.pause();
    this.onclose?.();
  }

  #take(chunk: Buffer): void {
    if (this.#held === undefined) {
      this.#receive(this.#lines.push(chunk));
      return;
    }
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes >= HELD_BYTES_MAX) this.#options.input.pause();
  }

  #goOn(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#heldBytes = 0;
    if (this.#closed) return;
    this.#options.input.resume();
    for (const chunk of held) this.#take(chunk);
  }

  #receive(lines: readonly Line[]): void {
    for (const line of lines) {
      if (this.#closed) return;
      const inbound = this.#admit(readMessage(line));
      if (inbound.type === 'message') this.onmessage?.(inbound.message);
      else if (inbound.type === 'ignore' && this.#isAwaited(inbound.response)) this.onmessage?.(inbound.response);
      else if (inbound.type === 'refuse') this.#refuse(inbound);
      else this.#options.onIgnored?.(inbound.reason);
    }
  }

  /** An answer to a question of ours, such as an elicitation of the older era; each is taken once. */
  #isAwaited(response: JSONRPCMessage | undefined): response is JSONRPCMessage {
    return response !== undefined && 'id' in response && response.id !== undefined && this.#asked.delete(response.id);
  }

  #admit(inbound: Inbound): Inbound {
    if (inbound.type !== 'message') return inbound;
    const guarded = this.#guard(inbound.message);
    if (guarded.type !== 'message' || !('method' in guarded.message)) return guarded;
    const { message } = guarded;
    if (!('id' in message) || message.id === undefined) {
      // The SDK sends no answer to a cancelled request, so it is settled here.
      if (message.method === 'notifications/cancelled') this.#settle(message.params?.requestId as RequestId);
      return guarded;
    }
    if (this.#open.has(message.id))
      return refuse(message.id, INVALID_REQUEST, `Request id ${JSON.stringify(message.id)} is still in use.`);
    if (this.#open.size >= REQUESTS_MAX) {
      return refuse(message.id, INVALID_REQUEST, `More than ${REQUESTS_MAX} requests are open; wait for answers.`);
    }
    this.#open.add(message.id);
    return guarded;
  }

  #refuse({ id, code, message, data }: Refusal): void {
    this.onerror?.(new Error(message));
    this.#write({ jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data }) } });
  }

  #write(message: object): void {
    const { output } = this.#options;
    output.write(`${JSON.stringify(message)}\n`);
    if (output.writableLength < UNREAD_BYTES_MAX || this.#held !== undefined) return;
    this.#held = [];
    output.once('drain', () => this.#goOn());
  }

  #settle(id: RequestId): void {
    this.#open.delete(id);
    if (this.#open.size === 0) this.#idle?.();
  }
}
