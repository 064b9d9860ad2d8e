import { toRule } from '../../../src/config/alerts/to-alerts.ts';
import type { AlertCondition, AlertRule } from '../../../src/core/alerts.ts';

/** A rule on the error rate of all requests, limit 20 %, or what it is told to be. */
export function rule(more: Partial<AlertRule> = {}, when: Partial<AlertCondition> = {}): AlertRule {
  return toRule({
    name: 'test',
    forMs: 0,
    severity: 'warning',
    log: true,
    webhooks: [],
    ...more,
    when: { metric: 'error_rate', side: 'above', limit: 0.2, overMs: 300_000, requestsMin: 10, ...when },
  });
}
