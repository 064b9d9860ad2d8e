const MS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** `450 ms`, `12 s`, `3 min`, `2 h 1 min`, `3 days`: rounded up by a little, so that nobody comes back too early. */
export function formatWait(ms: number): string {
  if (ms < MS.second) return `${Math.ceil(ms)} ms`;
  if (ms < 2 * MS.minute) return `${Math.ceil(ms / MS.second)} s`;
  if (ms < 2 * MS.hour) return inUnits(ms, [MS.minute, 'min'], [MS.second, 's']);
  if (ms < 2 * MS.day) return inUnits(ms, [MS.hour, 'h'], [MS.minute, 'min']);
  return inUnits(ms, [MS.day, 'days'], [MS.hour, 'h']);
}

type Unit = readonly [lengthMs: number, name: string];

function inUnits(ms: number, [longMs, long]: Unit, [shortMs, short]: Unit): string {
  const wholeMs = Math.ceil(ms / shortMs) * shortMs;
  const rest = (wholeMs % longMs) / shortMs;
  return `${Math.floor(wholeMs / longMs)} ${long}${rest === 0 ? '' : ` ${rest} ${short}`}`;
}
