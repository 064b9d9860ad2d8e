/** What sessions of the older era may take. */
export type SessionLimits = {
  readonly sessionsMax: number;
  readonly sessionsPerTenantMax: number;
  /** Without a request, and with none running. */
  readonly idleMs: number;
  /** From `initialize`; requests that run are finished. */
  readonly lifetimeMs: number;
  /** At the same time, in one session. */
  readonly requestsMax: number;
  /** Between two comments on a silent stream, so that nothing between us and the client ends it. */
  readonly keepAliveMs: number;
  /** How soon a client that lost its connection should come back. */
  readonly retryMs: number;
  /** Answers kept for clients that lost their connection, over all sessions. */
  readonly keptCharactersMax: number;
};

export const DEFAULT_SESSION_LIMITS: SessionLimits = {
  sessionsMax: 1_000,
  sessionsPerTenantMax: 250,
  idleMs: 30 * 60_000,
  lifetimeMs: 24 * 60 * 60_000,
  requestsMax: 100,
  keepAliveMs: 15_000,
  retryMs: 1_000,
  keptCharactersMax: 32 * 1_048_576,
};
