import type { AlertAudience, AlertNotice, AlertRule } from '../../core/alerts.ts';
import type { AlertEntry, AlertsState } from './alerts-state.ts';
import { recoveryOf, summaryOf } from './summary.ts';
import { targetOf } from './webhook-target.ts';

/** What a rule's metric is now, for one of those that it concerns. */
export type Reading = {
  readonly rule: AlertRule;
  /** A provider, or whom a budget is for; empty for the only one. */
  readonly key: string;
  /** Absent: there is nothing to judge. */
  readonly value?: number;
  readonly audience: AlertAudience;
};

/** One look at the rules that could be judged now. */
export type Look = {
  readonly rules: readonly AlertRule[];
  readonly readings: readonly Reading[];
  readonly nowMs: number;
};

export type Advance = {
  readonly state: AlertsState;
  /** What somebody is to be told now. */
  readonly notices: readonly AlertNotice[];
  /** Is there anything that other processes must know? */
  readonly changed: boolean;
};

/** Between two notes that somebody still looks. */
const SEEN_EVERY_MS = 60_000;
/** Nobody has looked for so long: what lasted before may have ended meanwhile. */
const UNSEEN_MS = 3 * SEEN_EVERY_MS;
/** A rule that nobody looks at any more is no longer configured anywhere. */
const FORGOTTEN_MS = 15 * 60_000;
/** To end, it has to be well by so much more than the limit asks for. */
const MARGIN = 0.1;
/** And for so long at least. */
const WELL_MS_MIN = 60_000;
/** Each return within an hour doubles that, so often at most. */
const CALM_MS = 3_600_000;
const DOUBLINGS_MAX = 4;
/** More at the same time help nobody; those that fire go first. */
const ENTRIES_MAX = 200;
const NOTICES_MAX = 20;
const OUTBOX_MAX = 200;

/** One look, on what all processes knew before. Pure: it may be repeated on what another process has written. */
export function advance(state: AlertsState, look: Look): Advance {
  const { nowMs } = look;
  const known = inherited(state, look);
  const others = new Map(known.map((entry) => [nameOf(entry.rule, entry.key), entry]));
  const entries: AlertEntry[] = [];
  const changes: (Told & { readonly reading: Reading })[] = [];
  const notices: AlertNotice[] = [];
  let outbox = state.outbox;
  for (const reading of [...look.readings, ...lostKeys(known, look)]) {
    const name = nameOf(reading.rule.id, reading.key);
    const next = step(others.get(name), reading, nowMs);
    others.delete(name);
    if (next.entry) entries.push(next.entry);
    if (next.told) changes.push({ ...next, reading });
  }
  // Of rules that this process does not have, but perhaps another.
  for (const entry of others.values()) if (nowMs - entry.seenAtMs < FORGOTTEN_MS) entries.push(entry);
  const remembered = bounded(entries);
  for (const { reading, entry, told } of changes) {
    // Of what is not remembered every look would tell anew.
    if (told.type === 'firing' && !remembered.includes(entry)) continue;
    const number = state.sequence + notices.length + 1;
    const notice = { ...told, id: `${reading.rule.id}-${number}-${nowMs}`, atMs: nowMs };
    notices.push(notice);
    const targets = reading.rule.webhooks.map(targetOf);
    // What still waits there of the same alert would come after this, and tell what is no longer so.
    const rest = outbox.filter((one) => !(targets.includes(one.target) && isOfSame(one.notice, notice)));
    outbox = [...rest, ...targets.map((target) => ({ notice, target, attempts: 0, dueAtMs: nowMs }))];
  }
  const next = {
    ...state,
    entries: remembered,
    sequence: state.sequence + notices.length,
    notices: [...notices.toReversed(), ...state.notices].slice(0, NOTICES_MAX),
    outbox: outbox.slice(-OUTBOX_MAX),
  };
  return { state: next, notices, changed: JSON.stringify(state.entries) !== JSON.stringify(next.entries) };
}

