import {
  isInitializeRequest,
  isLegacyRequest,
  type JSONRPCMessage,
  PROTOCOL_VERSION_META_KEY,
  type RequestId,
  SUPPORTED_PROTOCOL_VERSIONS,
  UnsupportedProtocolVersionError,
} from '@modelcontextprotocol/server';
import { GatewayError } from '../../core/errors.ts';
import { isJsonObject } from '../../core/json/json.ts';
import type { Logger } from '../../core/ports.ts';
import { INVALID_PARAMS, INVALID_REQUEST, type Inbound } from '../../mcp/json-rpc/check-envelope.ts';
import { readJsonRpc } from '../../mcp/json-rpc/read-json-rpc.ts';
import { requireJson } from '../request/content-type.ts';
import type { OpenRequest } from '../request/open-request.ts';
import { readBody } from '../request/read-body.ts';
import type { KeptAnswers } from './event-log.ts';
import { REFUSED, refuseWith, SESSION_NOT_FOUND } from './json-rpc-response.ts';
import { Listeners } from './listeners.ts';
import type { CreateServer, McpCall } from './mcp-call.ts';
import { isListen, ModernLeg } from './modern-leg.ts';
import { Session } from './session.ts';
import { DEFAULT_SESSION_LIMITS, type SessionLimits } from './session-limits.ts';
import { type Crowd, Sessions } from './sessions.ts';

export type McpEndpointOptions = {
  readonly createServer: CreateServer;
  readonly logger: Logger;
  readonly limits?: Partial<SessionLimits>;
  /** Monotonic milliseconds; the system's when absent. */
  readonly nowMs?: () => number;
};

/** Who may come in now, after others might. */
type Admission = {
  /** Of a request that was let in: would it not be now, or as somebody else? */
  isWithdrawn(open: OpenRequest): boolean;
  hasTenant(tenant: string): boolean;
};

const VERSIONS: readonly string[] = ['2026-07-28', ...SUPPORTED_PROTOCOL_VERSIONS];
const SESSION_HEADER = 'mcp-session-id';
const RETRY_LATER = { 'retry-after': '30' };

/** MCP over HTTP in both eras, on one path. */
export class McpEndpoint {
  readonly #createServer: CreateServer;
  readonly #limits: SessionLimits;
  readonly #nowMs: () => number;
  readonly #onError: (error: Error) => void;
  readonly #kept: KeptAnswers;
  readonly #sessions: Sessions;
  readonly #modern: ModernLeg;
  readonly #listeners = new Listeners();

  constructor({ createServer, logger, limits, nowMs = () => performance.now() }: McpEndpointOptions) {
    this.#createServer = createServer;
    this.#limits = { ...DEFAULT_SESSION_LIMITS, ...limits };
    this.#nowMs = nowMs;
    this.#onError = ({ message }) => logger.debug({ reason: message.slice(0, 200) }, 'protocol error');
    this.#kept = { characters: 0, charactersMax: this.#limits.keptCharactersMax };
    this.#sessions = new Sessions(this.#limits, nowMs);
    this.#modern = new ModernLeg({ createServer, keepAliveMs: this.#limits.keepAliveMs, onError: this.#onError });
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Tells clients of 2026-07-28 that listen that a list changed. */
  get notify(): ModernLeg['notify'] {
    return this.#modern.notify;
  }

  /** Ends the streams of those that listen: before a server drains, which would wait for them. */
  endListening(): void {
    this.#listeners.end(() => true);
  }

  /** The same of those whose token is withdrawn, and of their sessions what does not work just now. */
  endWithdrawn(admission: Admission): void {
    this.#listeners.end((open) => admission.isWithdrawn(open));
    this.#sessions.endOf((tenant) => !admission.hasTenant(tenant));
  }

  async post(open: OpenRequest, request: Request): Promise<Response> {
    requireJson(open.incoming.headers);
    const inbound = readJsonRpc(await readBody(open));
    if (inbound.type === 'refuse') {
      // In band where the request was understood, as the SDK does it; clients read the error either way.
      const isInBand = inbound.code === INVALID_PARAMS && inbound.id !== null;
      return refuseWith(isInBand ? 200 : 400, inbound);
    }
    const message = messageOf(inbound);
    const refused = refuseVersion(request, message);
    if (refused) return refused;
    if (await isLegacyRequest(request, message)) return this.#postLegacy(open, request, message);
    const { client: _, ...caller } = open.caller;
    const call = { caller, ending: open.signal };
    if (!isListen(message)) return this.#modern.post(request, message, call);
    const ending = this.#listeners.enter(open);
    if (!ending) return refuseWith(429, { id: idOf(message), code: REFUSED, message: TOO_MANY_LISTEN }, RETRY_LATER);
    // Who listens for hours has no use for it.
    open.letGoOfBody();
    return this.#modern.post(endingWith(request, ending), message, call);
  }

  /** Only to resume: a server that has nothing to say unasked offers no stream for it. */
  async get(open: OpenRequest, request: Request): Promise<Response> {
    const lastEventId = request.headers.get('last-event-id') ?? '';
    if (lastEventId === '') {
      const message = 'There is no stream to listen on; send requests with POST.';
      return refuseWith(405, { id: null, code: REFUSED, message }, { allow: 'POST, DELETE' });
    }
    const session = this.#sessionOf(open, null);
    if (session instanceof Response) return session;
    this.#interruptWithServer(open, session);
    return refuseVersion(request) ?? session.resume(request, lastEventId);
  }

  async delete(open: OpenRequest, request: Request): Promise<Response> {
    const session = this.#sessionOf(open, null);
    if (session instanceof Response) return session;
    return refuseVersion(request) ?? session.end(request);
  }

  /** Ends all sessions and what they still work on. */
  async close(): Promise<void> {
    const reason = new GatewayError('provider_unavailable', 'Signalbox is shutting down.');
    const closing = this.#sessions.all().map((session) => {
      session.interrupt(reason);
      return session.close();
    });
    await Promise.all([...closing, this.#modern.close()]);
  }

  async #postLegacy(open: OpenRequest, request: Request, message: JSONRPCMessage): Promise<Response> {
    const id = idOf(message);
    if (request.headers.has(SESSION_HEADER)) {
      const session = this.#sessionOf(open, id);
      if (session instanceof Response) return session;
      this.#interruptWithServer(open, session);
      return session.post(request, message, () => open.handOverBody());
    }
    if (!isInitializeRequest(message)) return refuseWith(400, { id, code: INVALID_REQUEST, message: NOT_OPENED });
    const { client: _client, traceparent: _traceparent, ...caller } = open.caller;
    const crowd = this.#sessions.makeRoom(caller.tenant);
    if (crowd !== undefined) return refuseCrowded(id, crowd);
    return this.#open(caller, { request, message });
  }

