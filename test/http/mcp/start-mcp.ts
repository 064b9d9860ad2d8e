import { onTestFinished } from 'vitest';
import type { ErrorCode } from '../../../src/core/error-codes.ts';
import { DEFAULT_TOOLS, type ToolName } from '../../../src/core/tool-names.ts';
import { startHttpServer } from '../../../src/http/http-server.ts';
import { McpEndpoint, type McpEndpointOptions } from '../../../src/http/mcp/mcp-endpoint.ts';
import type { SessionLimits } from '../../../src/http/mcp/session-limits.ts';
import { createSignalboxServer } from '../../../src/mcp/server.ts';
import { createScriptedGateway } from '../../support/scripted-gateway.ts';
import { NO_OPERATIONS, OPEN_SETTINGS, SILENT } from './services.ts';

export const TOKEN = 'token-of-anna';
export const OTHER_TOKEN = 'token-of-bert';

export type McpServerSettings = {
  readonly limits?: Partial<SessionLimits>;
  readonly nowMs?: () => number;
  readonly enabledTools?: readonly ToolName[];
  readonly progressIntervalMs?: number;
  readonly journal?: string;
  readonly bookingMs?: number;
};

/** The real HTTP server with its MCP endpoint over the scripted gateway, for two tenants. */
export async function startMcp(settings: McpServerSettings = {}) {
  const { gateway, asked, letAllGo } = createScriptedGateway(settings);
  const options: McpEndpointOptions = {
    createServer: (call) =>
      createSignalboxServer({
        gateway,
        enabledTools: () => settings.enabledTools ?? DEFAULT_TOOLS,
        version: '0.0.0-test',
        ...(settings.progressIntervalMs !== undefined && { progressIntervalMs: settings.progressIntervalMs }),
        ...call,
      }),
    logger: SILENT,
    ...(settings.limits !== undefined && { limits: settings.limits }),
    ...(settings.nowMs !== undefined && { nowMs: settings.nowMs }),
  };
  const endpoint = new McpEndpoint(options);
  const refusals: ErrorCode[] = [];
  const http = await startHttpServer({
    settings: {
      ...OPEN_SETTINGS,
      tokens: [
        { value: TOKEN, caller: { tenant: 'anna' } },
        { value: OTHER_TOKEN, caller: { tenant: 'bert' } },
      ],
    },
    services: {
      gateway,
      logger: SILENT,
      unsupportedParameters: 'reject',
      version: '0.0.0-test',
      operations: { ...NO_OPERATIONS, countRefusal: (code) => refusals.push(code) },
      mcp: endpoint,
    },
  });
  const close = async (drainMs = 0) => {
    await http.close(drainMs);
    await endpoint.close();
  };
  return { url: `${http.url}/mcp`, endpoint, asked, refusals, letAllGo, close };
}

/** As `startMcp`, closed after the test. */
export async function startMcpForTest(settings: McpServerSettings = {}) {
  const server = await startMcp(settings);
  onTestFinished(() => server.close());
  return server;
}
