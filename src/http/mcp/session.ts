import { randomBytes } from 'node:crypto';
import type { JSONRPCMessage, McpServer, RequestId } from '@modelcontextprotocol/server';
import { INVALID_REQUEST } from '../../mcp/json-rpc/check-envelope.ts';
import { EventLog, type KeptAnswers } from './event-log.ts';
import { REFUSED, refuseWith } from './json-rpc-response.ts';
import type { CreateServer, McpCall } from './mcp-call.ts';
import type { SessionLimits } from './session-limits.ts';
import { SessionTransport } from './session-transport.ts';

/** Not to be guessed: it names a conversation, though only its own tenant may join it. */
const ID_BYTES = 24;

export type SessionOptions = {
  readonly createServer: CreateServer;
  readonly caller: McpCall['caller'];
  readonly limits: SessionLimits;
  readonly kept: KeptAnswers;
  readonly nowMs: () => number;
  readonly onError: (error: Error) => void;
  readonly onClose: (session: Session) => void;
};

/** A conversation of the older era: one server instance, and everything it still works on. */
export class Session {
  readonly id = randomBytes(ID_BYTES).toString('base64url');
  readonly tenant: string;
  readonly openedAtMs: number;
  lastUsedAtMs: number;
  /** Asked something since it was opened. */
  used = false;
  /** Nobody may join it any more; it ends when it does not work. */
  isWithdrawn = false;
  readonly #options: SessionOptions;
  readonly #server: McpServer;
  readonly #transport: SessionTransport;
  readonly #log: EventLog;
  readonly #ending = new AbortController();

  constructor(options: SessionOptions) {
    const { caller, createServer, limits, nowMs } = options;
    this.#options = options;
    this.tenant = caller.tenant;
    this.openedAtMs = nowMs();
    this.lastUsedAtMs = this.openedAtMs;
    this.#log = new EventLog(options.kept, nowMs);
    this.#server = createServer({ caller, era: 'legacy', ending: this.#ending.signal });
    this.#server.server.onerror = options.onError;
    this.#transport = new SessionTransport(
      {
        sessionIdGenerator: () => this.id,
        eventStore: this.#log,
        retryInterval: limits.retryMs,
        keepAliveMs: limits.keepAliveMs,
      },
      () => this.#touch(),
    );
  }

  get isBusy(): boolean {
    return this.#transport.open.size > 0;
  }

  /** Answers `initialize`. */
  async start(request: Request, message: JSONRPCMessage): Promise<Response> {
    await this.#server.connect(this.#transport);
    const { onclose } = this.#transport;
    this.#transport.onclose = () => {
      onclose?.();
      this.#transport.forgetAll();
      this.#log.clear();
      this.#options.onClose(this);
    };
    return this.#transport.handleRequest(request, { parsedBody: message });
  }

  /**
   * Hands a message to the server. A request whose client goes runs on, and its answer is kept: in
   * this era leaving is not cancelling. Until it is over the room of its body, which `takeBody` takes over, stays taken.
   */
  async post(request: Request, message: JSONRPCMessage, takeBody: () => () => void): Promise<Response> {
    this.#touch();
    const id = 'method' in message && 'id' in message ? message.id : undefined;
    if (id === undefined) return this.#notify(request, message);
    this.used = true;
    const refused = this.#refuseRequest(id);
    if (refused) return refused;
    this.#transport.open.set(id, takeBody());
    const response = await this.#transport.handleRequest(request, { parsedBody: message });
    // Refused by the SDK: the server never saw it.
    if (!response.ok) this.#transport.forget(id);
    return response;
  }

  /** The rest of a stream whose connection broke. */
  async resume(request: Request, lastEventId: string): Promise<Response> {
    this.#touch();
    switch (this.#log.placeOf(lastEventId)) {
      case 'unknown':
        return refuseWith(400, { id: null, code: REFUSED, message: 'There is no such event, or no longer.' });
      // What EventSource knows as "do not come back": clients would ask for the rest of an ended stream for ever.
      case 'over':
        return new Response(null, { status: 204 });
      case 'open':
        return beginningWith(await this.#transport.handleRequest(request), primerFor(request, lastEventId));
    }
  }

  /** DELETE: the client ends the session, and with it what still runs. */
  end(request: Request): Promise<Response> {
    return this.#transport.handleRequest(request);
  }

  /** Ends what runs with this reason; each call still gets its answer. */
  interrupt(reason: Error): void {
    this.#ending.abort(reason);
  }

  expireAnswers(): void {
    this.#log.expire();
  }

  async close(): Promise<void> {
    await this.#server.close();
  }

  async #notify(request: Request, message: JSONRPCMessage): Promise<Response> {
    const response = await this.#transport.handleRequest(request, { parsedBody: message });
    const cancelled = response.ok ? cancelledId(message) : undefined;
    if (cancelled !== undefined) await this.#transport.abandon(cancelled);
    return response;
  }

  /** Two requests with one id would get each other's answers. */
  #refuseRequest(id: RequestId): Response | undefined {
    const { open } = this.#transport;
    const { requestsMax } = this.#options.limits;
    if (open.has(id)) {
      const message = `Request id ${JSON.stringify(id)} is still in use.`;
      return refuseWith(400, { id, code: INVALID_REQUEST, message });
    }
    if (open.size < requestsMax) return undefined;
    const message = `More than ${requestsMax} requests of this session are open; wait for answers.`;
    return refuseWith(429, { id, code: REFUSED, message }, { 'retry-after': '1' });
  }

  #touch(): void {
    this.lastUsedAtMs = this.#options.nowMs();
  }
}

/** Of the older versions clients take an event without data for a broken message. */
const PRIMED_SINCE = '2025-11-25';

/**
 * Where the client stands, told once more: both SDKs remember it for one connection only, and one that broke before its
 * first event would leave them with nothing to ask for.
 */
function primerFor({ headers }: Request, lastEventId: string): string {
  const version = headers.get('mcp-protocol-version') ?? '';
  return version >= PRIMED_SINCE ? `id: ${lastEventId}\ndata: \n\n` : '';
}

function beginningWith(response: Response, text: string): Response {
  if (!response.ok || !response.body || text === '') return response;
  const { status, headers } = response;
  const whole = new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
  });
  return new Response(response.body.pipeThrough(whole), { status, headers });
}

function cancelledId(message: JSONRPCMessage): RequestId | undefined {
  if (!('method' in message) || message.method !== 'notifications/cancelled') return undefined;
  const id = message.params?.requestId;
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}
