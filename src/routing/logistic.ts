/** The probability that a logit stands for. */
export function logistic(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
