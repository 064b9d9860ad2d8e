import { INITIALIZE, MODERN, type WireMessage } from '../../mcp/spawn-server.ts';
import { TOKEN } from './start-mcp.ts';

export type Sent = {
  readonly status: number;
  readonly headers: Headers;
  /** Of the JSON or of the events of the answer. */
  readonly messages: readonly WireMessage[];
  /** Comments, ids and the rest, as they came. */
  readonly text: string;
};

export type SendOptions = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string;
  readonly session?: string;
  readonly signal?: AbortSignal;
};

export const ACCEPT = 'application/json, text/event-stream';

/** Sends a body, whatever it is, and reads the whole answer. */
export async function post(url: string, body: string | object, options: SendOptions = {}): Promise<Sent> {
  const response = await open(url, body, options);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, messages: messagesIn(text) };
}

/** As `post`, without reading. */
export function open(url: string, body: string | object, options: SendOptions = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { accept: ACCEPT, 'content-type': 'application/json', ...headersOf(options) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(options.signal && { signal: options.signal }),
  });
}

/** Reads a whole answer that goes on until its call is let go, which it is once so much has come. */
export async function readHeld(response: Response, isEnough: (text: string) => boolean, letGo: () => void) {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (isEnough(text)) letGo();
  }
  return { headers: response.headers, text, messages: messagesIn(text) };
}

/** A GET or DELETE of a session. */
export async function ask(url: string, method: 'GET' | 'DELETE' | 'PUT', options: SendOptions = {}): Promise<Sent> {
  const response = await fetch(url, { method, headers: { accept: 'text/event-stream', ...headersOf(options) } });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, messages: messagesIn(text) };
}

function headersOf({ token = TOKEN, session, headers }: SendOptions): Record<string, string> {
  return {
    authorization: `Bearer ${token}`,
    ...(session !== undefined && { 'mcp-session-id': session }),
    ...headers,
  };
}

export function messagesIn(text: string): readonly WireMessage[] {
  if (text.startsWith('{')) return [JSON.parse(text)];
  const data = text.split('\n').filter((line) => line.startsWith('data: {'));
  return data.map((line) => JSON.parse(line.slice('data: '.length)));
}

type Request = { readonly id: string | number; readonly method: string; readonly params?: object };

/** A request of 2026-07-28 with the headers that must agree with it. */
export function modern({ id, method, params = {} }: Request, meta: object = {}) {
  const given = params as { name?: unknown; uri?: unknown };
  const name = method === 'resources/read' ? given.uri : given.name;
  return {
    body: { jsonrpc: '2.0', id, method, params: { ...params, _meta: { ...MODERN._meta, ...meta } } },
    headers: {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': encodeName(name) }),
    },
  };
}

type ModernOptions = SendOptions & { readonly meta?: object };

/** Sends a request of 2026-07-28. */
export function sendModern(url: string, request: Request, options: ModernOptions = {}) {
  const { body, headers } = modern(request, options.meta);
  return post(url, body, { ...options, headers: { ...headers, ...options.headers } });
}

/** As `sendModern`, without reading. */
export function openModern(url: string, request: Request, options: ModernOptions = {}) {
  const { body, headers } = modern(request, options.meta);
  return open(url, body, { ...options, headers: { ...headers, ...options.headers } });
}

/** What a header cannot carry travels in Base64 (SEP-2243). */
function encodeName(name: string): string {
  return /^[\x21-\x7e]*$/.test(name) ? name : `=?base64?${Buffer.from(name).toString('base64')}?=`;
}

export function completeCall(prompt: string, id: string | number = 1) {
  return { id, method: 'tools/call', params: { name: 'complete', arguments: { prompt } } } as const;
}

/** A request of the older era. */
export function rpc(request: Request) {
  return { jsonrpc: '2.0', ...request };
}

/** The id of a session that was just opened. */
export async function openSession(url: string, options: SendOptions = {}): Promise<string> {
  const { headers } = await post(url, INITIALIZE, options);
  const session = headers.get('mcp-session-id') ?? '';
  await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' }, { ...options, session });
  return session;
}