/** What fires by a rule that nobody looks at any more goes on by the one that has its name: it was changed meanwhile. */
function inherited({ entries }: AlertsState, { rules, nowMs }: Look): readonly AlertEntry[] {
  const taken = new Set(entries.map(({ rule, key }) => nameOf(rule, key)));
  return entries.map((entry) => {
    const isLeft = entry.phase === 'firing' && nowMs - entry.seenAtMs > UNSEEN_MS;
    if (!isLeft || rules.some(({ id }) => id === entry.rule)) return entry;
    const heir = rules.find(({ id, name }) => name === entry.name && !taken.has(nameOf(id, entry.key)));
    if (!heir) return entry;
    const { id, severity, when } = heir;
    // The worst so far may be of another metric.
    const { value: _worst, ...standing } = entry;
    return { ...standing, rule: id, severity, metric: when.metric, limit: when.limit };
  });
}

/**
 * In an order that is the same whoever looks. Where there are too many, every rule keeps its oldest: the users of one
 * budget crowd out neither those already told of, nor another rule.
 */
function bounded(entries: readonly AlertEntry[]): readonly AlertEntry[] {
  const counts = new Map<string, number>();
  const placed = entries
    .toSorted((left, right) => left.sinceMs - right.sinceMs)
    .map((entry) => {
      const name = nameOf(entry.phase, entry.rule);
      const place = counts.get(name) ?? 0;
      counts.set(name, place + 1);
      return { entry, place };
    })
    .sort((left, right) => RANK[left.entry.phase] - RANK[right.entry.phase] || left.place - right.place);
  const first = placed.slice(0, ENTRIES_MAX).map(({ entry }) => entry);
  return first.sort((left, right) => (nameOf(left.rule, left.key) < nameOf(right.rule, right.key) ? -1 : 1));
}

const RANK = { firing: 0, pending: 1, calm: 2 } as const satisfies Record<AlertEntry['phase'], number>;

function nameOf(rule: string, key: string): string {
  return `${rule} ${key}`;
}

function isOfSame(left: AlertNotice, right: AlertNotice): boolean {
  return left.name === right.name && left.key === right.key;
}

/** Of a rule that was looked at, those that were not found this time: a budget's user who spent nothing today. */
function lostKeys(known: readonly AlertEntry[], { rules, readings }: Look): readonly Reading[] {
  const found = new Set(readings.map(({ rule, key }) => nameOf(rule.id, key)));
  return known.flatMap(({ rule: id, key, audience }): readonly Reading[] => {
    const rule = rules.find((one) => one.id === id);
    return rule && !found.has(nameOf(id, key)) ? [{ rule, key, audience }] : [];
  });
}

type Told = { readonly entry: AlertEntry; readonly told: Omit<AlertNotice, 'id' | 'atMs'> };
/** What is known afterwards, and what somebody is to be told. */
type Step = Told | { readonly entry: AlertEntry | undefined; readonly told?: undefined };

function step(known: AlertEntry | undefined, reading: Reading, nowMs: number): Step {
  const { forMs } = reading.rule;
  const entry = known && caughtUp(known, nowMs);
  if (entry?.phase === 'firing') return stepFiring(entry, reading, nowMs);
  const calm = entry?.phase === 'calm' && nowMs - entry.sinceMs < CALM_MS ? entry : undefined;
  const firings = entry?.phase === 'pending' ? entry.firings : (calm?.firings ?? 0);
  if (!isBreach(reading)) {
    if (entry?.phase !== 'pending') return { entry: calm };
    const isRemembered = firings > 0;
    return { entry: isRemembered ? { ...entry, phase: 'calm', sinceMs: nowMs, seenAtMs: nowMs } : undefined };
  }
  const sinceMs = entry?.phase === 'pending' ? entry.sinceMs : nowMs;
  const pending = entryOf(reading, { phase: 'pending', sinceMs, firings, seenAtMs: seenAt(entry, nowMs) });
  if (nowMs - sinceMs < forMs) return { entry: pending };
  const firing = entryOf(reading, { phase: 'firing', sinceMs: nowMs, firings: firings + 1, seenAtMs: nowMs });
  return { entry: firing, told: { ...standingOf(firing), type: 'firing' } };
}

