import { Counter, Gauge, type Registry } from 'prom-client';
import type { AlertSeverity } from '../../core/alerts.ts';

/** Of one configured alert, how many fire: one of several providers or budgets each by itself. */
export type AlertCount = { readonly name: string; readonly severity: AlertSeverity; readonly firing: number };

export interface AlertMetrics {
  /** Where the state of the alerts is read from at each scrape. */
  watchAlerts(read: () => readonly AlertCount[]): void;
  /** A notice was sent to a webhook, or could not be. */
  recordNotice(result: 'delivered' | 'failed' | 'given_up'): void;
}

export function createAlertMetrics(registry: Registry): AlertMetrics {
  let read: () => readonly AlertCount[] = () => [];
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
  return {
    watchAlerts(from) {
      read = from;
    },
    recordNotice: (result) => notices.inc({ result }),
  };
}
