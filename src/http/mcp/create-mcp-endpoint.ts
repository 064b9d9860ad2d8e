import type { Logger } from '../../core/ports.ts';
import { createSignalboxServer, type SignalboxServerOptions } from '../../mcp/server.ts';
import { McpEndpoint } from './mcp-endpoint.ts';
import type { SessionLimits } from './session-limits.ts';

export type SignalboxEndpointOptions = Pick<
  SignalboxServerOptions,
  'gateway' | 'enabledTools' | 'version' | 'progressIntervalMs'
> & {
  readonly logger: Logger;
  readonly limits?: Partial<SessionLimits>;
};

/** Signalbox' own tools and resources as an endpoint. */
export function createMcpEndpoint({ limits, ...server }: SignalboxEndpointOptions): McpEndpoint {
  return new McpEndpoint({
    createServer: (call) => createSignalboxServer({ ...server, ...call }),
    logger: server.logger,
    ...(limits !== undefined && { limits }),
  });
}
