const DAY_MS = 24 * 60 * 60 * 1000;

const PACIFIC = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  hourCycle: 'h23',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
});

/**
 * Until the next midnight in California, when Google's daily quotas begin anew. An hour off on the two
 * days a year when the clocks change, which a wait of this length does not mind.
 */
export function msUntilPacificMidnight(nowMs: number): number {
  const parts = PACIFIC.formatToParts(nowMs);
  const value = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const sinceMidnightMs = ((value('hour') * 60 + value('minute')) * 60 + value('second')) * 1000;
  return DAY_MS - sinceMidnightMs;
}
