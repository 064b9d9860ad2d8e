import { Counter, Gauge, type Registry } from 'prom-client';
import type { AlertSeverity } from '../../core/alerts.ts';

/** Of one configured alert, how many fire: one of several providers or budgets each by itself. */
export type AlertCount = { readonly name: string; readonly severity: AlertSeverity; readonly firing: number };

const NOTICE_RESULTS = ['delivered', 'failed', 'given_up'] as const;

export interface AlertMetrics {
  /** A notice was sent to a webhook, or could not be. */
  recordNotice(result: (typeof NOTICE_RESULTS)[number]): void;
}

/** `read`: the state of the alerts, asked for at each scrape. */
export function createAlertMetrics(registry: Registry, read: () => readonly AlertCount[]): AlertMetrics {
  new Gauge({
    name: 'signalbox_alerts_firing',
    help: 'How many fire of each configured alert; 0 for one that is well.',
    labelNames: ['alert', 'severity'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { name, severity, firing } of read()) this.set({ alert: name, severity }, firing);
    },
  });
  const notices = new Counter({
    name: 'signalbox_alert_webhooks_total',
    help: 'Attempts to send a notice of an alert to a webhook.',
    labelNames: ['result'],
    registers: [registry],
  });
  for (const result of NOTICE_RESULTS) notices.inc({ result }, 0);
  return { recordNotice: (result) => notices.inc({ result }) };
}
