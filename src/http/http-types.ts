import type { UnsupportedParameters } from '../core/parameters.ts';
import type { Logger } from '../core/ports.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { McpEndpoint } from './mcp/mcp-endpoint.ts';
import type { Operations } from './operations/operations.ts';
import type { Reply } from './reply/reply.ts';
import type { OpenRequest } from './request/open-request.ts';

/** In whose words a route answers, errors above all; `oauth` has none, and is only told so. */
export type Dialect = 'openai' | 'anthropic' | 'mcp' | 'oauth' | 'plain';

/** What every handler stands on. */
export type HttpServices = {
  readonly gateway: Gateway;
  readonly logger: Logger;
  /** What happens to parameters a model cannot honour, unless the caller says otherwise. */
  readonly unsupportedParameters: UnsupportedParameters;
  readonly version: string;
  readonly operations: Operations;
  readonly mcp: McpEndpoint;
};

/** An endpoint as data: one file each, one line in `routes.ts`. */
export type Route = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly dialect: Dialect;
  readonly access: 'token' | 'open';
  /** Throws a `GatewayError`, which is answered in the route's dialect. */
  readonly handle: (open: OpenRequest, services: HttpServices) => Promise<Reply>;
};
