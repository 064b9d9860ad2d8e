import { hash } from 'node:crypto';
import type { Webhook } from '../../core/alerts.ts';

/** Names a webhook without telling its address, which is often a secret. */
export function targetOf({ url }: Webhook): string {
  return hash('sha256', `signalbox webhook\n${url}`, 'hex').slice(0, 16);
}
