/** Waits until it is so, or for so long, and tells for how many milliseconds it did. What never comes the test's own time ends. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  waitMsMax = Number.POSITIVE_INFINITY,
): Promise<number> {
  const startMs = performance.now();
  while (!(await isSo()) && performance.now() - startMs < waitMsMax) await new Promise((wake) => setTimeout(wake, 2));
  return performance.now() - startMs;
}
