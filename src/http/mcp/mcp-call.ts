import type { McpServer } from '@modelcontextprotocol/server';
import type { CallerInfo } from '../../core/request.ts';

/** For whom a server instance works: one request (2026-07-28) or one session (older). */
export type McpCall = {
  readonly caller: Omit<CallerInfo, 'client'>;
  readonly era: 'modern' | 'legacy';
  /** Aborts what still runs when this process is about to end. */
  readonly ending: AbortSignal;
};

/** A new instance for each call: one that serves two clients may answer one what the other asked. */
export type CreateServer = (call: McpCall) => McpServer;
