import {
  type CallToolResult,
  CLIENT_INFO_META_KEY,
  type InputRequiredResult,
  McpServer,
  type ServerContext,
  type StandardSchemaWithJSON,
  TRACEPARENT_META_KEY,
} from '@modelcontextprotocol/server';
import { GatewayError, toGatewayError } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/json/json.ts';
import { parseTraceparent } from '../core/network/traceparent.ts';
import type { Logger } from '../core/ports.ts';
import type { CallerInfo } from '../core/request.ts';
import type { ToolName } from '../core/tool-names.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { type AlertsOptions, canSubscribe, registerAlerts } from './alerts.ts';
import { BudgetConsent, verifyState } from './budget-consent.ts';
import { INSTRUCTIONS } from './instructions.ts';
import { createProgressReporter, type ProgressReporter } from './progress.ts';
import { formatCount } from './rendering/format.ts';
import { registerResources } from './resources.ts';
import { failedTool, runTool, type ToolResult } from './run-tool.ts';
import { TOOLS } from './tools/all.ts';
import type { Tool, ToolContext } from './tools/tool.ts';

export type SignalboxServerOptions = {
  readonly gateway: Gateway;
  /** Names of tools, asked whenever they matter: a reload changes them. The order of the list does not depend on it. */
  readonly enabledTools: () => readonly ToolName[];
  /** Whoever made this server tells clients that listen when these change. */
  readonly toldOfTools?: boolean;
  readonly version: string;
  /** Who was let in, which separates cache and books; the tenant `local` when absent. */
  readonly caller?: Omit<CallerInfo, 'client'>;
  /** Aborts what still runs when the process is about to end. */
  readonly ending?: AbortSignal;
  readonly logger?: Logger;
  readonly nameRefusal?: ToolContext['nameRefusal'];
  /** Hears of every call, so that a server that ends can wait for the books. */
  readonly trackCall?: (call: Promise<unknown>) => void;
  /** Absent: without the resource of alerts. */
  readonly alerts?: AlertsOptions;
  /** Between two progress notices; 10 s when absent. */
  readonly progressIntervalMs?: number;
};

/** The lists change only with the configuration. */
const LIST_HINT = { ttlMs: 3_600_000, cacheScope: 'public' } as const;
const CLIENT_NAME_CHARACTERS_MAX = 100;

/** One MCP server for one connection (stdio) or one request (HTTP), of either era. */
export function createSignalboxServer(options: SignalboxServerOptions): McpServer {
  const server = new McpServer(
    { name: 'signalbox', title: 'Signalbox', version: options.version },
    {
      instructions: INSTRUCTIONS,
      capabilities: {
        tools: { listChanged: options.toldOfTools ?? false },
        resources: { listChanged: false, ...(canSubscribe(options.alerts) && { subscribe: true }) },
      },
      cacheHints: {
        'server/discover': LIST_HINT,
        'tools/list': LIST_HINT,
        'resources/list': LIST_HINT,
        'resources/templates/list': LIST_HINT,
        'resources/read': { ttlMs: 0, cacheScope: 'private' },
      },
      requestState: { verify: verifyState },
    },
  );
  const contextOf = (request: ServerContext): ToolContext => ({
    gateway: options.gateway,
    caller: { tenant: 'local', ...options.caller, client: clientName(server, request), ...traceOf(request) },
    signal: request.mcpReq.signal,
    ...(options.logger !== undefined && { logger: options.logger }),
    ...(options.nameRefusal && { nameRefusal: options.nameRefusal }),
  });
  for (const tool of TOOLS) registerTool(server, tool, contextOf, options);
  registerResources(server, contextOf);
  if (options.alerts) registerAlerts(server, options.alerts, options.caller?.tenant ?? 'local');
  return server;
}

type ContextOf = (request: ServerContext) => ToolContext;

function registerTool(server: McpServer, tool: Tool, contextOf: ContextOf, options: SignalboxServerOptions): void {
  const { name, title, description, annotations } = tool;
  const definition = {
    title,
    description,
    annotations,
    inputSchema: advertise(tool.inputSchema),
    outputSchema: advertise(tool.outputSchema),
  };
  const registered = server.registerTool(name, definition, async (rawArguments, request) => {
    const context = contextOf(request);
    const caller = { ...context.caller, entry: `tools/call ${name}` };
    const consent = BudgetConsent.of(server, request, [caller.tenant, name, rawArguments]);
    const call = callTool(name, rawArguments, { request, context: { ...context, caller }, options, consent });
    options.trackCall?.(call);
    return call;
  });
  // A conversation may last a day, and what was taken away meanwhile is neither listed nor called.
  Object.defineProperty(registered, 'enabled', { get: () => options.enabledTools().includes(name) });
}

type Call = {
  readonly request: ServerContext;
  readonly context: ToolContext;
  readonly options: SignalboxServerOptions;
  /** Absent for a client that cannot ask its person. */
  readonly consent: BudgetConsent | undefined;
};

