import type { ProviderId } from './model.ts';
import type { NanoUsd } from './money.ts';

export const ALERT_METRICS = [
  'error_rate',
  'latency',
  'provider_down',
  'budget_share',
  'cost_per_hour',
  'cache_hit_rate',
  'queue_length',
] as const;
export type AlertMetric = (typeof ALERT_METRICS)[number];

export const ALERT_SEVERITIES = ['info', 'warning', 'critical'] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

/** What an alert watches. A value that reaches its limit is a breach. */
export type AlertCondition = {
  readonly metric: AlertMetric;
  /** Is the high side bad, or the low one? */
  readonly side: 'above' | 'below';
  /** A share from 0 to 1, milliseconds, US dollars an hour, or requests, as the metric has it. */
  readonly limit: number;
  /** How far it looks back; 0 for what is asked of this moment. */
  readonly overMs: number;
  /** With fewer requests in that time there is nothing to judge. */
  readonly requestsMin: number;
  /** Of this provider alone, or `*` for each by itself; absent: of all together. */
  readonly provider?: ProviderId | '*';
  /** Of this budget; absent: of each. */
  readonly budget?: string;
};

/** Where notices are sent. */
export type Webhook = {
  /** Often a secret itself: it is never logged, stored or shown. */
  readonly url: string;
  /** Signs what is sent; absent: unsigned. */
  readonly secret?: string;
  /** Addresses or networks (CIDR) beyond the public ones that it may lead to. */
  readonly allow: readonly string[];
};

export type AlertRule = {
  /** Tells it from every other one, also from one of this name in another process' configuration. */
  readonly id: string;
  readonly name: string;
  readonly when: AlertCondition;
  /** How long a breach must last; 0: none is too short. */
  readonly forMs: number;
  readonly severity: AlertSeverity;
  /** Is a notice a line of the log? The MCP resource and the metrics have it in any case. */
  readonly log: boolean;
  readonly webhooks: readonly Webhook[];
};

/** Who may read of an alert over MCP: everybody, only who runs Signalbox, or besides him one tenant. */
export type AlertAudience = 'all' | 'operator' | { readonly tenant: string };

/** A change that somebody is told of. */
export type AlertNotice = {
  /** The same in every copy of it: receivers can tell a repetition. */
  readonly id: string;
  readonly type: 'firing' | 'resolved';
  readonly atMs: number;
  readonly name: string;
  /** Which of several: a provider, or whom a budget is for; empty for the only one. */
  readonly key: string;
  readonly severity: AlertSeverity;
  readonly metric: AlertMetric;
  readonly limit: number;
  /** Absent when there was nothing left to judge by. */
  readonly value?: number;
  /** When it began to fire. */
  readonly sinceMs: number;
  /** One sentence for people. */
  readonly summary: string;
  readonly audience: AlertAudience;
};

/** One alert that fires, or is about to. */
export type AlertStanding = Omit<AlertNotice, 'id' | 'type' | 'atMs'> & { readonly status: 'pending' | 'firing' };

/** Alerts as anybody may ask for them, and their changes as they happen. */
export interface AlertBoard {
  /** Those that the tenant may see; the tenant `local`, which runs Signalbox, sees all. Newest notices first. */
  report(tenant: string): { readonly alerts: readonly AlertStanding[]; readonly recent: readonly AlertNotice[] };
  /** Calls back when a report may have changed; returns how to stop that. */
  onChange(listener: () => void): () => void;
}

/** A span of time that ends now. */
export type TrafficWindow = { readonly nowMs: number; readonly overMs: number };

/** Requests that ended in a span of time. */
export type TrafficFigures = {
  /** Without those that their caller cancelled. */
  readonly requests: number;
  /** Of these, the ones that failed through no fault of their caller. */
  readonly failed: number;
  /** Of those that could have come from the cache, how many did. */
  readonly cacheHits: number;
  readonly cacheable: number;
  /** Of answers that did not come from the cache; absent without one. */
  readonly latencyMsP95?: number;
};

/** Attempts at one provider that ended in a span of time. */
export type ProviderFigures = {
  readonly provider: ProviderId;
  readonly requests: number;
  /** Of these, the failures of the provider or of our key. */
  readonly failures: number;
  /** Of priced attempts. */
  readonly costNanoUsd: NanoUsd;
  /** Of the answered ones; absent without one. */
  readonly latencyMsP95?: number;
};

/**
 * What ended lately, of all callers and processes of a data folder together, for somebody who asks every few seconds. A span
 * begins up to five seconds early, and what took more than 20 minutes is not counted.
 */
export interface RecentTraffic {
  requests(window: TrafficWindow): Promise<TrafficFigures>;
  /** Of providers with any. */
  attempts(window: TrafficWindow): Promise<readonly ProviderFigures[]>;
}