  async #open(
    caller: McpCall['caller'],
    { request, message }: { readonly request: Request; readonly message: JSONRPCMessage },
  ): Promise<Response> {
    const session = new Session({
      createServer: this.#createServer,
      caller,
      limits: this.#limits,
      kept: this.#kept,
      nowMs: this.#nowMs,
      onError: this.#onError,
      onClose: (closed) => this.#sessions.remove(closed),
    });
    this.#sessions.add(session);
    const response = await session.start(request, message);
    if (!response.ok) await session.close();
    return response;
  }

  /** Another tenant's session is none: who asks learns nothing of it. */
  #sessionOf({ incoming, caller }: OpenRequest, id: RequestId | null): Session | Response {
    const sessionId = incoming.headers[SESSION_HEADER];
    if (typeof sessionId !== 'string') return refuseWith(400, { id, code: INVALID_REQUEST, message: NO_SESSION_ID });
    const session = this.#sessions.find(sessionId, caller.tenant);
    return session ?? refuseWith(404, { id, code: SESSION_NOT_FOUND, message: NO_SUCH_SESSION });
  }

  /** In this era a client that goes cancels nothing; a server that ends does. */
  #interruptWithServer(open: OpenRequest, session: Session): void {
    open.signal.addEventListener('abort', () => {
      if (open.endReason && !open.outgoing.closed) session.interrupt(open.endReason);
    });
  }
}

const NOT_OPENED =
  'Not initialized: send "initialize" first and its Mcp-Session-Id with everything after it, or, for protocol version ' +
  '2026-07-28, put "io.modelcontextprotocol/protocolVersion" and "io.modelcontextprotocol/clientCapabilities" into ' +
  '"params._meta".';
const TOO_MANY_LISTEN = 'Too many streams of this token listen already; end one, or try again later.';
const NO_SESSION_ID = 'The header Mcp-Session-Id is required; "initialize" answers with it.';
const NO_SUCH_SESSION = 'There is no such session, or no longer; send "initialize" without Mcp-Session-Id.';

/** One made anew with this signal would hear it only as long as anybody holds that request, and nobody does. */
function endingWith(request: Request, ending: AbortSignal): Request {
  return Object.defineProperty(request, 'signal', { value: ending });
}

function refuseCrowded(id: RequestId | null, crowd: Crowd): Response {
  const message =
    crowd === 'tenant'
      ? 'All sessions of this token are at work; wait, or end one with DELETE.'
      : 'All sessions of this server are at work; try again shortly.';
  return refuseWith(crowd === 'tenant' ? 429 : 503, { id, code: REFUSED, message }, RETRY_LATER);
}

/** A version nobody serves. One that the body claims, too, is the SDK's to refuse. */
function refuseVersion(request: Request, message?: JSONRPCMessage): Response | undefined {
  const requested = request.headers.get('mcp-protocol-version')?.trim();
  if (requested === undefined || VERSIONS.includes(requested) || claimsVersion(message)) return undefined;
  const {
    code,
    message: text,
    data,
  } = new UnsupportedProtocolVersionError({
    supported: [...VERSIONS],
    requested: requested.slice(0, 60),
  });
  return refuseWith(400, { id: message === undefined ? null : idOf(message), code, message: text, data });
}

function claimsVersion(message: JSONRPCMessage | undefined): boolean {
  if (message === undefined || !('params' in message)) return false;
  const meta: unknown = message.params?._meta;
  return isJsonObject(meta) && PROTOCOL_VERSION_META_KEY in meta;
}

function messageOf(inbound: Exclude<Inbound, { type: 'refuse' }>): JSONRPCMessage {
  const message = inbound.type === 'message' ? inbound.message : inbound.response;
  if (message === undefined) throw new GatewayError('invalid_request', 'The body holds no message.');
  return message;
}

function idOf(message: JSONRPCMessage): RequestId | null {
  return 'method' in message && 'id' in message ? (message.id ?? null) : null;
}
