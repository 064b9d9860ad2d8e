import type { Logger } from '../../core/ports.ts';
import { createSignalboxServer, type SignalboxServerOptions } from '../../mcp/server.ts';
import { McpEndpoint } from './mcp-endpoint.ts';
import type { SessionLimits } from './session-limits.ts';

export type SignalboxEndpointOptions = Pick<SignalboxServerOptions, 'gateway' | 'version' | 'progressIntervalMs'> & {
  /** Asked for each server instance: a reload of the configuration changes them. */
  readonly enabledTools: () => readonly string[];
  readonly logger: Logger;
  readonly limits?: Partial<SessionLimits>;
};

/** Signalbox' own tools and resources as an endpoint. */
export function createMcpEndpoint({ limits, ...server }: SignalboxEndpointOptions): McpEndpoint {
  return new McpEndpoint({
    createServer: (call) => createSignalboxServer({ ...server, ...call, enabledTools: server.enabledTools() }),
    logger: server.logger,
    ...(limits !== undefined && { limits }),
  });
}
