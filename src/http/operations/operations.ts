import type { ErrorCode } from '../../core/error-codes.ts';

/** Why no traffic should come here now. Coarse on purpose: who asks may be anybody. */
export type NotReadyReason = 'draining' | 'storage' | 'no_provider' | 'all_resting';

/** Of the HTTP server: requests that are not answered to their last byte, and those that wait to be let in. */
export type RequestCounts = { readonly inFlight: number; readonly waiting: number };

/** What those who run the service ask of it, and what they are told by it. */
export interface Operations {
  /** All figures in Prometheus' text format. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** Empty when traffic may come. */
  notReady(): Promise<readonly NotReadyReason[]>;
  /** A call was turned away before there was a request: a bad token, a bad field, an unknown path, a bad argument of a tool. */
  countRefusal(code: ErrorCode): void;
  /** Where requests are counted. */
  watchRequests(read: () => RequestCounts): void;
}
