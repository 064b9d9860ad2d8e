/** `450 ms`, `12 s`, `3 min`: rounded up, so that nobody comes back too early. */
export function formatWait(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)} ms`;
  if (ms < 120_000) return `${Math.ceil(ms / 1_000)} s`;
  return `${Math.ceil(ms / 60_000)} min`;
}
