import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonValue } from '../../core/json/json.ts';
import type { Pace, ScriptedAnswer, ScriptedFailure, ScriptedUsage, VendorCall } from './scripted.ts';
import type { VendorWire, WireReply, WireRequest } from './vendor-wire.ts';

/** One line of the vendor's books. */
export type VendorRequest = WireRequest & {
  readonly call: VendorCall | undefined;
  /** `open` until it ends; `aborted` when the client or a fault closed the connection first. */
  outcome: 'open' | 'answered' | 'aborted';
  status?: number;
  /** What the vendor told the client and would bill; absent until the reply has left in full. */
  usage?: ScriptedUsage;
};

export type Delivery = {
  readonly reply: WireReply;
  readonly request: VendorRequest;
  readonly response: ServerResponse;
  readonly pace: Pace;
};

export type SimulatedVendorOptions = {
  readonly port?: number;
  readonly models: readonly string[];
  /** Any key is taken when absent. */
  readonly keys?: readonly string[];
  readonly answer: (
    call: Extract<VendorCall, { type: 'chat' }>,
    request: VendorRequest,
  ) => ScriptedAnswer | ScriptedFailure;
  readonly pace?: Pace;
  /** Puts the reply on the wire; a test's faults stand here. */
  readonly deliver?: (delivery: Delivery) => Promise<void>;
};

export type SimulatedVendor = {
  readonly baseUrl: string;
  readonly origin: string;
  readonly requests: readonly VendorRequest[];
  /** Closes every connection. */
  close(): Promise<void>;
};

const NO_PACE: Pace = { firstMs: 0, frameMs: 0 };

/** Starts a vendor on loopback that speaks its real wire and keeps exact books. */
export async function startSimulatedVendor(
  wire: VendorWire,
  options: SimulatedVendorOptions,
): Promise<SimulatedVendor> {
  const requests: VendorRequest[] = [];
  const { deliver = deliverPlainly } = options;
  const server = createServer(async (incoming, response) => {
    response.on('error', () => {});
    try {
      const request = await receive(incoming, wire);
      requests.push(request);
      response.once('close', () => {
        request.outcome = response.writableFinished ? 'answered' : 'aborted';
      });
      const { reply, pace } = replyTo(request, wire, options);
      request.status = reply.status;
      await deliver({ reply, request, response, pace });
      if (reply.usage && response.writableEnded) request.usage = reply.usage;
    } catch {
      // The client left; the request's outcome says so.
      response.destroy();
    }
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    baseUrl: origin + wire.basePath,
    requests,
    async close() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

async function receive(incoming: IncomingMessage, wire: VendorWire): Promise<VendorRequest> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  const url = new URL(incoming.url ?? '/', 'http://vendor');
  const request: WireRequest = {
    method: incoming.method ?? 'GET',
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    headers: incoming.headers,
    body: parsed(Buffer.concat(pieces).toString('utf8')),
  };
  return { ...request, call: wire.read(request), outcome: 'open' };
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function replyTo(
  request: VendorRequest,
  wire: VendorWire,
  { models, keys, answer, pace = NO_PACE }: SimulatedVendorOptions,
): { readonly reply: WireReply; readonly pace: Pace } {
  const { call } = request;
  const fail = (failure: ScriptedFailure) => ({ reply: wire.failure(failure, call), pace });
  if (!call) return fail({ failure: 'unknown_model', message: `Unknown route ${request.method} ${request.path}` });
  if (keys && !keys.includes(call.key ?? '')) return fail({ failure: 'auth' });
  if (call.type === 'models') return { reply: wire.models(models), pace };
  if (!models.includes(call.model)) return fail({ failure: 'unknown_model' });
  if (call.type === 'embed') {
    const usage = { ...NO_TOKENS, inputTokens: call.input.reduce((sum, text) => sum + tokensIn(text), 0) };
    const reply = wire.embeddings?.(
      call.input.map((text) => vectorOf(text, call.dimensions)),
      call.model,
      usage,
    );
    return reply ? { reply: { ...reply, usage }, pace } : fail({ failure: 'invalid' });
  }
  const said = answer(call, request);
  if ('failure' in said) return fail(said);
  return { reply: call.stream ? wire.stream(said, call) : wire.whole(said, call), pace: said.pace ?? pace };
}

const NO_TOKENS: ScriptedUsage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
};

/** Four characters a token, as a rule of thumb; simulated vendors count their own way. */
export function tokensIn(text: string): number {
  return Math.ceil([...text].length / 4);
}

/** The same text always has the same vector. */
function vectorOf(text: string, dimensions = 8): readonly number[] {
  const sums = new Array<number>(dimensions).fill(0);
  for (const [index, char] of [...text].entries())
    sums[index % dimensions] = (sums[index % dimensions] ?? 0) + (char.codePointAt(0) ?? 0);
  return sums.map((sum) => (sum % 200) / 100 - 1);
}

/** Frame by frame at the given pace; stops when the client leaves. */
export async function deliverPlainly({ reply, response, pace }: Delivery): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const wait = (delayMs: number) => (delayMs > 0 ? sleep(delayMs, undefined, { signal: gone.signal }) : undefined);
  const streamed = reply.frames.length > 1;
  await wait(pace.firstMs + (streamed ? 0 : pace.frameMs));
  response.writeHead(reply.status, reply.headers);
  for (const [index, frame] of reply.frames.entries()) {
    if (index > 0) await wait(pace.frameMs);
    if (!response.write(frame)) await once(response, 'drain', { signal: gone.signal });
  }
  response.end();
}
