/** To three digits: what is shown, and stays the same on any machine. */
export function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
