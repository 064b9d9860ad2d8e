/** From one moment of a clock to another, in whole milliseconds: as books and answers tell it. */
export function elapsedMs(fromMs: number, toMs: number): number {
  return Math.max(0, Math.round(toMs - fromMs));
}
