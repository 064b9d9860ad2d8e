import type { McpServer } from '@modelcontextprotocol/server';
import type { AlertBoard, AlertNotice, AlertStanding } from '../core/alerts.ts';
import { toIso } from './rendering/format.ts';

export const ALERTS_URI = 'signalbox://alerts';

/**
 * How a client hears of changes. `always`: this server is its connection, and the SDK drops what was not asked for.
 * `subscribed`: the same, and only when it asked for it here. `elsewhere`: who made this server tells it.
 */
export type AlertUpdates = 'always' | 'subscribed' | 'elsewhere' | 'never';

export type AlertsOptions = { readonly board: AlertBoard; readonly updates: AlertUpdates };

export function canSubscribe(alerts: AlertsOptions | undefined): boolean {
  return alerts !== undefined && alerts.updates !== 'never';
}

/** Alerts as a resource that says when it changes. */
export function registerAlerts(server: McpServer, { board, updates }: AlertsOptions, tenant: string): void {
  server.registerResource(
    'alerts',
    ALERTS_URI,
    { title: 'Alerts', description: 'What fires now, and the latest notices', mimeType: 'application/json' },
    (uri) => {
      const { alerts, recent } = board.report(tenant);
      const report = { alerts: alerts.map(toStanding), recent: recent.map(toNotice) };
      return { contents: [{ uri: uri.href, mimeType: 'application/json', text: JSON.stringify(report) }] };
    },
  );
  if (updates === 'always') tellOfChanges(server, board, () => true);
  if (updates === 'subscribed') {
    const subscribed = new Set<string>();
    server.server.setRequestHandler('resources/subscribe', ({ params }) => {
      // Of others nothing will ever be told: a name that is kept would only take room.
      if (params.uri === ALERTS_URI) subscribed.add(params.uri);
      return {};
    });
    server.server.setRequestHandler('resources/unsubscribe', ({ params }) => {
      subscribed.delete(params.uri);
      return {};
    });
    tellOfChanges(server, board, () => subscribed.has(ALERTS_URI));
  }
}

/** As long as the connection lasts. */
function tellOfChanges({ server }: McpServer, board: AlertBoard, isWanted: () => boolean): void {
  const stop = board.onChange(() => {
    // A client that is gone cannot be told.
    if (isWanted()) server.sendResourceUpdated({ uri: ALERTS_URI }).catch(() => {});
  });
  const { onclose } = server;
  server.onclose = () => {
    stop();
    onclose?.();
  };
}

function toStanding({ status, ...alert }: AlertStanding): object {
  return { ...factsOf(alert), status, since: toIso(alert.sinceMs) };
}

function toNotice({ id, type, atMs, ...notice }: AlertNotice): object {
  return { id, at: toIso(atMs), status: type, ...factsOf(notice) };
}

function factsOf({ name, key, severity, metric, limit, value, summary }: Omit<AlertStanding, 'status'>): object {
  return { name, ...(key !== '' && { key }), severity, metric, limit, ...(value !== undefined && { value }), summary };
}