function stepFiring(entry: AlertEntry, reading: Reading, nowMs: number): Step {
  const { wellSinceMs, ...rest } = entry;
  const seenAtMs = seenAt(entry, nowMs);
  if (!isWell(reading)) return { entry: { ...rest, ...worstOf(reading, entry), seenAtMs } };
  const sinceMs = wellSinceMs ?? nowMs;
  const neededMs = Math.max(WELL_MS_MIN, reading.rule.forMs) * 2 ** Math.min(entry.firings - 1, DOUBLINGS_MAX);
  if (nowMs - sinceMs < neededMs) return { entry: { ...rest, wellSinceMs: sinceMs, seenAtMs } };
  const { value: _worst, ...standing } = standingOf(entry);
  const summary = recoveryOf(reading, nowMs - entry.sinceMs);
  const told = { ...standing, ...shown(reading), summary, type: 'resolved' } as const;
  return { entry: { ...rest, phase: 'calm', sinceMs: nowMs, seenAtMs: nowMs }, told };
}

/** What the clock did, or that nobody looked, must not look like something that lasted. */
function caughtUp(entry: AlertEntry, nowMs: number): AlertEntry {
  const isUnseen = nowMs - entry.seenAtMs > UNSEEN_MS;
  const restarts = (sinceMs: number) => isUnseen || sinceMs > nowMs;
  const seenAtMs = Math.min(entry.seenAtMs, nowMs);
  if (entry.phase === 'pending')
    return { ...entry, seenAtMs, sinceMs: restarts(entry.sinceMs) ? nowMs : entry.sinceMs };
  const { wellSinceMs } = entry;
  const sinceMs = Math.min(entry.sinceMs, nowMs);
  if (wellSinceMs === undefined) return { ...entry, seenAtMs, sinceMs };
  return { ...entry, seenAtMs, sinceMs, wellSinceMs: restarts(wellSinceMs) ? nowMs : wellSinceMs };
}

/** Not with every look, since each change is written to the disk. */
function seenAt(entry: AlertEntry | undefined, nowMs: number): number {
  return entry !== undefined && nowMs - entry.seenAtMs < SEEN_EVERY_MS ? entry.seenAtMs : nowMs;
}

function isBreach({ rule, value }: Reading): boolean {
  const { side, limit } = rule.when;
  return value !== undefined && (side === 'above' ? value >= limit : value <= limit);
}

/** Well by a margin: a value that wavers about its limit does not end an alert. Without a value there is none. */
function isWell({ rule, value }: Reading): boolean {
  const { side, limit } = rule.when;
  if (value === undefined) return true;
  if (side === 'above') return value < limit * (1 - MARGIN);
  // A rate cannot rise above 1.
  return value >= limit + Math.min(limit * MARGIN, Math.max(0, 1 - limit) / 2);
}

function entryOf(reading: Reading, more: Pick<AlertEntry, 'phase' | 'sinceMs' | 'firings' | 'seenAtMs'>): AlertEntry {
  const { rule, key, audience } = reading;
  const { id, name, severity, when } = rule;
  const facts = { rule: id, name, key, severity, metric: when.metric, limit: when.limit, audience };
  return { ...facts, summary: summaryOf(reading), ...shown(reading), ...more };
}

/** The worst so far: a value that is written anew with every look would wear the disk out. */
function worstOf(reading: Reading, entry: AlertEntry): Partial<AlertEntry> {
  const { rule, value } = reading;
  const isWorse =
    value !== undefined &&
    (entry.value === undefined || (rule.when.side === 'above' ? value > entry.value : value < entry.value));
  return isWorse ? { value, summary: summaryOf(reading) } : {};
}

function standingOf(entry: AlertEntry): Omit<AlertNotice, 'id' | 'atMs' | 'type'> {
  const { name, key, severity, metric, limit, value, sinceMs, summary, audience } = entry;
  return { name, key, severity, metric, limit, ...(value !== undefined && { value }), sinceMs, summary, audience };
}

function shown({ value }: Reading): { readonly value?: number } {
  return value === undefined ? {} : { value };
}
