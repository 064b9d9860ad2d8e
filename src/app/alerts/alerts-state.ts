import type { AlertNotice, AlertStanding } from '../../core/alerts.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json/json.ts';

/** What all processes of a data folder know together of one alert that is not simply well. */
export type AlertEntry = Omit<AlertStanding, 'status'> & {
  readonly rule: string;
  /**
   * `calm`: over, and remembered for a while: what comes back again and again is told of less often.
   * Since when is `sinceMs`, on the wall clock.
   */
  readonly phase: 'pending' | 'firing' | 'calm';
  /** While it fires: since when it has been well again. */
  readonly wellSinceMs?: number;
  /** How often it began to fire without an hour of calm in between. */
  readonly firings: number;
  /** When somebody looked last, within a minute or so: durations are not counted over a time when nobody did. */
  readonly seenAtMs: number;
};

/** A notice on its way to a webhook. Its address is known to the configuration only. */
export type Delivery = {
  readonly notice: AlertNotice;
  /** `targetOf` the webhook. */
  readonly target: string;
  readonly attempts: number;
  /** Nobody tries before; while somebody tries, when another may take over. */
  readonly dueAtMs: number;
};

export type AlertsState = {
  readonly entries: readonly AlertEntry[];
  /** Grows with each notice. */
  readonly sequence: number;
  /** The newest first. */
  readonly notices: readonly AlertNotice[];
  readonly outbox: readonly Delivery[];
  /** When a service last said that it watches. */
  readonly serviceAtMs: number;
};

/** The name among `SharedStates`. The number changes with the form. */
export const ALERTS_STATE = 'alerts-1';

const EMPTY: AlertsState = { entries: [], sequence: 0, notices: [], outbox: [], serviceAtMs: 0 };

/** Empty for what no version of ours has written. */
export function readAlerts(stored: JsonObject | undefined): AlertsState {
  if (stored === undefined) return EMPTY;
  const { entries, sequence, notices, outbox, serviceAtMs } = stored;
  const isSound =
    isListOfObjects(entries) &&
    isListOfObjects(notices) &&
    isListOfObjects(outbox) &&
    Number.isSafeInteger(sequence) &&
    typeof serviceAtMs === 'number';
  return isSound ? (stored as unknown as AlertsState) : EMPTY;
}

export function writeAlerts(state: AlertsState): JsonObject {
  return state as unknown as JsonObject;
}

function isListOfObjects(value: JsonValue | undefined): boolean {
  return Array.isArray(value) && value.every(isJsonObject);
}
