import type { AlertBoard } from '../../core/alerts.ts';
import type { Logger } from '../../core/ports.ts';
import { ALERTS_URI } from '../../mcp/alerts.ts';
import { createSignalboxServer, type SignalboxServerOptions } from '../../mcp/server.ts';
import type { Operations } from '../operations/operations.ts';
import { nameRefusal } from '../reply/name-refusal.ts';
import { McpEndpoint } from './mcp-endpoint.ts';

export type SignalboxEndpointOptions = Pick<
  SignalboxServerOptions,
  'gateway' | 'version' | 'progressIntervalMs' | 'enabledTools'
> & {
  readonly logger: Logger;
  readonly operations: Operations;
  readonly alerts: AlertBoard;
};

/** Of the older era there is no stream to tell anybody anything unasked. */
const UPDATES = { modern: 'elsewhere', legacy: 'never' } as const;

/** Signalbox' own tools and resources as an endpoint. */
export function createMcpEndpoint({ alerts, operations, ...server }: SignalboxEndpointOptions): McpEndpoint {
  const endpoint = new McpEndpoint({
    createServer: ({ era, ...call }) =>
      createSignalboxServer({
        ...server,
        ...call,
        nameRefusal: (error) => nameRefusal({ operations, logger: server.logger }, error),
        toldOfTools: era === 'modern',
        alerts: { board: alerts, updates: UPDATES[era] },
      }),
    logger: server.logger,
  });
  alerts.onChange(() => endpoint.notify.resourceUpdated(ALERTS_URI));
  return endpoint;
}
