/**
 * The share of strong requests at which the average request costs so much, all in nano-dollars a request. Undefined
 * where the cost of a side is unknown: then no share follows from a sum of money.
 */
export function shareOfCost(
  costMax: number,
  { cheap, strong }: { readonly cheap?: number; readonly strong?: number },
): number | undefined {
  if (cheap === undefined || strong === undefined) return undefined;
  if (strong <= costMax) return 1;
  if (cheap >= costMax) return 0;
  return (costMax - cheap) / (strong - cheap);
}
