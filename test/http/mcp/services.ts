import type { Logger } from '../../../src/core/ports.ts';
import type { HttpSettings } from '../../../src/http/http-settings.ts';
import type { Operations } from '../../../src/http/operations/operations.ts';

export const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Nobody asks for figures here. */
export const NO_OPERATIONS: Operations = {
  metrics: async () => ({ contentType: 'text/plain', text: '' }),
  notReady: async () => [],
  countRefusal: () => {},
  watchRequests: () => {},
};

export const OPEN_SETTINGS: HttpSettings = {
  host: '127.0.0.1',
  port: 0,
  tokens: 'open',
  allowedOrigins: [],
  allowedHosts: [],
  trustedProxies: [],
  bodyBytesMax: 32 * 1_048_576,
  connectionsMax: 2_000,
  requestsMax: 1_000,
  stalledReaderMs: 60_000,
};