async function callTool(
  name: ToolName,
  rawArguments: unknown,
  { request, context, options, consent }: Call,
): Promise<CallToolResult | InputRequiredResult> {
  const startedAtMs = performance.now();
  const progress = progressFor(request, options);
  const { signal, release } = firstOf(context.signal, options.ending);
  try {
    const onProgress = progress && { onProgress: progress.report };
    const onBudgetReached = consent && { onBudgetReached: consent.ask };
    const run = () => runTool(name, rawArguments, { ...context, signal, ...onProgress, ...onBudgetReached });
    let result = await run();
    if (result.isError && consent?.due === 'by result') return await consent.toResult();
    while (result.isError && consent?.due === 'now') {
      const waitMs = deadlineOf(rawArguments);
      const isAllowed = await consent.askNow(signal, waitMs && waitMs - (performance.now() - startedAtMs));
      if (!isAllowed) {
        if (options.ending?.aborted) result = failedTool(toGatewayError(options.ending.reason));
        break;
      }
      result = await run();
    }
    const { structured, text, isError } = withinMessage(result);
    return { content: [{ type: 'text', text }], structuredContent: structured, ...(isError && { isError }) };
  } finally {
    release();
    progress?.stop();
  }
}

/**
 * Clients on stdio end the connection at a longer message, with every other call that runs on it. Source: `ReadBuffer` of
 * the SDKs. Over HTTP a bridge such as mcp-remote may stand between.
 */
const MESSAGE_BYTES_MAX = 10 * 1_048_576;
/** What stands around a result, and what of the next message comes in the chunk in which it ends. */
const BESIDE_BYTES_MAX = 128 * 1_024;

function withinMessage(result: ToolResult): ToolResult {
  const bytes = Buffer.byteLength(JSON.stringify([result.text, result.structured])) + BESIDE_BYTES_MAX;
  if (bytes <= MESSAGE_BYTES_MAX) return result;
  const message = `The answer is too long for a message: clients take ${formatCount(MESSAGE_BYTES_MAX)} bytes.`;
  const hint = 'Ask for less at a time: max_output_tokens limits an answer, from and to a report.';
  return failedTool(new GatewayError('too_large', message, { hint }));
}

/** Milliseconds, where the caller says how long it waits. */
function deadlineOf(rawArguments: unknown): number | undefined {
  const deadlineMs = (rawArguments as JsonObject | undefined)?.deadline_ms;
  return typeof deadlineMs === 'number' ? deadlineMs : undefined;
}

/**
 * Aborts with either. Not `AbortSignal.any`: what listens to its signals is kept for as long as the
 * longest of them lives, here a session.
 */
function firstOf(signal: AbortSignal, ending: AbortSignal | undefined) {
  if (ending === undefined) return { signal, release: () => {} };
  const both = new AbortController();
  const follow = ({ reason }: AbortSignal) => both.abort(reason);
  const [onAbort, onEnd] = [() => follow(signal), () => follow(ending)];
  if (signal.aborted) onAbort();
  if (ending.aborted) onEnd();
  signal.addEventListener('abort', onAbort, { once: true });
  ending.addEventListener('abort', onEnd, { once: true });
  return { signal: both.signal, release: () => ending.removeEventListener('abort', onEnd) };
}

/** Only for a client that gave a token, and never after it cancelled. */
function progressFor({ mcpReq }: ServerContext, options: SignalboxServerOptions): ProgressReporter | undefined {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  const reporter = createProgressReporter((notice) => {
    if (mcpReq.signal.aborted) return;
    // A client that is gone cannot be told how far its call is.
    mcpReq.notify({ method: 'notifications/progress', params: { progressToken, ...notice } }).catch(() => {});
  }, options.progressIntervalMs);
  mcpReq.signal.addEventListener('abort', reporter.stop, { once: true });
  return reporter;
}

/**
 * Lists a schema without letting the SDK check against it: our own check answers with sentences,
 * and a paid answer is never thrown away for its shape.
 */
function advertise(schema: () => JsonObject): StandardSchemaWithJSON {
  const jsonSchema = () => ({ ...schema() });
  return {
    '~standard': {
      version: 1,
      vendor: 'signalbox',
      validate: (value) => ({ value }),
      jsonSchema: { input: jsonSchema, output: jsonSchema },
    },
  };
}

/** W3C trace context, where MCP carries it (SEP-414) or as the HTTP header of this very request. */
function traceOf({ mcpReq, http }: ServerContext): { readonly traceparent?: string } {
  const given = mcpReq._meta?.[TRACEPARENT_META_KEY] ?? http?.req?.headers.get('traceparent');
  return typeof given === 'string' && parseTraceparent(given) ? { traceparent: given } : {};
}

/** From the request's envelope (2026-07-28) or the handshake (older); it is shown in reports, so it is made printable. */
function clientName(server: McpServer, { mcpReq }: ServerContext): string {
  const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {};
  const claimed = envelope[CLIENT_INFO_META_KEY];
  const given = isJsonObject(claimed) ? claimed.name : server.server.getClientVersion()?.name;
  const name = typeof given === 'string' ? given : '';
  const printable = name
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .trim();
  return printable.slice(0, CLIENT_NAME_CHARACTERS_MAX) || 'unknown';
}
