import type { AlertRule } from '../../core/alerts.ts';

const ALL = { log: true, webhooks: [] } as const;

/** Worth having everywhere, by log only. What is slow or dear is for each to say: there is no default of it. */
export const DEFAULT_ALERTS: readonly Omit<AlertRule, 'id'>[] = [
  {
    name: 'provider down',
    when: { metric: 'provider_down', side: 'above', limit: 1, overMs: 0, requestsMin: 0 },
    forMs: 60_000,
    severity: 'critical',
    ...ALL,
  },
  {
    name: 'error rate',
    when: { metric: 'error_rate', side: 'above', limit: 0.25, overMs: 300_000, requestsMin: 20 },
    forMs: 120_000,
    severity: 'warning',
    ...ALL,
  },
  {
    name: 'queue',
    when: { metric: 'queue_length', side: 'above', limit: 50, overMs: 0, requestsMin: 0 },
    forMs: 60_000,
    severity: 'warning',
    ...ALL,
  },
];
